// Tests of merging recorded bytes with what the model says.

import { assertEquals } from "@std/assert";
import { merge, type Part } from "../../../src/drive/recorded/merge.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function merged(
  [recorded, before, now]: readonly [Uint8Array, Uint8Array, Uint8Array],
  ...parts: Part[]
): readonly number[] {
  return [...merge({ recorded, before, now }, parts)];
}

Deno.test("nothing has changed: all of it is as recorded", () => {
  assertEquals(merged([bytes(9, 8, 7), bytes(1, 2, 3), bytes(1, 2, 3)]), [9, 8, 7]);
});

Deno.test("a field that changed is the model's as a whole, the others stay", () => {
  const fields: readonly Part[] = [
    { kind: "field", first: 0, length: 2 },
    { kind: "field", first: 2, length: 2 },
  ];
  const versions = [bytes(9, 8, 7, 6), bytes(1, 2, 3, 4), bytes(1, 5, 3, 4)] as const;
  assertEquals(merged(versions, ...fields), [1, 5, 7, 6]);
});

Deno.test("bits change one by one", () => {
  const part: Part = { kind: "bits", first: 0, length: 1 };
  assertEquals(merged([bytes(0b1000), bytes(0b0001), bytes(0b0110)], part), [0b1110]);
});

Deno.test("a counter goes on from what was recorded, over its bytes and up to its end", () => {
  const part: Part = { kind: "counter", first: 0, length: 2 };
  assertEquals(merged([bytes(0xff, 0), bytes(3, 0), bytes(5, 0)], part), [0x01, 0x01]);
  assertEquals(merged([bytes(0xff, 0xff), bytes(3, 0), bytes(5, 0)], part), [0xff, 0xff]);
  assertEquals(merged([bytes(1, 0), bytes(9, 0), bytes(5, 0)], part), [0, 0]);
});

Deno.test("entries of a list keep their recorded bytes where they move to", () => {
  const part: Part = { kind: "list", first: 0, length: 100, entry: 2 };
  const versions = [bytes(7, 7, 8, 8, 0, 0), bytes(1, 0, 2, 0, 0, 0), bytes(5, 0, 1, 0, 2, 0)];
  const [recorded = bytes(), before = bytes(), now = bytes()] = versions;
  assertEquals(merged([recorded, before, now], part), [5, 0, 7, 7, 8, 8]);
});

Deno.test("what is the model's or the recording's alone does not look at the other", () => {
  const versions = [bytes(9, 9), bytes(1, 1), bytes(2, 2)] as const;
  assertEquals(merged(versions, { kind: "model", first: 0, length: 2 }), [2, 2]);
  assertEquals(merged(versions, { kind: "recorded", first: 0, length: 2 }), [9, 9]);
});

Deno.test("an answer grows with the model's, unless its last part says whose length it is", () => {
  const grown = [bytes(9, 9), bytes(1, 1), bytes(1, 1, 4, 4)] as const;
  assertEquals(merged(grown, { kind: "field", first: 0, length: 2 }), [9, 9, 4, 4]);
  assertEquals(merged(grown, { kind: "recorded", first: 0, length: 99 }), [9, 9]);
  const short = [bytes(9, 9, 9), bytes(1), bytes(1)] as const;
  assertEquals(merged(short), [9, 9, 9]);
  assertEquals(merged(short, { kind: "model", first: 0, length: 99 }), [1]);
});
