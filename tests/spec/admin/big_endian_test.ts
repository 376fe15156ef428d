// Integers with the upper byte first.

import { assertEquals, assertThrows } from "@std/assert";
import { u16be, u32be, u64be } from "../../../src/spec/admin/big_endian.ts";

Deno.test("big-endian integers are read with the upper byte first, at any offset", () => {
  const view = new DataView(Uint8Array.of(0xff, 1, 2, 3, 4, 5, 6, 7, 8).buffer, 0);
  assertEquals(u16be.get(view, 1), 0x0102);
  assertEquals(u32be.get(view, 1), 0x0102_0304);
  assertEquals(u64be.get(view, 1), 0x0102_0304_0506_0708n);
  const behind = new DataView(view.buffer, 1);
  assertEquals(u16be.get(behind, 0), 0x0102);
});

Deno.test("big-endian integers are written in place, and nothing beside them", () => {
  const bytes = new Uint8Array(10).fill(0xa5);
  u64be.put(new DataView(bytes.buffer, 1), 0, 0x0102_0304_0506_0708n);
  assertEquals(bytes, Uint8Array.of(0xa5, 1, 2, 3, 4, 5, 6, 7, 8, 0xa5));
  u16be.put(new DataView(bytes.buffer), 8, 0x1234);
  assertEquals([...bytes.subarray(7)], [7, 0x12, 0x34]);
});

Deno.test("big-endian integers refuse what does not fit", () => {
  const view = new DataView(new ArrayBuffer(8));
  assertThrows(() => u16be.put(view, 0, 0x1_0000), RangeError);
  assertThrows(() => u32be.put(view, 0, -1), RangeError);
});
