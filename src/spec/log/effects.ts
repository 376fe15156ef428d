// Log page 05h: which commands the controller has, and what each may do to the drive.

import {
  array,
  at,
  bit,
  bits,
  counted,
  type JsonObject,
  range,
  reserved,
  struct,
  u32,
} from "../../layout/mod.ts";
import { adminOpcode, formatOpcode, ioOpcode } from "../opcode.ts";
import { fixedPage, isSet, type LogPage, type Table } from "./log_page.ts";

/** What may run beside the command, by CSE [BASE-2.1 §5.1.12.1.6, Fig. 210]. */
const EXECUTION_NAMES = {
  0: "no restriction",
  1: "alone in its namespace",
  2: "alone on all namespaces",
} as const;

/** How the restriction is relaxed, by CSER [BASE-2.1 §5.1.12.1.6, Fig. 210]. */
const RELAXATION_NAMES = {
  0: "not relaxed",
  1: "only admin commands must wait",
} as const;

/** One Commands Supported and Effects data structure [BASE-2.1 §5.1.12.1.6, Fig. 210]. */
const commandEffects = bits(u32, {
  supported: bit(0, "supported"),
  blockContent: bit(1, "may change logical blocks"),
  namespaceCapability: bit(2, "may change namespace capabilities"),
  namespaceInventory: bit(3, "may change which namespaces there are"),
  controllerCapability: bit(4, "may change controller capabilities"),
  relaxation: range(15, 14, "relaxation", { names: RELAXATION_NAMES }),
  execution: range(18, 16, "execution", { names: EXECUTION_NAMES }),
  uuidSelection: bit(19, "takes a UUID index"),
  namespaceScope: bit(20, "acts on namespaces"),
  controllerScope: bit(21, "acts on controllers"),
  nvmSetScope: bit(22, "acts on NVM sets"),
  enduranceGroupScope: bit(23, "acts on endurance groups"),
  domainScope: bit(24, "acts on a domain"),
  subsystemScope: bit(25, "acts on the NVM subsystem"),
});

/** What the log says of one command. */
export type CommandEffects = ReturnType<typeof commandEffects.get>;

/**
 * The Commands Supported and Effects log page: one entry for each opcode, in their order. The I/O
 * half is about the I/O command set that the command named.
 */
export const EffectsLog = struct(
  "Commands Supported and Effects",
  4096,
  "[BASE-2.1 §5.1.12.1.6, Fig. 209]",
  [
    at(0, 1023, "admin", array(commandEffects, 256), "Admin commands, opcodes 00h to FFh"),
    at(1024, 2047, "io", array(commandEffects, 256), "I/O commands, opcodes 00h to FFh"),
    reserved(2048, 4095),
  ],
);

/** A decoded Commands Supported and Effects log page. */
export type EffectsLog = ReturnType<typeof EffectsLog.decode>;

/** A command that the controller has. */
export interface SupportedCommand {
  readonly queue: "admin" | "io";
  readonly opcode: number;
  readonly name: string;
  readonly effects: CommandEffects;
}

/** The supported commands: admin commands first, by opcode. */
export function supportedCommands(log: EffectsLog): readonly SupportedCommand[] {
  const of = (queue: "admin" | "io", nameOf: (opcode: number) => string): SupportedCommand[] =>
    log[queue].flatMap((effects, opcode) =>
      effects.supported ? [{ queue, opcode, name: nameOf(opcode), effects }] : []
    );
  return [
    ...of("admin", (opcode) => adminOpcode(opcode).name),
    ...of("io", (opcode) => ioOpcode(opcode).name),
  ];
}

type Flag = {
  [K in keyof CommandEffects]: CommandEffects[K] extends boolean ? K : never;
}[keyof CommandEffects];

const CHANGES: readonly (readonly [Flag, string])[] = [
  ["blockContent", "logical blocks"],
  ["namespaceCapability", "namespace capabilities"],
  ["namespaceInventory", "namespace inventory"],
  ["controllerCapability", "controller capabilities"],
];

const SCOPES: readonly (readonly [Flag, string])[] = [
  ["namespaceScope", "namespaces"],
  ["controllerScope", "controllers"],
  ["nvmSetScope", "NVM sets"],
  ["enduranceGroupScope", "endurance groups"],
  ["domainScope", "domain"],
  ["subsystemScope", "NVM subsystem"],
];

function words(effects: CommandEffects, names: readonly (readonly [Flag, string])[]): string {
  return names.filter(([flag]) => effects[flag]).map(([, word]) => word).join(", ");
}

/** What may run beside the command; empty where nothing restricts it. */
function restriction({ execution, relaxation }: CommandEffects): string {
  if (relaxation === 1) return "no other admin command beside it";
  const part = EXECUTION_NAMES[execution as keyof typeof EXECUTION_NAMES];
  if (execution === 0) return "";
  return part ?? `reserved restriction ${execution}`;
}

/** Log page 05h. */
export const EffectsPage: LogPage<EffectsLog> = fixedPage(EffectsLog, {
  lid: 0x05,
  name: "effects",
  aliases: ["effects-log", "commands"],
  since: "1.2",
  scope: "controller",
  supportedBy: ({ lpa }) => isSet(lpa, 1),
  json: effectsJson,
  table: effectsTable,
});

function effectsJson(log: EffectsLog): JsonObject {
  const commands = supportedCommands(log);
  const half = (queue: SupportedCommand["queue"]): JsonObject[] =>
    commands.filter((command) => command.queue === queue).map(({ opcode, name, effects }) => ({
      opcode: { value: opcode, text: name },
      effects: commandEffects.json(effects),
    }));
  return { admin: half("admin"), io: half("io") };
}

function effectsTable(log: EffectsLog): Table {
  const commands = supportedCommands(log);
  const admin = commands.filter(({ queue }) => queue === "admin").length;
  return {
    columns: ["Queue", "Opcode", "Command", "May change", "Acts on", "Restriction"],
    rows: commands.map(({ queue, opcode, name, effects }) => [
      queue === "admin" ? "admin" : "I/O",
      formatOpcode(opcode),
      name,
      words(effects, CHANGES),
      words(effects, SCOPES),
      restriction(effects),
    ]),
    note: `${counted(admin, "admin command")} and ${
      counted(commands.length - admin, "I/O command")
    } supported`,
  };
}
