// Log page 13h: which commands of the management interface the controller has, and what each may
// do to the drive.

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
import { formatOpcode } from "../opcode.ts";
import { changesText, EFFECT_SCOPE_NAMES, scopeText } from "./feature_effects.ts";
import { fixedPage, isSet, type LogPage, type Table } from "./log_page.ts";

/** One NVMe-MI Commands Supported and Effects data structure [BASE-2.1 §5.1.12.1.19, Fig. 264]. */
const miCommandEffects = bits(u32, {
  supported: bit(0, "supported"),
  userData: bit(1, "may change user data"),
  namespaceCapability: bit(2, "may change namespace capabilities"),
  namespaceInventory: bit(3, "may change which namespaces there are"),
  controllerCapability: bit(4, "may change controller capabilities"),
  scope: range(31, 20, "acts on", { names: EFFECT_SCOPE_NAMES }),
});

/** What the log says of one command. */
export type MiCommandEffects = ReturnType<typeof miCommandEffects.get>;

/** The NVMe-MI Commands Supported and Effects log page: one entry for each opcode. */
export const MiEffectsLog = struct(
  "NVMe-MI Commands Supported and Effects",
  4096,
  "[BASE-2.1 §5.1.12.1.19, Fig. 263]",
  [
    at(0, 1023, "commands", array(miCommandEffects, 256), "Opcodes 00h to FFh"),
    reserved(1024, 4095),
  ],
);

/** A decoded NVMe-MI Commands Supported and Effects log page. */
export type MiEffectsLog = ReturnType<typeof MiEffectsLog.decode>;

/** A management interface command that the controller has. */
export interface SupportedMiCommand {
  readonly opcode: number;
  readonly effects: MiCommandEffects;
}

/** The supported commands, by opcode. */
export function supportedMiCommands(log: MiEffectsLog): readonly SupportedMiCommand[] {
  return log.commands.flatMap((effects, opcode) => effects.supported ? [{ opcode, effects }] : []);
}

/** Log page 13h. */
export const MiEffectsPage: LogPage<MiEffectsLog> = fixedPage(MiEffectsLog, {
  lid: 0x13,
  name: "mi-effects",
  aliases: ["mi-cmd-support-effects-log"],
  since: "2.0",
  scope: "controller",
  supportedBy: ({ lpa }) => isSet(lpa, 5),
  json: miEffectsJson,
  table: miEffectsTable,
});

function miEffectsJson(log: MiEffectsLog): JsonObject {
  return {
    commands: supportedMiCommands(log).map(({ opcode, effects }) => ({
      opcode,
      effects: miCommandEffects.json(effects),
    })),
  };
}

function miEffectsTable(log: MiEffectsLog): Table {
  const commands = supportedMiCommands(log);
  return {
    columns: ["Opcode", "May change", "Acts on"],
    rows: commands.map(({ opcode, effects }) => [
      formatOpcode(opcode),
      changesText(effects),
      scopeText(effects.scope),
    ]),
    note: `${counted(commands.length, "management interface command")} supported`,
  };
}
