// Words of bits as integers.

import { assertEquals, assertThrows } from "@std/assert";
import { at, bit, range, struct, u32, u64 } from "../../src/layout/mod.ts";
import {
  bits32,
  bits64,
  composeDwords,
  decodeWords,
  encodeWords,
  parseDwords,
} from "../../src/spec/words.ts";

const SMALL = bits32({ low: range(3, 0, "low"), top: bit(31, "top") });
const LARGE = bits64({ low: range(3, 0, "low"), top: bit(63, "top") });
const Pair = struct("Pair", 12, "[BASE-2.1 §4.1]", [
  at(0, 3, "first", SMALL, "First"),
  at(4, 11, "second", u64, "Second"),
]);

Deno.test("bits32() reads and writes an integer with bit 31 set", () => {
  assertEquals(SMALL.parse(0x8000_0005), { value: 0x8000_0005, low: 5, top: true });
  assertEquals(SMALL.compose({ low: 5, top: true }), 0x8000_0005);
});

Deno.test("bits32() takes a negative integer for the word of the same bits", () => {
  assertEquals(SMALL.parse(-1).value, 0xffff_ffff);
});

Deno.test("bits32() refuses a piece that is too wide for its bits", () => {
  assertThrows(() => SMALL.compose({ low: 16 }), RangeError, '"low"');
});

Deno.test("bits64() reads and writes a bigint with bit 63 set", () => {
  assertEquals(LARGE.parse(0x8000_0000_0000_0005n).low, 5);
  assertEquals(LARGE.compose({ low: 5, top: true }), 0x8000_0000_0000_0005n);
});

Deno.test("bits32() parses into values of their own", () => {
  const first = SMALL.parse(1);
  SMALL.parse(2);
  assertEquals(first.low, 1);
});

Deno.test("decodeWords() puts the lower half of a 64-bit field first", () => {
  assertEquals(decodeWords(Pair, [1, 2, 3]).second, 0x3_0000_0002n);
  assertEquals(encodeWords(Pair, { first: { low: 1 }, second: 0x3_0000_0002n }), [1, 2, 3]);
});

Deno.test("decodeWords() takes missing words for zero", () => {
  assertEquals(decodeWords(Pair, [1]).second, 0n);
});

Deno.test("parseDwords() and composeDwords() begin with the dword that they are told", () => {
  const Word = struct("Word", 4, "[BASE-2.1 §4.1]", [at(0, 3, "cdw11", u32, "Dword 11")]);
  assertEquals(parseDwords(Word, { cdw10: 1, cdw11: 2 }, 11).cdw11, 2);
  assertEquals(composeDwords(Word, { cdw11: 2 }, 11), {
    cdw10: 0,
    cdw11: 2,
    cdw12: 0,
    cdw13: 0,
    cdw14: 0,
    cdw15: 0,
  });
  assertEquals(parseDwords(Pair, { cdw10: 1, cdw11: 2, cdw12: 3 }).second, 0x3_0000_0002n);
  assertEquals(composeDwords(Pair, { second: 0x3_0000_0002n }).cdw12, 3);
});
