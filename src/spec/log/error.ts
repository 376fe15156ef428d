// Log page 01h: the errors that the controller remembers, newest first.

import {
  at,
  bits,
  coded,
  counted,
  except,
  hex,
  type JsonObject,
  List,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { ALL_NAMESPACES } from "../command.ts";
import { statusWord } from "../completion.ts";
import { adminOpcode, formatOpcode, ioOpcode } from "../opcode.ts";
import { decodeStatus, formatStatus, type StatusContext } from "../status/status.ts";
import { type LogPage, type Table } from "./log_page.ts";
import { COMMAND_SET_NAMES } from "../identify/command_sets.ts";

/** The transport that an error is about; zero where it is about none [BASE-2.1 §5.1.12.1.2]. */
export const ERROR_TRANSPORT_NAMES = {
  0x00: "not a transport error",
  0x01: "RDMA",
  0x02: "Fibre Channel",
  0x03: "TCP",
  0xfe: "intra-host",
} as const;

/** In the queue, command and location fields: the error is not of one command or parameter. */
const NOT_SPECIFIC = 0xffff;

const locationBits = bits(u16, {
  byte: range(7, 0, "byte of the command"),
  bit: range(10, 8, "bit of the byte"),
});

/** Where in the command the controller found the error; all ones where it is not in one place. */
const parameterLocation: typeof locationBits = {
  ...locationBits,
  text: locationText,
  json: (location) => ({ value: location.value, text: locationText(location), ...place(location) }),
};

type Location = ReturnType<typeof locationBits.get>;

/** `byte 40`, `byte 40 bit 3`. */
function locationText({ value, byte, bit }: Location): string {
  if (value === NOT_SPECIFIC) return "not in one parameter";
  return bit === 0 ? `byte ${byte}` : `byte ${byte} bit ${bit}`;
}

function place({ value, byte, bit }: Location): JsonObject {
  return value === NOT_SPECIFIC ? { byte: null, bit: null } : { byte, bit };
}

/** One entry of the Error Information log page. Count 0 marks an entry without an error. */
export const ErrorEntry = struct(
  "Error Information entry",
  64,
  "[BASE-2.1 §5.1.12.1.2, Fig. 205]",
  [
    at(0, 7, "errorCount", u64, "Error count"),
    at(8, 9, "sqid", except(u16, NOT_SPECIFIC, "no queue"), "Submission queue"),
    at(10, 11, "cid", except(hex(u16), NOT_SPECIFIC, "no command"), "Command identifier"),
    at(12, 13, "status", statusWord, "Status"),
    at(
      14,
      15,
      "parameterErrorLocation",
      parameterLocation,
      "Parameter error location",
    ),
    at(16, 23, "lba", u64, "Logical block address"),
    at(24, 27, "nsid", u32, "Namespace"),
    at(28, 28, "vendorLogPage", except(hex(u8), 0, "none"), "Vendor log page with more"),
    at(29, 29, "transportType", coded(u8, ERROR_TRANSPORT_NAMES), "Transport type", {
      since: "1.4",
    }),
    at(30, 30, "commandSet", coded(u8, COMMAND_SET_NAMES), "Command set", { since: "2.0" }),
    at(31, 31, "opcode", hex(u8), "Opcode", { since: "2.0" }),
    at(32, 39, "commandSpecific", hex(u64), "Command specific information", { since: "1.3" }),
    at(40, 41, "transportSpecific", hex(u16), "Transport specific information", { since: "1.4" }),
    reserved(42, 62),
    at(63, 63, "version", u8, "Version of the entry", { since: "2.0" }),
  ],
);

/** A decoded entry of the Error Information log page. */
export type ErrorEntry = ReturnType<typeof ErrorEntry.decode>;

/** The Error Information log page. */
export const ErrorLog = new List("Error Information", "[BASE-2.1 §5.1.12.1.2]", ErrorEntry);

/** A decoded Error Information log page, entries without an error included. */
export type ErrorLog = readonly ErrorEntry[];

/** The entries that hold an error, newest first. */
export function errorEntries(log: ErrorLog): readonly ErrorEntry[] {
  return log.filter(({ errorCount }) => errorCount !== 0n);
}

/** What is known of the command that failed; nothing where the entry is of no command. */
export function failedCommand(entry: ErrorEntry): StatusContext {
  const { version, sqid, opcode, commandSet } = entry;
  if (sqid === NOT_SPECIFIC) return {};
  const queue = sqid === 0 ? "admin" : "io";
  // Before 2.0 there was no version, and the bytes of opcode and command set were reserved.
  if (version === 0) return { queue };
  const set = COMMAND_SETS[commandSet];
  return { queue, opcode, ...(set === undefined ? {} : { commandSet: set }) };
}

const COMMAND_SETS: Readonly<Record<number, NonNullable<StatusContext["commandSet"]>>> = {
  0x00: "nvm",
  0x01: "kv",
  0x02: "zns",
  0x03: "slm",
  0x04: "cp",
};

/** The name of a failed command; undefined where the entry does not say which it was. */
function commandName({ queue, opcode, commandSet }: StatusContext): string | undefined {
  if (opcode === undefined) return undefined;
  if (queue === "admin") return adminOpcode(opcode).name;
  return commandSet === "nvm" || commandSet === "kv" || commandSet === "zns"
    ? ioOpcode(opcode, commandSet).name
    : `I/O command ${formatOpcode(opcode)}`;
}

/** Log page 01h. Its newest entries come first, so a shorter transfer is still the latest. */
export const ErrorPage: LogPage<ErrorLog> = {
  lid: 0x01,
  name: "error",
  aliases: ["errors", "error-log"],
  title: ErrorLog.title,
  cite: ErrorLog.cite,
  scope: "controller",
  structure: ErrorLog,
  supportedBy: () => true,
  length: ({ elpe }) => (elpe + 1) * ErrorEntry.size,
  decode: (bytes) => ErrorLog.decode(bytes),
  json: errorJson,
  table: errorTable,
};

function errorJson(log: ErrorLog): JsonObject {
  return {
    entries: log.length,
    errors: errorEntries(log).map((entry) => ({
      ...ErrorEntry.json(entry),
      command: commandName(failedCommand(entry)) ?? null,
    })),
  };
}

function errorTable(log: ErrorLog): Table {
  const errors = errorEntries(log);
  return {
    columns: ["Count", "Queue", "CID", "Command", "Status", "Parameter", "LBA", "Namespace"],
    rows: errors.map(errorRow),
    note: `${counted(log.length, "entry", "entries")}, ${errors.length} used`,
  };
}

function errorRow(entry: ErrorEntry): readonly string[] {
  const { errorCount, sqid, cid, status, parameterErrorLocation, lba, nsid } = entry;
  const command = failedCommand(entry);
  return [
    `${errorCount}`,
    sqid === NOT_SPECIFIC ? "-" : sqid === 0 ? "admin" : `${sqid}`,
    cid === NOT_SPECIFIC ? "-" : `0x${cid.toString(16).padStart(4, "0")}`,
    commandName(command) ?? "-",
    formatStatus(decodeStatus(status.status), command, "flags"),
    parameterErrorLocation.value === NOT_SPECIFIC ? "-" : locationText(parameterErrorLocation),
    `${lba}`,
    nsid === ALL_NAMESPACES ? "all" : `${nsid}`,
  ];
}
