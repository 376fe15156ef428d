// A command that somebody composed by hand: what the specification calls it, and which way its
// data goes.

import {
  adminOpcode,
  type DataDirection,
  fabricsType,
  formatOpcode,
  ioOpcode,
  opcodeDirection,
  type OpcodeInfo,
} from "../spec/opcode.ts";
import type { Command, Queue } from "../transport/transport.ts";

/** The opcode whose commands their Fabrics command type tells apart [BASE-2.1 §6, Fig. 540]. */
export const FABRICS = 0x7f;

/** A command without its data. */
export type RawCommand = Omit<Command, "data" | "metadata" | "direction" | "slow">;

/** What the specification says of a command; a Fabrics command is its type's. */
export function rawInfo({ queue, opcode, nsid = 0 }: RawCommand): OpcodeInfo {
  // The Fabrics command type stands where other commands have their namespace [BASE-2.1 §6].
  if (opcode === FABRICS) return fabricsType(nsid & 0xff);
  return queue === "admin" ? adminOpcode(opcode) : ioOpcode(opcode);
}

/** How people call the command: `admin command 06h (Identify)`. */
export function rawTitle(command: RawCommand): string {
  const { name, known } = rawInfo(command);
  const number = `${queueText(command.queue)} command ${formatOpcode(command.opcode)}`;
  return known ? `${number} (${name})` : `${name.replace(/ \(.*\)$/, "")} ${number}`;
}

function queueText(queue: Queue): string {
  return queue === "admin" ? "admin" : "I/O";
}

/** Which way the command's data goes, by bits 1:0 of what says so. */
export function rawDirection({ opcode, nsid = 0 }: RawCommand): DataDirection {
  return opcodeDirection(opcode === FABRICS ? nsid & 0xff : opcode);
}
