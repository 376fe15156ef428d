// Explaining one field by name: every structure that has it, its bytes, each bit and code.

import { type Block, type Fact, facts, heading, table } from "../../cli/report.ts";
import { type JsonObject, type Part, snakeCase } from "../../layout/mod.ts";
import { type NamedStructure, STRUCTURES } from "../../spec/structures.ts";
import { citationFact, citationJson } from "./cite.ts";
import { codesOf, partCodes } from "./codes.ts";
import { type AnyRow, bitsText, bytesText, elementOf, rowJson, typeText } from "./layout.ts";
import type { Explanation, Kind, Subject } from "./subject.ts";

/** Where a name stands: a field, or a piece of one. */
interface Place {
  readonly named: NamedStructure;
  readonly row: AnyRow;
  readonly part?: Part<unknown>;
}

/** Fields, and the named bits of fields. */
export const FIELD_KIND: Kind = {
  name: "field",
  title: "Fields",
  selectors: ["field"],
  example: "nvmectl explain percentage_used",
  all: () => [...byKey()].map(([key, places]) => subject(key, places)),
};

/** Every field and named bit, under its JSON key. */
function byKey(): ReadonlyMap<string, readonly Place[]> {
  const places: Place[] = [];
  for (const named of STRUCTURES) {
    for (const row of named.structure.rows) {
      if (row.name === "") continue;
      places.push({ named, row });
      for (const part of elementOf(row).parts ?? []) places.push({ named, row, part });
    }
  }
  return Map.groupBy(places, ({ row, part }) => snakeCase((part ?? row).name));
}

function subject(key: string, places: readonly Place[]): Subject {
  const labels = new Set(places.map(({ row, part }) => (part ?? row).label));
  const [label = ""] = labels;
  return {
    kind: "field",
    title: `${key}: ${label}`,
    names: [key],
    labels: [...labels],
    explain: () => explain(key, places),
  };
}

function explain(key: string, places: readonly Place[]): Explanation {
  return {
    json: { name: key, places: places.map(placeJson) },
    blocks: places.flatMap((place) => placeBlocks(key, place)),
  };
}

function placeJson({ named, row, part }: Place): JsonObject {
  const { structure, name } = named;
  return {
    structure: name,
    structure_title: structure.title,
    ...(part
      ? { bits: part.position, of_field: snakeCase(row.name), label: part.label }
      : { bits: null, of_field: null, label: row.label }),
    field: rowJson(row),
    cite: citationJson(structure.cite),
  };
}

function placeBlocks(key: string, { named, row, part }: Place): readonly Block[] {
  const { structure, name } = named;
  const rows: readonly Fact[] = [
    ["Meaning", (part ?? row).label],
    ["Bytes", `${bytesText(row)} of ${structure.size}`],
    ...(part ? [["Bits", `${part.position} of ${snakeCase(row.name)}`] as const] : []),
    ["Type", part ? (part.position.includes(":") ? "bits" : "bit") : typeText(row)],
    ...(row.since ? [["Since", `revision ${row.since}`] as const] : []),
    ...(part ? [] : [["Whole layout", `nvmectl explain ${name}`] as const]),
    citationFact(structure.cite),
  ];
  return [
    heading(`${key} of ${structure.title}`),
    facts(rows),
    ...(part ? codeBlocks(partCodes(elementOf(row), part)) : meaningBlocks(row)),
  ];
}

/** What each bit and code of a field means. */
function meaningBlocks(row: AnyRow): readonly Block[] {
  const element = elementOf(row);
  const { parts = [] } = element;
  if (parts.length === 0) return codeBlocks(codesOf(element));
  const rows = parts.flatMap((part) => [
    [bitsText(part.position), snakeCase(part.name), part.label],
    ...[...partCodes(element, part)].map(([value, text]) => ["", "", `  ${hex(value)} ${text}`]),
  ]);
  return [heading("Bits"), table(["Bits", "Name", "Meaning"], rows)];
}

function codeBlocks(codes: ReadonlyMap<number, string>): readonly Block[] {
  if (codes.size === 0) return [];
  return [
    heading("Codes"),
    table(["Code", "Meaning"], [...codes].map(([value, text]) => [hex(value), text])),
  ];
}

function hex(value: number): string {
  return `${value.toString(16).toUpperCase()}h`;
}
