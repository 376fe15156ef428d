// What a person reads of a structure, by field.

import type { Struct } from "../../../src/layout/mod.ts";

/** The one-line texts of a page, by field. */
export function texts<T extends object>(
  structure: Struct<T, unknown>,
  bytes: Uint8Array,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    structure.fields(structure.decode(bytes)).map(({ row, text }) => [row.name, text]),
  );
}
