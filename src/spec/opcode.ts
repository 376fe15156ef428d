// From an opcode to the command it stands for, known or not.

import { ADMIN_COMMANDS } from "./opcode/admin.ts";
import { FABRICS_COMMANDS } from "./opcode/fabrics.ts";
import { COMMON_IO_COMMANDS, KV_COMMANDS, NVM_COMMANDS, ZNS_COMMANDS } from "./opcode/io.ts";
import type { DataDirection, OpcodeInfo } from "./opcode/table.ts";

export { ADMIN_COMMANDS } from "./opcode/admin.ts";
export { FABRICS_COMMANDS } from "./opcode/fabrics.ts";
export { COMMON_IO_COMMANDS, KV_COMMANDS, NVM_COMMANDS, ZNS_COMMANDS } from "./opcode/io.ts";
export type { CommandEffect, DataDirection, OpcodeInfo } from "./opcode/table.ts";

/** An I/O command set whose commands have names here. */
export type IoCommandSet = "nvm" | "zns" | "kv";

type Lookup = ReadonlyMap<number, OpcodeInfo>;

const COMMON = Object.values(COMMON_IO_COMMANDS);
const ZONED = [...COMMON, ...Object.values(NVM_COMMANDS), ...Object.values(ZNS_COMMANDS)];
const ADMIN = byOpcode(Object.values(ADMIN_COMMANDS));
const FABRICS = byOpcode(Object.values(FABRICS_COMMANDS));
const IO: Readonly<Record<IoCommandSet, Lookup>> = {
  nvm: byOpcode([...COMMON, ...Object.values(NVM_COMMANDS)]),
  zns: byOpcode(ZONED),
  kv: byOpcode([...COMMON, ...Object.values(KV_COMMANDS)]),
};

const DIRECTIONS = ["none", "out", "in", "bidirectional"] as const;

/** The first vendor specific opcode [BASE-2.1 §5, Fig. 141] and [BASE-2.1 §7]. */
const VENDOR = { admin: 0xc0, io: 0x80, fabrics: 0xc0 } as const;

/** The admin command with this opcode. Total. */
export function adminOpcode(opcode: number): OpcodeInfo {
  return ADMIN.get(opcode) ?? unlisted(opcode, VENDOR.admin, "[BASE-2.1 §5, Fig. 141]");
}

/**
 * The I/O command with this opcode in an I/O command set. Total. With no command set given, the
 * commands of the Zoned Namespace Command Set, and so of the NVM Command Set, are known.
 */
export function ioOpcode(opcode: number, commandSet: IoCommandSet = "zns"): OpcodeInfo {
  return IO[commandSet].get(opcode) ?? unlisted(opcode, VENDOR.io, "[BASE-2.1 §7]");
}

/** The Fabrics command with this command type. Total. */
export function fabricsType(type: number): OpcodeInfo {
  return FABRICS.get(type) ?? unlisted(type, VENDOR.fabrics, "[BASE-2.1 §6, Fig. 540]");
}

/** Which way data goes by an opcode's bits 1:0, which hold for vendors' commands too. */
export function opcodeDirection(opcode: number): DataDirection {
  return DIRECTIONS[opcode & 0x3] ?? "none";
}

/** An opcode as the specification writes it: `0Ah`. */
export function formatOpcode(opcode: number): string {
  return `${opcode.toString(16).toUpperCase().padStart(2, "0")}h`;
}

function byOpcode(infos: readonly OpcodeInfo[]): Lookup {
  return new Map(infos.map((info) => [info.opcode, info]));
}

/** Nobody but its vendor knows what such a command does, so it counts as the worst. */
function unlisted(opcode: number, vendorFrom: number, cite: string): OpcodeInfo {
  const kind = opcode >= vendorFrom ? "vendor specific" : "unknown";
  return {
    opcode,
    name: `${kind} (${formatOpcode(opcode)})`,
    direction: opcodeDirection(opcode),
    effect: "destroy",
    cite,
    known: false,
  };
}
