// Codes are found by asking the codecs: what is a code, and what only looks like one.

import { assertEquals } from "@std/assert";
import { codesOf, partCodes } from "../../../src/commands/explain/codes.ts";
import { bit, bits, coded, percent, range, u16, u8 } from "../../../src/layout/mod.ts";
import type { Codec } from "../../../src/layout/mod.ts";
import { statusWord } from "../../../src/spec/completion.ts";

const WORD = bits(u16, {
  flag: bit(0, "flag"),
  open: range(3, 1, "open", { names: { 0: "zero", 2: "two" } }),
  complete: range(5, 4, "complete", { names: { 0: "a", 1: "b", 2: "c", 3: "d" } }),
  numeric: range(7, 6, "named with its number", { names: { 1: "mode 1", 2: "mode 2" } }),
  count: range(9, 8, "count"),
  share: range(15, 10, "share", { unit: percent }),
}) as Codec<unknown>;

function codes(name: string): readonly [number, string][] {
  const part = WORD.parts?.find((one) => one.name === name);
  return part ? [...partCodes(WORD, part)] : [];
}

Deno.test("partCodes() finds the names of codes, wherever they stand in the word", () => {
  assertEquals(codes("open"), [[0, "zero"], [2, "two"]]);
  assertEquals(codes("complete"), [[0, "a"], [1, "b"], [2, "c"], [3, "d"]]);
  assertEquals(codes("numeric"), [[1, "mode 1"], [2, "mode 2"]]);
});

Deno.test("partCodes() finds none in a flag, a count or a quantity", () => {
  assertEquals([codes("flag"), codes("count"), codes("share")], [[], [], []]);
  const parts = statusWord.parts ?? [];
  for (const part of parts) {
    assertEquals(partCodes(statusWord as Codec<unknown>, part as never).size, 0, part.name);
  }
});

Deno.test("codesOf() finds the names of a whole field's codes, and no repeated numbers", () => {
  const names = { 1: "one", 7: "vendor specific (0x07)" };
  assertEquals([...codesOf(coded(u8, names) as Codec<unknown>)], [[1, "one"]]);
  assertEquals(codesOf(u8 as Codec<unknown>).size, 0);
});
