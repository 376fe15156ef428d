// The tests that a structure of command dwords gets from one call: golden bytes written by hand,
// the pieces that they stand for, and where another implementation has these pieces.

import type { Struct } from "../../src/layout/mod.ts";
import { structureTests } from "../support/structure.ts";
import { type Witness, witnessTests } from "./log/witness.ts";

/** The bytes of hexadecimal text. */
export function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (digits) => Number.parseInt(digits, 16));
}

/**
 * Registers the tests of one structure. `fields` has every piece of every word that it names; what
 * the word as a whole decodes to follows from the bytes.
 */
export function dwordTests<T extends object, I extends object>(
  structure: Struct<T, I>,
  bytes: string,
  fields: I,
  source: string,
  facts: string,
): void {
  const page = new Uint8Array(structure.size);
  page.set(hexBytes(bytes));
  structureTests(structure, {
    bytes: page,
    decoded: withWords(structure, page, fields),
    encoded: fields,
  });
  const witness: Witness = { source, facts };
  witnessTests(structure as unknown as Struct<object, unknown>, witness);
}

function withWords<T extends object, I extends object>(
  structure: Struct<T, I>,
  page: Uint8Array,
  fields: I,
): Partial<T> {
  const decoded: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const { first, last } = structure.row(name as keyof T & string);
    decoded[name] = isPieces(value)
      ? { ...value, value: word(page.subarray(first, last + 1)) }
      : value;
  }
  return decoded as Partial<T>;
}

function isPieces(value: unknown): value is object {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function word(bytes: Uint8Array): number | bigint {
  const value = bytes.reduceRight((rest, byte) => rest << 8n | BigInt(byte), 0n);
  return bytes.length <= 6 ? Number(value) : value;
}
