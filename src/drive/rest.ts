// The part of the drive that a question about its health does without. A command line asks once
// and ends, and to read the code of everything else took longer than to answer: so the direct face
// loads it when a command needs it, and `mod.ts` with the drive.

import { invariant } from "../errors.ts";
import type { VirtualDrive } from "./drive.ts";
import type { HostInjections } from "./feature/error_injection.ts";
import type { Machine } from "./machine.ts";
import type * as records from "./model/persistent_records.ts";
import type { overFabrics } from "./identify/fabrics.ts";
import type { CommandTables } from "./pipeline/pipeline.ts";
import type { TapStop } from "./pipeline/tap_stop.ts";
import type { Plugins, PluginWorld } from "./plugin/plugin.ts";
import type { replay } from "./recorded/replay.ts";
import type { ControllerRegisters, ResetKind } from "./registers.ts";

/** What everything.ts brings. */
export interface Rest {
  /** All commands, those of the first ones too. */
  readonly commands: CommandTables;
  /** For drives that were cloned. */
  readonly replay: typeof replay;
  /** For drives that are served. */
  readonly overFabrics: typeof overFabrics;
  readonly registers: (
    machine: Machine,
    reset: (kind: ResetKind) => void,
  ) => ControllerRegisters;
  /** For drives with plug-ins. */
  readonly plugins: (world: PluginWorld) => Plugins;
  readonly tapStop: (machine: Machine) => TapStop;
  readonly injections: (drive: VirtualDrive) => HostInjections;
  /** The persistent event log, which nobody can read without the rest. */
  readonly records: typeof records;
}

let provided: Rest | undefined;

/** Only everything.ts calls this, once, when it is loaded. */
export function provideRest(rest: Rest): void {
  provided = rest;
}

/** Whether everything is there. */
export function hasRest(): boolean {
  return provided !== undefined;
}

/** What was loaded. A fault of the program where it has not been. */
export function theRest(): Rest {
  invariant(provided !== undefined, "the rest of the drive is loaded before it is used");
  return provided;
}
