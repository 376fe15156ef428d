// Brings what depends on time up to date. Nothing here runs by itself: whoever looks, settles.

import type { Machine } from "../machine.ts";
import { settleEvents } from "./events.ts";
import { settleTemperature } from "./health.ts";
import { settleSelfTest } from "./self_test.ts";

/** Lets everything happen that should have happened by now. */
export function settle(machine: Machine): void {
  settleSelfTest(machine);
  settleTemperature(machine);
  settleEvents(machine);
}
