// The trace for people: one line per event, in the form of the drive traces this grew out of.

import {
  adminOpcode,
  COMMON_IO_COMMANDS,
  fabricsType,
  ioOpcode,
  NVM_COMMANDS,
  ZNS_COMMANDS,
} from "../spec/opcode.ts";
import { decodeStatus, formatStatus } from "../spec/status/status.ts";
import type {
  CommandEvent,
  CompletionEvent,
  DataEvent,
  FailureEvent,
  RegisterEvent,
  TracedCommand,
  TraceEvent,
  TraceSink,
} from "./trace.ts";

/**
 * A sink that writes one line per event, without the line end. Data that comes after its command
 * has no line.
 */
export function textSink(writeLine: (line: string) => void): TraceSink {
  const write = (event: TraceEvent): void => writeLine(formatEvent(event));
  return { command: write, completion: write, register: write };
}

/**
 * One event as one line: `[ 589] 1556804537:200926382 00:06.0 ADM SQ=0 CID=0000 OPC=Identify ...`,
 * that is index, seconds:nanoseconds, drive, event.
 */
export function formatEvent(event: TraceEvent): string {
  const { index, timeNs, device, notes = [] } = event;
  const seconds = timeNs / 1_000_000_000n;
  const nanoseconds = (timeNs % 1_000_000_000n).toString().padStart(9, "0");
  const remarks = notes.map((note) => ` (${note})`).join("");
  const prefix = `[${index.toString().padStart(4)}] ${seconds}:${nanoseconds} ${device}`;
  return printable(`${prefix} ${formatBody(event)}${remarks}`);
}

/** A status by name and number, with its flags: `Invalid Log Page (01h/09h), do not retry`. */
export function statusWords(status: number, command: TracedCommand): string {
  const context = { queue: command.queue, opcode: command.opcode };
  return formatStatus(decodeStatus(status), context, "flags");
}

/** The specification's name of a command's opcode; of a Fabrics command, that of its type. */
export function opcodeName({ queue, opcode, nsid = 0 }: TracedCommand): string {
  if (opcode === FABRICS_OPCODE) return fabricsType(nsid & 0xff).name;
  return queue === "admin" ? adminOpcode(opcode).name : ioOpcode(opcode).name;
}

