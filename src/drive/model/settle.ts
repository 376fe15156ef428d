// Brings what depends on time up to date. Nothing here runs by itself: whoever looks, settles.

import type { Machine } from "../machine.ts";
import { hasRest, theRest } from "../rest.ts";
import { settleAna } from "./ana.ts";
import { settleEvents } from "./events.ts";
import { settleFirmware } from "./firmware.ts";
import { settleFormats } from "./format.ts";
import { settleTemperature } from "./health.ts";
import { settleLbaStatus } from "./lba_status_alert.ts";
import { settleSanitize } from "./sanitize.ts";
import { settleSelfTest } from "./self_test.ts";

/** Lets everything happen that should have happened by now. */
export function settle(machine: Machine): void {
  settleSelfTest(machine);
  settleSanitize(machine);
  settleFormats(machine);
  settleFirmware(machine);
  settleTemperature(machine);
  if (hasRest()) theRest().records.settlePersistentEvents(machine);
  settleAna(machine);
  settleLbaStatus(machine);
  settleEvents(machine);
}
