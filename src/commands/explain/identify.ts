// Explaining what Identify returns, by its CNS value or its name.

import { type Block, type Fact, facts, heading } from "../../cli/report.ts";
import { CNS_VALUES, type CnsInfo, type CnsScope } from "../../spec/identify/cns.ts";
import { COMMAND_SET_NAMES } from "../../spec/identify/command_sets.ts";
import { citationFact, citationJson } from "./cite.ts";
import { layoutBlocks, layoutJson } from "./layout.ts";
import { type Explanation, type Kind, parseByte, type Subject } from "./subject.ts";

/** What Identify returns. */
export const IDENTIFY_KIND: Kind = {
  name: "identify",
  title: "What Identify returns",
  selectors: ["identify", "cns"],
  example: "nvmectl explain identify-controller",
  all: () => CNS_VALUES.map(subject),
  // Nobody who types a number alone means a CNS value.
  numbered(text, asked) {
    const cns = parseByte(text);
    return asked ? CNS_VALUES.filter((info) => info.cns === cns).map(subject) : [];
  },
};

function subject(info: CnsInfo): Subject {
  const { cns, name, title, targets } = info;
  const [target] = Object.values(targets);
  return {
    kind: "identify",
    title: `identify-${name}: ${title} (CNS ${formatCns(cns)})`,
    names: [`identify-${name}`, title, name],
    ...(target ? { structure: target.structure } : {}),
    explain: () => explain(info),
  };
}

function formatCns(cns: number): string {
  return `${cns.toString(16).toUpperCase().padStart(2, "0")}h`;
}

function explain(info: CnsInfo): Explanation {
  const { cns, name, title, cite, since, scope, targets } = info;
  const needs = needsOf(scope);
  const rows: readonly Fact[] = [
    ["Asked for by", "Identify (admin 06h)"],
    ["Needs", needs.length === 0 ? "nothing beside CNS" : needs.join("; ")],
    ["Since", `revision ${since}`],
    citationFact(cite),
  ];
  // The same structure for every command set is shown once.
  const layouts = new Map(
    Object.entries(targets).map(([csi, { structure }]) => [structure, Number(csi)]),
  );
  const layout: Block[] = [];
  for (const [structure, csi] of layouts) {
    const set = scope.csi && layouts.size > 1 ? ` for ${COMMAND_SET_NAMES[csi] ?? csi}` : "";
    layout.push(
      heading(`Layout${set}: ${structure.title}, ${structure.size} bytes`),
      ...layoutBlocks(structure),
    );
  }
  return {
    json: {
      cns,
      name: `identify-${name}`,
      title,
      since,
      needs,
      layouts: [...layouts.keys()].map(layoutJson),
      cite: citationJson(cite),
    },
    blocks: [heading(`Identify CNS ${formatCns(cns)}: ${title}`), facts(rows)],
    layout,
  };
}

/** What the command must be told, in words. */
function needsOf({ nsid, cntid, cnssid, csi, uuidIndex }: CnsScope): readonly string[] {
  return [
    ...(nsid === undefined
      ? []
      : [nsid === "namespace" ? "NSID, the namespace" : "NSID, after which the list begins"]),
    ...(cntid === undefined
      ? []
      : [cntid === "controller" ? "CNTID, the controller" : "CNTID, from which the list begins"]),
    ...(cnssid === undefined ? [] : [`CNSSID, the ${cnssid}`]),
    ...(csi ? ["CSI, the command set"] : []),
    ...(uuidIndex ? ["a UUID index, for the vendor specific part"] : []),
  ];
}
