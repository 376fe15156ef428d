// Explaining opcodes: admin commands, I/O commands, Fabrics command types.

import { type Fact, facts, heading } from "../../cli/report.ts";
import {
  ADMIN_COMMANDS,
  adminOpcode,
  type CommandEffect,
  COMMON_IO_COMMANDS,
  type DataDirection,
  FABRICS_COMMANDS,
  fabricsType,
  formatOpcode,
  ioOpcode,
  KV_COMMANDS,
  NVM_COMMANDS,
  type OpcodeInfo,
  ZNS_COMMANDS,
} from "../../spec/opcode.ts";
import { citationFact, citationJson } from "./cite.ts";
import { type Explanation, type Kind, type KindName, parseByte, type Subject } from "./subject.ts";

const DIRECTION_TEXT: Readonly<Record<DataDirection, string>> = {
  none: "none",
  out: "host to controller",
  in: "controller to host",
  bidirectional: "either way, by the command",
};

const EFFECT_TEXT: Readonly<Record<CommandEffect, string>> = {
  read: "reads only",
  write: "changes the drive's state, not user data",
  destroy: "may destroy data: nvmectl raw asks before it sends this",
};

/** Where a command lives: its queue, and the I/O command set, where it is one set's own. */
interface Place {
  readonly kind: KindName;
  readonly title: string;
  readonly commandSet?: string;
}

const ADMIN: Place = { kind: "admin-opcode", title: "Admin command" };
const IO: Place = { kind: "io-opcode", title: "I/O command" };
const FABRICS: Place = { kind: "fabrics-type", title: "Fabrics command type" };

const IO_TABLES: readonly (readonly [commandSet: string, infos: readonly OpcodeInfo[]])[] = [
  ["every I/O command set", Object.values(COMMON_IO_COMMANDS)],
  ["NVM and Zoned Namespace", Object.values(NVM_COMMANDS)],
  ["Zoned Namespace", Object.values(ZNS_COMMANDS)],
  ["Key Value", Object.values(KV_COMMANDS)],
];

const IO_SUBJECTS: readonly (readonly [OpcodeInfo, Subject])[] = IO_TABLES.flatMap((
  [commandSet, infos],
) => infos.map((info) => [info, subject(info, { ...IO, commandSet })] as const));

/** Admin commands. */
export const ADMIN_KIND: Kind = {
  name: "admin-opcode",
  title: "Admin commands",
  selectors: ["admin", "opcode"],
  example: "nvmectl explain admin 0x80",
  all: () => Object.values(ADMIN_COMMANDS).map((info) => subject(info, ADMIN)),
  numbered: (text, asked) => one(text, asked, { lookup: adminOpcode, place: ADMIN }),
};

/** I/O commands of every command set. */
export const IO_KIND: Kind = {
  name: "io-opcode",
  title: "I/O commands",
  selectors: ["io", "opcode"],
  example: "nvmectl explain io 0x02",
  all: () => IO_SUBJECTS.map(([, one]) => one),
  numbered(text, asked) {
    const opcode = parseByte(text);
    const found = IO_SUBJECTS.filter(([info]) => info.opcode === opcode).map(([, one]) => one);
    return found.length > 0 ? found : one(text, asked, { lookup: ioOpcode, place: IO });
  },
};

/** Fabrics command types. */
export const FABRICS_KIND: Kind = {
  name: "fabrics-type",
  title: "Fabrics command types",
  selectors: ["fabrics"],
  example: "nvmectl explain fabrics connect",
  all: () => Object.values(FABRICS_COMMANDS).map((info) => subject(info, FABRICS)),
  // Nobody who types a number alone means a Fabrics command type.
  numbered: (text, asked) => asked ? one(text, asked, { lookup: fabricsType, place: FABRICS }) : [],
};

function one(
  text: string,
  asked: boolean,
  { lookup, place }: { readonly lookup: (opcode: number) => OpcodeInfo; readonly place: Place },
): readonly Subject[] {
  const opcode = parseByte(text);
  if (opcode === undefined) return [];
  const info = lookup(opcode);
  return info.known || asked ? [subject(info, place)] : [];
}

function subject(info: OpcodeInfo, place: Place): Subject {
  const title = info.known ? `${info.name} (${formatOpcode(info.opcode)})` : info.name;
  return { kind: place.kind, title, names: [info.name], explain: () => explain(info, place) };
}

function explain(info: OpcodeInfo, { title, commandSet }: Place): Explanation {
  const { opcode, name, direction, effect, since, cite, known } = info;
  const rows: readonly Fact[] = [
    ...(commandSet === undefined ? [] : [["Command set", commandSet] as const]),
    ["Data", `${DIRECTION_TEXT[direction]} (bits 1:0 are ${bits(opcode)}b)`],
    [
      "Effect",
      known ? EFFECT_TEXT[effect] : "not known, so it counts as one that may destroy data",
    ],
    ...(since === undefined ? [] : [["Since", `revision ${since}`] as const]),
    citationFact(cite),
  ];
  return {
    json: {
      name,
      opcode,
      opcode_hex: `0x${opcode.toString(16).padStart(2, "0")}`,
      command_set: commandSet ?? null,
      known,
      direction,
      effect,
      since: since ?? null,
      cite: citationJson(cite),
    },
    blocks: [heading(`${title} ${formatOpcode(opcode)}: ${name}`), facts(rows)],
  };
}

function bits(opcode: number): string {
  return (opcode & 0x3).toString(2).padStart(2, "0");
}
