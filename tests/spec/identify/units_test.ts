// The units of Identify.

import { assertEquals } from "@std/assert";
import {
  blocksOf,
  commandExponent,
  days,
  fourKibExponent,
  hundredMilliseconds,
  hundredNanoseconds,
  logicalBlocks,
  minimumPages,
} from "../../../src/spec/identify/units.ts";

Deno.test("blocksOf() shows the total, and gives machines bytes", () => {
  const unit = blocksOf(4096);
  assertEquals(unit.text(1), "4 KiB");
  assertEquals(unit.text(16), "64 KiB (16 × 4 KiB)");
  assertEquals(unit.siblings?.("hmpre", 16), { hmpre_bytes: 65_536 });
  assertEquals(blocksOf(2 ** 30).siblings?.("x", 2n ** 32n), {
    x_bytes: 2 ** 62,
    x_bytes_s: "4611686018427387904",
  });
});

Deno.test("minimumPages shows what it comes to for the usual page, within reason", () => {
  assertEquals(minimumPages.text(0), "1 × the minimum page size (4 KiB for 4 KiB pages)");
  assertEquals(minimumPages.text(5), "32 × the minimum page size (128 KiB for 4 KiB pages)");
  assertEquals(minimumPages.text(255), "2^255 × the minimum page size");
});

Deno.test("exponents show numbers where numbers can be read", () => {
  assertEquals(commandExponent.text(0), "1 command");
  assertEquals(commandExponent.text(3), "8 commands (2^3)");
  assertEquals(commandExponent.text(255), "2^255 commands");
  assertEquals(fourKibExponent.text(8), "1 MiB (2^8 × 4 KiB)");
  assertEquals(fourKibExponent.text(200), "2^200 × 4 KiB");
});

Deno.test("times in odd units are shown in usual ones", () => {
  assertEquals(hundredMilliseconds.text(3), "300 ms (3 × 100 ms)");
  assertEquals(hundredMilliseconds.siblings?.("kas", 3), { kas_ms: 300 });
  assertEquals(hundredNanoseconds.text(805), "80.5 µs");
  assertEquals(hundredNanoseconds.siblings?.("r4krt", 805), { r4krt_ns: 80_500 });
});

Deno.test("one is singular", () => {
  assertEquals([days.text(1), days.text(2)], ["1 day", "2 days"]);
  assertEquals([logicalBlocks.text(1n), logicalBlocks.text(1024)], ["1 block", "1,024 blocks"]);
});
