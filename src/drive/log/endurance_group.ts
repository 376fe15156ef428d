// Log page 09h: the wear of the endurance group, which all media is in.

import { EnduranceLog } from "../../spec/log/endurance.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { ENDURANCE_GROUP } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import { criticalWarnings, currentHealth, percentageUsed } from "../model/health.ts";
import { unallocatedBytes } from "../model/inventory.ts";
import { inDword, refuse } from "../refusal.ts";
import type { DriveLogPage } from "./page.ts";

/** The page counts in billions of bytes; data units are 512,000 bytes, sectors 512. */
const UNITS_PER_BILLION = 1_000_000_000 / 512_000;
const SECTORS_PER_BILLION = 1_000_000_000 / 512;
/** Bytes that the media takes for each byte that hosts write, in percent. */
const WRITE_AMPLIFICATION = 112;
const BILLIONS_PER_TERABYTE = 1_000;

/** Endurance Group Information. */
export const EnduranceGroupPage: DriveLogPage = {
  lid: 0x09,
  read(machine, { lsi }) {
    if (lsi !== ENDURANCE_GROUP) refuse(GENERIC.invalidField, { location: inDword(11, 16) });
    return EnduranceLog.encode(endurance(machine));
  },
};

function endurance(machine: Machine): Parameters<typeof EnduranceLog.encode>[0] {
  const { personality, state: { counters } } = machine;
  const { health } = personality;
  const { spare, mediaErrors } = currentHealth(machine);
  const { availableSpare, reliability, readOnly } = criticalWarnings(machine);
  const dataWritten = billions(health.dataUnitsWritten, counters.sectorsWritten);
  return {
    criticalWarning: { availableSpare, reliability, readOnly },
    availableSpare: spare,
    availableSpareThreshold: health.spareThreshold,
    percentageUsed: percentageUsed(machine),
    enduranceEstimate: health.enduranceTerabytes * BILLIONS_PER_TERABYTE,
    dataRead: billions(health.dataUnitsRead, counters.sectorsRead),
    dataWritten,
    mediaWritten: Math.ceil(dataWritten * WRITE_AMPLIFICATION / 100),
    hostReadCommands: BigInt(health.hostReads) + counters.hostReads,
    hostWriteCommands: BigInt(health.hostWrites) + counters.hostWrites,
    mediaErrors,
    errorLogEntries: BigInt(health.errorLogEntries) + counters.errors,
    totalCapacity: personality.capacityBytes,
    unallocatedCapacity: unallocatedBytes(machine),
  };
}

/** Billions of bytes, rounded up: data units from before, and sectors since. */
function billions(dataUnits: number, sectors: bigint): number {
  return Math.ceil(dataUnits / UNITS_PER_BILLION + Number(sectors) / SECTORS_PER_BILLION);
}
