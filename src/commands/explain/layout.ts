// A structure's layout, for people and machines: bytes, fields, bits, codes.

import { type Block, table } from "../../cli/report.ts";
import { type Codec, type JsonObject, type Row, snakeCase } from "../../layout/mod.ts";
import { type AnyStruct, namedStructure, nestedStructure } from "../../spec/structures.ts";
import { citationJson } from "./cite.ts";
import { codesOf, partCodes } from "./codes.ts";

/** A row of any structure. */
export type AnyRow = Row<string, unknown, unknown>;

/** The codec of a row, or of its elements where it is an array: what has bits and codes. */
export function elementOf({ codec }: AnyRow): Codec<unknown> {
  return codec.parts === undefined && codec.item !== undefined ? codec.item : codec;
}

/** Bytes as the specification's figures write them: `5`, `5:4`. */
export function bytesText({ first, last }: Pick<AnyRow, "first" | "last">): string {
  return first === last ? `${first}` : `${last}:${first}`;
}

/** The type of a field: its codec's, or the name of the structure that it consists of. */
export function typeText({ codec }: AnyRow): string {
  const nested = nestedStructure(codec);
  const name = nested && namedStructure(nested)?.name;
  if (nested === undefined || name === undefined) return codec.type;
  const count = codec.size / nested.size;
  return count === 1 ? name : `${count} × ${name}`;
}

/** The whole layout, as a table with a line for every field and every bit of one. */
export function layoutBlocks(structure: AnyStruct): readonly Block[] {
  const rows = structure.rows.flatMap((row) => {
    const parts = elementOf(row).parts ?? [];
    return [
      [bytesText(row), snakeCase(row.name), typeText(row), row.label, row.since ?? ""],
      ...parts.map(({ name, label, position }) => [
        `  ${bitsText(position)}`,
        `  ${snakeCase(name)}`,
        "",
        `  ${label}`,
        "",
      ]),
    ];
  });
  return [table(["Bytes", "Field", "Type", "Meaning", "Since"], rows)];
}

/** `bit 4`, `bits 7:4`. */
export function bitsText(position: string): string {
  return `${position.includes(":") ? "bits" : "bit"} ${position}`;
}

/** The layout for a machine. */
export function layoutJson(structure: AnyStruct): JsonObject {
  return {
    title: structure.title,
    size: structure.size,
    fields: structure.rows.map((row) => rowJson(row)),
    cite: citationJson(structure.cite),
  };
}

/** One field for a machine; reserved bytes have no field. */
export function rowJson(row: AnyRow): JsonObject {
  const element = elementOf(row);
  const nested = nestedStructure(row.codec);
  return {
    first_byte: row.first,
    last_byte: row.last,
    field: row.name === "" ? null : snakeCase(row.name),
    type: typeText(row),
    label: row.label,
    since: row.since ?? null,
    structure: (nested && namedStructure(nested)?.name) ?? null,
    codes: codesJson(codesOf(element)),
    bits: (element.parts ?? []).map((part) => ({
      position: part.position,
      name: snakeCase(part.name),
      label: part.label,
      codes: codesJson(partCodes(element, part)),
    })),
  };
}

function codesJson(codes: ReadonlyMap<number, string>): readonly JsonObject[] {
  return [...codes].map(([value, text]) => ({ value, text }));
}
