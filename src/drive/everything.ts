// All of the drive: who imports this can do everything with it, at once.

import { overFabrics } from "./identify/fabrics.ts";
import { ErrorInjections } from "./injection/injections.ts";
import * as records from "./model/persistent_records.ts";
import { TapStop } from "./pipeline/tap_stop.ts";
import { Plugins } from "./plugin/plugin.ts";
import { replay } from "./recorded/replay.ts";
import { ControllerRegisters } from "./registers.ts";
import { provideRest } from "./rest.ts";
import { COMMAND_TABLES } from "./tables.ts";

provideRest({
  commands: COMMAND_TABLES,
  replay,
  overFabrics,
  registers: (machine, reset) => new ControllerRegisters(machine, reset),
  plugins: (world) => new Plugins(world),
  tapStop: (machine) => new TapStop(machine),
  injections: (drive) => new ErrorInjections(drive),
  records,
});
