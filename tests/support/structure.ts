// The tests that every structure gets from one line: golden bytes both ways, all-ones, short input,
// and reserved bytes left zero.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Struct, TruncatedError } from "../../src/layout/mod.ts";

/** A golden page: what the value is, and the bytes that a drive sends for it. */
export interface Golden<T, I> {
  /** The page's bytes; where shorter than the structure, the rest is zero. */
  readonly bytes: Uint8Array;
  /** Fields that the bytes decode to; those not named here are not compared. */
  readonly decoded: Partial<T>;
  /** What encodes to exactly the bytes. */
  readonly encoded: I;
}

/** Registers the tests of one structure. */
export function structureTests<T extends object, I>(
  structure: Struct<T, I>,
  golden: Golden<T, I>,
): void {
  const { title, size } = structure;
  const page = new Uint8Array(size);
  page.set(golden.bytes);

  Deno.test(`${title} decodes its golden bytes`, () => {
    const value = structure.decode(page) as Record<string, unknown>;
    for (const [name, expected] of Object.entries(golden.decoded)) {
      assertEquals(value[name], expected, `${title}.${name}`);
    }
  });

  Deno.test(`${title} encodes its golden bytes`, () => {
    assertEquals(structure.encode(golden.encoded), page);
  });

  Deno.test(`${title} keeps every field of an all-ones page`, () => {
    const ones = new Uint8Array(size).fill(0xff);
    const value = structure.decode(ones);
    const again = structure.encode(value as unknown as I);
    assertEquals(structure.decode(again), value);
    for (const row of structure.rows) {
      const expected = row.name === "" ? 0x00 : 0xff;
      const part = again.subarray(row.first, row.last + 1);
      assert(
        row.codec.type.includes("structure") || part.every((byte) => byte === expected),
        `${title}.${row.name || "reserved"} at byte ${row.first}`,
      );
    }
    structure.text(value);
    JSON.stringify(structure.json(value));
  });

  Deno.test(`${title} refuses bytes that are one short`, () => {
    assertThrows(() => structure.decode(new Uint8Array(size - 1)), TruncatedError);
  });

  Deno.test(`${title} zeroes a dirty buffer before it writes`, () => {
    const dirty = new Uint8Array(size).fill(0xa5);
    structure.put(new DataView(dirty.buffer), 0, golden.encoded);
    assertEquals(dirty, page);
  });
}
