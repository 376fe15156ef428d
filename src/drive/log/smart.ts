// Log page 02h: the drive's health.

import { SmartLog } from "../../spec/log/smart.ts";
import type { Machine } from "../machine.ts";
import {
  compositeTemperature,
  type CriticalWarnings,
  criticalWarnings,
  currentHealth,
  dataUnits,
  percentageUsed,
  powerOnHours,
  sensorTemperatures,
} from "../model/health.ts";
import { hotMinutes, throttledSeconds } from "../model/thermal.ts";
import { encodeFor } from "../version.ts";
import type { DriveLogPage } from "./page.ts";

const MINUTE_US = 60_000_000n;

/** SMART / Health Information. */
export const SmartPage: DriveLogPage = {
  lid: 0x02,
  read: smartPage,
};

/** The page of now. */
export function smartPage(machine: Machine): Uint8Array {
  const { fixedSmart, version } = machine.personality;
  return encodeFor(SmartLog, version, fixedSmart ?? smart(machine));
}

function smart(machine: Machine): Parameters<typeof SmartLog.encode>[0] {
  const { personality, state: { counters, wear } } = machine;
  const { health } = personality;
  const { spare, mediaErrors } = currentHealth(machine);
  const warnings = criticalWarnings(machine);
  const hot = hotMinutes(machine);
  const throttled = throttledSeconds(machine);
  return {
    criticalWarning: warnings,
    ...(personality.enduranceGroup ? { enduranceGroupCriticalWarning: ofGroup(warnings) } : {}),
    compositeTemperature: compositeTemperature(machine),
    availableSpare: spare,
    availableSpareThreshold: health.spareThreshold,
    percentageUsed: percentageUsed(machine),
    dataUnitsRead: dataUnits(health.dataUnitsRead, counters.sectorsRead),
    dataUnitsWritten: dataUnits(health.dataUnitsWritten, counters.sectorsWritten),
    hostReadCommands: BigInt(health.hostReads) + counters.hostReads,
    hostWriteCommands: BigInt(health.hostWrites) + counters.hostWrites,
    controllerBusyTime: BigInt(health.busyMinutes) + counters.busyUs / MINUTE_US,
    powerCycles: BigInt(health.powerCycles) + counters.powerCycles,
    powerOnHours: powerOnHours(machine),
    unsafeShutdowns: BigInt(health.unsafeShutdowns) + counters.unsafeShutdowns,
    mediaErrors,
    errorLogEntries: BigInt(health.errorLogEntries) + counters.errors,
    warningTemperatureTime: hot.warning,
    criticalTemperatureTime: hot.critical,
    temperatureSensors: sensorTemperatures(machine),
    thermalTransitions1: wear.lightTransitions,
    thermalTransitions2: wear.heavyTransitions,
    thermalTime1: throttled.light,
    thermalTime2: throttled.heavy,
  };
}

/** Those of the warnings that the endurance group gives: it has no temperature. */
function ofGroup(
  { availableSpare, reliability, readOnly }: CriticalWarnings,
): Omit<CriticalWarnings, "temperature"> {
  return { availableSpare, reliability, readOnly };
}
