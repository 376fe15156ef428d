// The contract of what Identify returns: how to read the bytes, how to show the value.

import type { JsonObject, Struct } from "../../layout/mod.ts";
import type { Table } from "../log/log_page.ts";

/** An Identify data structure. `T` is what its bytes decode to. */
export interface IdentifyTarget<T = unknown> {
  readonly title: string;
  readonly cite: string;
  /** The layout, for explaining it; of a list with entries of varying length, of one entry. */
  readonly structure: Struct<object, unknown>;
  /** The value. Throws TruncatedError for bytes shorter than a structure of fixed size. */
  decode(bytes: Uint8Array): T;
  /** The value for a machine; entries that are not used are left out. */
  json(value: T): JsonObject;
  /** The value as rows, for lists; other structures show their fields. */
  table?(value: T): Table;
}

/** How a list shows itself. */
interface ListView<T, E> {
  /** The entries in use. */
  entries(value: T): readonly E[];
  json(value: T): JsonObject;
  readonly columns: readonly string[];
  row(entry: E): readonly string[];
}

/** The target of a structure that is its fields. */
export function structureTarget<T extends object, I>(structure: Struct<T, I>): IdentifyTarget<T> {
  return {
    title: structure.title,
    cite: structure.cite,
    structure: structure as unknown as Struct<object, unknown>,
    decode: (bytes) => structure.decode(bytes),
    json: (value) => structure.json(value),
  };
}

/** The target of a structure that is a list at heart. */
export function listTarget<T extends object, I, E>(
  structure: Struct<T, I>,
  { entries, json, columns, row }: ListView<T, E>,
): IdentifyTarget<T> {
  return {
    ...structureTarget(structure),
    json,
    table: (value) => ({ columns, rows: entries(value).map(row) }),
  };
}
