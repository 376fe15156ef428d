// Tests of bytes kept as text.

import { assertEquals } from "@std/assert";
import { storeBytes, storedBytes } from "../../../src/drive/model/stored_bytes.ts";

Deno.test("storedBytes() gives back what storeBytes() took, however long", () => {
  for (const length of [0, 1, 2, 255, 40_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at * 7);
    assertEquals(storedBytes(storeBytes(bytes)), bytes);
  }
});
