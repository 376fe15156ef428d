// Arrays cut from larger ones never overlap.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Slab } from "../../src/layout/slab.ts";

Deno.test("Slab.take() gives zeros that no other array shares", () => {
  const slab = new Slab(256);
  const taken = Array.from({ length: 40 }, (_, at) => {
    const bytes = slab.take(at % 30);
    assertEquals(bytes, new Uint8Array(at % 30));
    return bytes.fill(at + 1);
  });
  taken.forEach((bytes, at) => assertEquals(bytes, new Uint8Array(at % 30).fill(at + 1)));
});

Deno.test("Slab.take() shares memory among small arrays and none with large ones", () => {
  const slab = new Slab(256);
  const [one, other, large] = [slab.take(32), slab.take(32), slab.take(33)];
  assertStrictEquals(one.buffer, other.buffer);
  assert(one.buffer !== large.buffer);
  assertEquals(large.buffer.byteLength, 33);
});
