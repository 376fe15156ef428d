// Every structure that this program decodes, under the names by which people ask for it.

import { List, Struct } from "../layout/mod.ts";
import { ADMIN_STRUCTURES } from "./admin/structures.ts";
import { SubmissionEntry } from "./command.ts";
import { CompletionEntry } from "./completion.ts";
import { FABRICS_STRUCTURES } from "./fabrics/structures.ts";
import { FEATURE_STRUCTURES } from "./feature/structures.ts";
import { CNS_VALUES } from "./identify/cns.ts";
import { LbaStatusDescriptor, LbaStatusList } from "./lba_status.ts";
import { GetLogPageDwords } from "./log/get_log_page.ts";
import { LOG_PAGES } from "./log/registry.ts";
import { IO_STRUCTURES } from "./nvm/structures.ts";
import { REGISTER_LIST } from "./registers.ts";
import { ERROR_INJECTION_STRUCTURES } from "./vendor/ocp_error_injection.ts";

/** Any structure, whatever it decodes to. */
export type AnyStruct = Struct<object, unknown>;

/** A structure with its names. */
export interface NamedStructure {
  /** Words joined by dashes, unique. */
  readonly name: string;
  /** What else it is called. */
  readonly aliases: readonly string[];
  readonly structure: AnyStruct;
  /** Whether the drive sends any number of them, back to back. */
  readonly repeated: boolean;
}

/** Names that no title gives away. */
const ALIASES: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  [SubmissionEntry, ["sqe", "command", "submission-entry"]],
  [CompletionEntry, ["cqe", "completion", "completion-entry"]],
  [GetLogPageDwords, ["get-log-page"]],
  [LbaStatusList, ["get-lba-status"]],
]);

/** What people call entries that are part of another structure. */
const TITLE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  "Power State Descriptor": ["power-state", "psd"],
  "Self-test Result": ["self-test-entry", "self-test-result-entry"],
  "Error Information entry": ["error-entry", "error-log-entry"],
};

/** What commands are told in their dwords and data, and what they answer. */
const COMMAND_STRUCTURES: readonly unknown[] = [
  ...ADMIN_STRUCTURES,
  ...FEATURE_STRUCTURES,
  ...IO_STRUCTURES,
  ...FABRICS_STRUCTURES,
  ...ERROR_INJECTION_STRUCTURES,
];

/**
 * Every structure: entries of queues, log pages, Identify, registers, what commands are told and
 * answer, and what these consist of.
 */
export const STRUCTURES: readonly NamedStructure[] = collect();

const BY_STRUCTURE: ReadonlyMap<AnyStruct, NamedStructure> = new Map(
  STRUCTURES.map((named) => [named.structure, named]),
);

/** The entry of a structure; undefined for one that is not listed. */
export function namedStructure(structure: AnyStruct): NamedStructure | undefined {
  return BY_STRUCTURE.get(structure);
}

/** The structure that a codec reads, once or several times in a row; undefined where none. */
export function nestedStructure(
  codec: { readonly item?: unknown },
): AnyStruct | undefined {
  if (codec instanceof Struct) return codec as AnyStruct;
  const { item } = codec;
  return item instanceof Struct ? item as AnyStruct : undefined;
}

function collect(): readonly NamedStructure[] {
  const found = new Map<AnyStruct, NamedStructure>();
  function add(structure: AnyStruct, aliases: readonly string[], repeated = false): void {
    if (found.has(structure)) return;
    const { title, rows } = structure;
    const further = [...aliases, ...ALIASES.get(structure) ?? [], ...TITLE_ALIASES[title] ?? []];
    found.set(structure, { name: slug(title), aliases: further, structure, repeated });
    for (const { codec } of rows) {
      const part = nestedStructure(codec);
      if (part) add(part, []);
    }
  }
  add(SubmissionEntry as AnyStruct, []);
  add(CompletionEntry as AnyStruct, []);
  add(GetLogPageDwords as AnyStruct, []);
  for (const { structure, name, parts = [] } of LOG_PAGES) {
    if (structure instanceof List) add(structure.entry, [`log-${name}`], true);
    else add(structure, [`log-${name}`]);
    for (const part of parts) add(part, []);
  }
  add(LbaStatusList as AnyStruct, []);
  add(LbaStatusDescriptor as AnyStruct, [], true);
  for (const { name, targets } of CNS_VALUES) {
    for (const { structure } of Object.values(targets)) add(structure, [`identify-${name}`]);
  }
  for (const { name, layout } of REGISTER_LIST) {
    if (layout) add(layout, [`register-${name.toLowerCase()}`]);
  }
  for (const structure of COMMAND_STRUCTURES) add(structure as AnyStruct, []);
  return [...found.values()];
}

/** A title as a name: `Self-test Result` is `self-test-result`. */
function slug(title: string): string {
  return title.toLowerCase().replaceAll("i/o", "io").replace(/[^a-z0-9]+/g, "-").replace(
    /^-|-$/g,
    "",
  );
}
