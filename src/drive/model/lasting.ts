// What of the drive's memory outlives its process: everything but what faults that are at work have
// made of it. They end with the process, and nobody is left to take back what they did.

import type { Personality } from "../personality.ts";
import type { DriveState } from "../state.ts";
import { type AnaMemory, countAnaChange, initialAna } from "./ana_memory.ts";
import type { Wear } from "./wear.ts";

/**
 * The memory of a drive as if its faults were cleared now; the one that is given stays as it is.
 * What they have counted, and what they made of commands, has happened: it stays.
 */
export function lastingState(state: DriveState, personality: Personality): DriveState {
  return { ...state, wear: lastingWear(state.wear), ana: lastingAna(state.ana, personality) };
}

/** Only faults change these parts of the health; media errors have happened for good. */
function lastingWear(wear: Wear): Wear {
  const { spare: _spare, readOnly: _readOnly, degraded: _degraded, ...others } = wear;
  return { ...others, extraPercentageUsed: 0, heatK: 0 };
}

/** Only faults change how groups are reached. Hosts that saw it find another change count. */
function lastingAna(ana: AnaMemory, personality: Personality): AnaMemory {
  const { states } = initialAna(personality.ana);
  const lasting = {
    states,
    changes: { ...ana.changes },
    logChanges: { ...ana.logChanges },
    transitions: [],
  };
  for (const [key, state] of Object.entries(ana.states)) {
    if (state === (states[key] ?? "optimized")) continue;
    const [group, controller] = key.split("@").map(Number);
    if (group !== undefined && controller !== undefined) countAnaChange(lasting, group, controller);
  }
  return lasting;
}
