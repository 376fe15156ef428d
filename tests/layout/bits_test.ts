// Bit fields: slices, unnamed bits, and definitions that cannot be right.

import { assertEquals, assertThrows } from "@std/assert";
import { at, bit, bits, range, struct, u16, u32, u64 } from "../../src/layout/mod.ts";

const Word = struct("Word", 4, "", [
  at(
    0,
    3,
    "word",
    bits(u32, { low: bit(0, "low"), high: bit(31, "high"), mid: range(30, 4, "mid") }),
    "Word",
  ),
]);

Deno.test("bits() reads the top bit of a 32-bit word as true, not as a negative number", () => {
  const { word } = Word.decode(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  assertEquals(word, { value: 0xffffffff, low: true, high: true, mid: 0x7ffffff });
});

Deno.test("bits() slices a 64-bit word across the middle", () => {
  const Wide = struct("Wide", 8, "", [
    at(0, 7, "cap", bits(u64, { mid: range(35, 28, "mid"), top: bit(63, "top") }), "Cap"),
  ]);
  const bytes = Wide.encode({ cap: { mid: 0xa5, top: true } });
  assertEquals(Wide.decode(bytes).cap, { value: 0x8000000a50000000n, mid: 0xa5, top: true });
});

Deno.test("bits() keeps bits that have no name", () => {
  const bytes = Uint8Array.of(0x0e, 0, 0, 0);
  assertEquals(Word.encode(Word.decode(bytes)), bytes);
  assertEquals(Word.fields(Word.decode(bytes))[0]?.text, "reserved bits 0xe");
});

Deno.test("bits() writes a plain word as it is", () => {
  assertEquals(Word.decode(Word.encode({ word: 0x80000001 })).word.high, true);
});

Deno.test("bits() refuses pieces that overlap, leave the word, or are too wide to write", () => {
  assertThrows(() => bits(u16, { a: bit(3, ""), b: range(5, 3, "") }), RangeError, "overlaps");
  assertThrows(() => bits(u16, { a: bit(16, "") }), RangeError, "16-bit word");
  assertThrows(() => Word.encode({ word: { mid: 2 ** 27 } }), RangeError, "does not fit 30:4");
});

Deno.test("pieces and the whole word go together, and neither may be out of its range", () => {
  for (const [word, value] of [[u16, 0x8000], [u32, 0x8000_0000]] as const) {
    const codec = bits(word, { low: bit(0, "low"), mid: range(4, 1, "mid") });
    const view = new DataView(new ArrayBuffer(word.size));
    codec.put(view, 0, { value, low: true, mid: 0xa });
    assertEquals(word.get(view, 0), value + 0x15);
    codec.put(view, 0, { value: value + 0x1f, low: false });
    assertEquals(word.get(view, 0), value + 0x1e);
    assertThrows(() => codec.put(view, 0, { value: 2 * value, low: true }), RangeError);
    assertThrows(() => codec.put(view, 0, { value: -1, low: true }), RangeError);
    assertThrows(() => codec.put(view, 0, { mid: 16 }), RangeError, "does not fit 4:1");
    assertThrows(() => codec.put(view, 0, { mid: 1.5 }), RangeError);
  }
});
