// Tests of sizes as people type them.

import { assertEquals, assertThrows } from "@std/assert";
import { parseSize } from "../../../src/commands/drive/size.ts";
import { UsageError } from "../../../src/errors.ts";

Deno.test("parseSize() takes powers of 1000 and of 1024, and plain bytes", () => {
  const sizes: Readonly<Record<string, number>> = {
    "512": 512,
    "512B": 512,
    "4k": 4096,
    "4KiB": 4096,
    "4kB": 4000,
    "960GB": 960e9,
    "1TiB": 2 ** 40,
    "1.5T": 1.5 * 2 ** 40,
    "2 GiB": 2 ** 31,
    "1PB": 1e15,
  };
  for (const [typed, bytes] of Object.entries(sizes)) assertEquals(parseSize(typed, "size"), bytes);
});

Deno.test("parseSize() refuses what is no size, naming the option", () => {
  for (const typed of ["", "x", "-1", "0", "1.3", "1iB", "1EB", "99999PiB", "1TiB2"]) {
    assertThrows(() => parseSize(typed, "size"), UsageError, "--size");
  }
});