// C0 and C1 controls, line separators, zero-width and bidirectional formatting characters, the byte
// order mark: all of one UTF-16 unit.
const HOSTILE =
  // deno-lint-ignore no-control-regex
  /[\0-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** The text with whatever could break or reorder a line written as `\u009b`: JSON's escape. */
export function printable(text: string): string {
  return text.toWellFormed().replace(HOSTILE, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
}

function formatBody(event: TraceEvent): string {
  switch (event.kind) {
    case "command":
      return formatCommand(event);
    case "data":
      return formatData(event);
    case "completion":
      return formatCompletion(event);
    case "failure":
      return formatFailure(event);
    case "register":
      return formatRegister(event);
  }
}

function formatCommand(event: CommandEvent): string {
  const { command, prps } = event;
  const admin = command.queue === "admin";
  const words = [
    admin ? "ADM" : "IO ",
    ...queueWords(event),
    `OPC=${opcodeName(command)}`,
  ];
  // A Fabrics command has its type where others have their namespace.
  if (command.opcode !== FABRICS_OPCODE) words.push(`NSID=${prefixed(command.nsid ?? 0)}`);
  const addressed = !admin && LBA_OPCODES.has(command.opcode);
  if (addressed) words.push(`LBA=${prefixed(startingLba(command))}`);
  const flags = (command.flags ?? 0) & ~(prps ? 0 : PSDT_SGL);
  if (flags !== 0) words.push(`FLAGS=${hex(flags, 2)}`);
  words.push(...dataWords(event));
  for (const [name, value] of dwords(command)) {
    if (addressed && (name === "CDW10" || name === "CDW11")) continue;
    if (value !== 0 || (admin && name === "CDW10")) words.push(`${name}=${hex(value, 8)}`);
  }
  return words.join(" ");
}

/** Where the data is, or how much there is of it and which way it goes. */
function dataWords({ command, prps }: CommandEvent): readonly string[] {
  const arrow = command.direction === "out" ? ">" : "<";
  const words: string[] = [];
  if (prps) {
    words.push(`prp1=${prps.prp1.toString(16)}`, `prp2=${prps.prp2.toString(16)}`);
  } else if (command.dataLength) {
    words.push(`data=${command.dataLength}${arrow}`);
  }
  if (command.metadataLength > 0) words.push(`meta=${command.metadataLength}${arrow}`);
  return words;
}

/** Not a line of the trace: what a capture says of the packets with the data. */
function formatData(event: DataEvent): string {
  return ["DAT", ...queueWords(event), `data=${event.data.length}>`].join(" ");
}

function formatCompletion(event: CompletionEvent): string {
  const { command, completion: { status, result } } = event;
  const high = Number(result >> 32n);
  const words = [
    "CPL",
    ...queueWords(event.posted ?? event),
    // An answer that no completion queue held is as new as an entry of the first round.
    `P=${event.phase ?? 1}`,
    `STS=0x${hex(status, 4)}`,
    `CDW0=${prefixed(result & 0xffffffffn)}`,
  ];
  if (high !== 0) words.push(`CDW1=${prefixed(high)}`);
  if (status !== 0) words.push(statusWords(status, command));
  return words.join(" ");
}

function formatFailure(event: FailureEvent): string {
  return ["ERR", ...queueWords(event), event.error.message].join(" ");
}

function formatRegister({ access, offset, width, value }: RegisterEvent): string {
  const arrow = access === "write" ? "<-" : "->";
  return `REG ${hex(offset, 4)} ${arrow} ${hex(value, 2 * width)}`;
}

function queueWords({ sqid, cid }: Pick<CommandEvent, "sqid" | "cid">): string[] {
  return [`SQ=${sqid}`, `CID=${hex(cid, 4)}`];
}

const FABRICS_OPCODE = COMMON_IO_COMMANDS.fabrics.opcode;

/** PSDT of a command without PRPs: says nothing where none are shown [BASE-2.1 §4.1, Fig. 91]. */
const PSDT_SGL = 0x40;

// The commands whose dwords 10 and 11 hold the first block that they are about.
const LBA_OPCODES: ReadonlySet<number> = new Set(
  [
    NVM_COMMANDS.read,
    NVM_COMMANDS.write,
    NVM_COMMANDS.writeUncorrectable,
    NVM_COMMANDS.compare,
    NVM_COMMANDS.writeZeroes,
    NVM_COMMANDS.verify,
    NVM_COMMANDS.copy,
    ZNS_COMMANDS.zoneManagementSend,
    ZNS_COMMANDS.zoneManagementReceive,
    ZNS_COMMANDS.zoneAppend,
  ].map(({ opcode }) => opcode),
);

function startingLba({ cdw10 = 0, cdw11 = 0 }: TracedCommand): bigint {
  return BigInt(cdw11) << 32n | BigInt(cdw10);
}

/** The command dwords that have no name of their own, in order. */
export function dwords(command: TracedCommand): readonly (readonly [string, number])[] {
  return [
    ["CDW2", command.cdw2 ?? 0],
    ["CDW3", command.cdw3 ?? 0],
    ["CDW10", command.cdw10 ?? 0],
    ["CDW11", command.cdw11 ?? 0],
    ["CDW12", command.cdw12 ?? 0],
    ["CDW13", command.cdw13 ?? 0],
    ["CDW14", command.cdw14 ?? 0],
    ["CDW15", command.cdw15 ?? 0],
  ];
}

function hex(value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** Hexadecimal as C's `%#x` prints it: zero has no prefix. */
function prefixed(value: number | bigint): string {
  return value === 0 || value === 0n ? "0" : `0x${value.toString(16)}`;
}
