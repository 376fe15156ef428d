// Explaining log pages: how to ask for them, and the layout of those that are decoded.

import { type Block, type Fact, facts, heading } from "../../cli/report.ts";
import { List } from "../../layout/mod.ts";
import type { LogPage, LogScope } from "../../spec/log/log_page.ts";
import { formatLid, type LogPageInfo, logPageInfo } from "../../spec/log/names.ts";
import { findLogPage } from "../../spec/log/registry.ts";
import type { AnyStruct } from "../../spec/structures.ts";
import { citationFact, citationJson } from "./cite.ts";
import { layoutBlocks, layoutJson } from "./layout.ts";
import { type Explanation, type Kind, parseByte, type Subject } from "./subject.ts";

const SCOPE_TEXT: Readonly<Record<LogScope, string>> = {
  controller: "the controller",
  namespace: "one namespace",
  either: "the controller, or one namespace",
};

/** Log pages. */
export const LOG_KIND: Kind = {
  name: "log-page",
  title: "Log pages",
  selectors: ["log", "log-page"],
  example: "nvmectl explain log smart",
  all: () =>
    Array.from({ length: 256 }, (_, lid) => logPageInfo(lid))
      .filter(({ name }) => name !== undefined)
      .map(subject),
  numbered(text, asked) {
    const lid = parseByte(text);
    if (lid === undefined) return [];
    const info = logPageInfo(lid);
    return info.name !== undefined || asked ? [subject(info)] : [];
  },
};

function subject(info: LogPageInfo): Subject {
  const page = findLogPage(info.lid);
  const structure = page && layoutOf(page);
  return {
    kind: "log-page",
    title: `${info.name ?? "log page"}: ${info.title} (${formatLid(info.lid)})`,
    names: [info.title, ...(info.name ? [info.name] : []), ...page?.aliases ?? []],
    ...(structure ? { structure } : {}),
    explain: () => explain(info, page),
  };
}

function layoutOf({ structure }: LogPage): AnyStruct {
  return structure instanceof List ? structure.entry : structure;
}

function explain(info: LogPageInfo, page: LogPage | undefined): Explanation {
  const { lid, name, title, cite, byCommandSet } = info;
  const rows: readonly Fact[] = [
    ["Read with", `nvmectl log ${page?.name ?? `0x${lid.toString(16).padStart(2, "0")}`}`],
    ...(page?.aliases?.length ? [["Also called", page.aliases.join(", ")] as const] : []),
    ...(page ? [["About", SCOPE_TEXT[page.scope]] as const] : []),
    ...(page?.since ? [["Since", `revision ${page.since}`] as const] : []),
    ...(byCommandSet ? [["Contents", "depend on the I/O command set asked about"] as const] : []),
    citationFact(page?.cite ?? cite),
  ];
  return {
    json: {
      lid,
      name: name ?? null,
      aliases: page?.aliases ?? [],
      title,
      scope: page?.scope ?? null,
      since: page?.since ?? null,
      by_command_set: byCommandSet,
      repeated: page?.structure instanceof List,
      layout: page ? layoutJson(layoutOf(page)) : null,
      cite: citationJson(page?.cite ?? cite),
    },
    blocks: [
      heading(`Log page ${formatLid(lid)}: ${title}`),
      facts(rows),
    ],
    ...(page ? { layout: pageLayout(page) } : {}),
  };
}

function pageLayout(page: LogPage): readonly Block[] {
  const structure = layoutOf(page);
  const title = page.structure instanceof List
    ? `Layout of one entry, ${structure.size} bytes, back to back`
    : `Layout, ${structure.size} bytes`;
  return [heading(title), ...layoutBlocks(structure)];
}
