// From a status code to its meaning, and from words to status codes.

import { COMMAND_SPECIFIC } from "./command_specific.ts";
import { FABRICS } from "./fabrics.ts";
import { GENERIC } from "./generic.ts";
import { IO_COMMAND } from "./io_commands.ts";
import { MEDIA } from "./media.ts";
import { PATH } from "./path.ts";
import type { StatusInfo } from "./table.ts";

/** What is known of the command that was answered; with nothing known the likeliest is assumed. */
export interface StatusContext {
  /** The queue it was sent on; `fabrics` for a Fabrics command on any queue. */
  readonly queue?: "admin" | "io" | "fabrics";
  /** The I/O command set of its namespace. */
  readonly commandSet?: "nvm" | "kv" | "zns" | "slm" | "cp";
  readonly opcode?: number;
}

const TYPE_NAMES: readonly string[] = [
  "Generic Command Status",
  "Command Specific Status",
  "Media and Data Integrity Errors",
  "Path Related Status",
];

const TABLES: readonly (readonly StatusInfo[])[] = [
  GENERIC,
  COMMAND_SPECIFIC,
  IO_COMMAND,
  FABRICS,
  MEDIA,
  PATH,
].map((table) => Object.values(table));

const FABRICS_CODES: ReadonlySet<StatusInfo> = new Set(Object.values(FABRICS));

// One or two meanings per code: a fabric has its own for some codes of I/O commands.
const MEANINGS: ReadonlyMap<number, readonly StatusInfo[]> = Map.groupBy(
  TABLES.flat(),
  ({ type, code }) => index(type, code),
);

const FABRICS_OPCODE = 0x7f;
/** From here on command specific codes depend on the kind of command. */
const SHARED = 0x80;
/** Admin commands of the Computational Programs Command Set. */
const PROGRAM_OPCODES: ReadonlySet<number | undefined> = new Set([0x85, 0x88, 0x89]);
/** From here on the fabric's codes are answers to other commands than Connect and Disconnect. */
const FABRICS_COMMON = 0x90;
const STATUS_FIELD = "[BASE-2.1 §4.2.3, Fig. 100]";
const TYPE_VALUES = "[BASE-2.1 §4.2.3, Fig. 101]";

/** The specification's name of a Status Code Type, 0 to 7 [BASE-2.1 §4.2.3, Fig. 101]. */
export function statusTypeName(type: number): string {
  return TYPE_NAMES[type] ?? (type === 0x7 ? "Vendor Specific" : "Reserved");
}

/** What a status code means to whoever sent the command. Total: unknown codes are described too. */
export function statusInfo(type: number, code: number, context: StatusContext = {}): StatusInfo {
  const meanings = MEANINGS.get(index(type, code)) ?? [];
  const onFabric = type === 0x1 && code >= SHARED && isFabricsCommand(context);
  const info = onFabric || meanings.length > 1
    ? meanings.find((one) => FABRICS_CODES.has(one) === (onFabric || isForAnyHost(code, context)))
    : meanings[0];
  if (info === undefined) return unlistedStatus(type, code, onFabric);
  const { opcode, queue = "admin" } = context;
  const variant = queue === "admin" && opcode !== undefined ? info.onCommand?.[opcode] : undefined;
  return variant === undefined ? info : { ...info, ...variant };
}

/** Every meaning of a code, whoever sent the command; none for a code that no table names. */
export function statusMeanings(type: number, code: number): readonly StatusInfo[] {
  return MEANINGS.get(index(type, code)) ?? [];
}

/** Every status code with a name, by type and, within each table, by code. */
export function* allStatuses(): Generator<StatusInfo, void, undefined> {
  for (const table of TABLES) yield* table;
}

/**
 * The status codes whose name contains every word of `text`, in any order and spelling of case;
 * the names closest to the text come first.
 */
export function statusesByName(text: string): readonly StatusInfo[] {
  const wanted = words(text);
  if (wanted.length === 0) return [];
  const phrase = wanted.join(" ");
  return [...allStatuses()]
    .map((info) => ({ info, name: words(info.name).join(" ") }))
    .filter(({ name }) => wanted.every((word) => name.includes(word)))
    .sort((a, b) => distance(a.name, phrase) - distance(b.name, phrase))
    .map(({ info }) => info);
}

/** 0 for the very name, 1 for one that starts so, 2 for one that has the words as written. */
function distance(name: string, phrase: string): number {
  if (name === phrase) return 0;
  if (name.startsWith(phrase)) return 1;
  return name.includes(phrase) ? 2 : 3;
}

function words(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function index(type: number, code: number): number {
  return type * 0x10000 + code;
}

function isFabricsCommand({ queue, opcode }: StatusContext): boolean {
  return queue === "fabrics" || opcode === FABRICS_OPCODE;
}

/** Whether a shared code, returned to no Fabrics command, is still the fabric's. */
function isForAnyHost(code: number, { queue, commandSet, opcode }: StatusContext): boolean {
  const programs = commandSet === "cp" || (queue === "admin" && PROGRAM_OPCODES.has(opcode));
  return code >= FABRICS_COMMON && !programs;
}

/** A description of a code that has no name: what can be said from the range that it is in. */
function unlistedStatus(type: number, code: number, onFabric: boolean): StatusInfo {
  const unlisted = { type, code, outcome: "error", known: false } as const;
  if (type === 0x7 || (type <= 0x3 && code >= 0xc0 && code <= 0xff)) {
    return {
      ...unlisted,
      name: "vendor specific status",
      meaning: "Only the drive's vendor knows what this means.",
      next: "Ask the drive's vendor, and give them the drive's telemetry (`nvmectl log 0x08`).",
      cite: type === 0x7 ? TYPE_VALUES : STATUS_FIELD,
    };
  }
  if (type === 0x1 && code >= 0x70 && code <= 0x7f) {
    return {
      ...unlisted,
      name: "directive specific status",
      meaning: "The directive that the command used defines what this means.",
      cite: "[BASE-2.1 §8.1.8]",
    };
  }
  if (onFabric && code >= 0xb0 && code <= 0xbf) {
    return {
      ...unlisted,
      name: "transport specific status",
      meaning: "The fabric's transport (TCP, RDMA, Fibre Channel) defines what this means.",
      cite: "[BASE-2.1 §4.2.3.2, Fig. 105]",
    };
  }
  return {
    ...unlisted,
    name: "unknown status",
    meaning: "The specification revisions that nvmectl knows do not define this code.",
    cite: STATUS_FIELD,
  };
}
