// Explaining structures by name: queue entries, entries of lists, whatever else has a layout.

import { type Block, facts, heading } from "../../cli/report.ts";
import { type NamedStructure, STRUCTURES } from "../../spec/structures.ts";
import { citationFact } from "./cite.ts";
import { layoutBlocks, layoutJson } from "./layout.ts";
import type { Explanation, Kind, Subject } from "./subject.ts";

/** Structures. */
export const STRUCTURE_KIND: Kind = {
  name: "structure",
  title: "Structures",
  selectors: ["structure", "structures", "struct"],
  example: "nvmectl explain power-state",
  all: () => STRUCTURES.map(subject),
};

function subject(named: NamedStructure): Subject {
  const { name, aliases, structure } = named;
  return {
    kind: "structure",
    title: name === structure.title.toLowerCase() ? name : `${name}: ${structure.title}`,
    names: [name, structure.title, ...aliases],
    structure,
    explain: () => explain(named),
  };
}

function explain({ name, aliases, structure, repeated }: NamedStructure): Explanation {
  const size = `${structure.size} bytes${repeated ? " each, back to back" : ""}`;
  const blocks: readonly Block[] = [
    heading(structure.title),
    facts([["Size", size], citationFact(structure.cite)]),
  ];
  return {
    json: { name, aliases, repeated, layout: layoutJson(structure) },
    blocks,
    layout: [heading("Layout"), ...layoutBlocks(structure)],
  };
}
