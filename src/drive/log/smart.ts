// Log page 02h: the drive's health.

import { SmartLog } from "../../spec/log/smart.ts";
import type { Machine } from "../machine.ts";
import {
  compositeTemperature,
  criticalWarnings,
  dataUnits,
  hotMinutes,
  percentageUsed,
  powerOnHours,
  sensorTemperatures,
} from "../model/health.ts";
import { encodeFor } from "../version.ts";
import type { DriveLogPage } from "./page.ts";

const MINUTE_US = 60_000_000n;

/** SMART / Health Information. */
export const SmartPage: DriveLogPage = {
  lid: 0x02,
  read(machine) {
    const { fixedSmart, version } = machine.personality;
    return encodeFor(SmartLog, version, fixedSmart ?? smart(machine));
  },
};

function smart(machine: Machine): Parameters<typeof SmartLog.encode>[0] {
  const { personality: { health }, state: { counters } } = machine;
  const hot = hotMinutes(machine);
  return {
    criticalWarning: criticalWarnings(machine),
    compositeTemperature: compositeTemperature(machine),
    availableSpare: health.spare,
    availableSpareThreshold: health.spareThreshold,
    percentageUsed: percentageUsed(machine),
    dataUnitsRead: dataUnits(health.dataUnitsRead, counters.sectorsRead),
    dataUnitsWritten: dataUnits(health.dataUnitsWritten, counters.sectorsWritten),
    hostReadCommands: BigInt(health.hostReads) + counters.hostReads,
    hostWriteCommands: BigInt(health.hostWrites) + counters.hostWrites,
    controllerBusyTime: BigInt(health.busyMinutes) + counters.busyUs / MINUTE_US,
    powerCycles: BigInt(health.powerCycles) + counters.powerCycles,
    powerOnHours: powerOnHours(machine),
    unsafeShutdowns: health.unsafeShutdowns,
    mediaErrors: BigInt(health.mediaErrors) + counters.mediaErrors,
    errorLogEntries: BigInt(health.errorLogEntries) + counters.errors,
    warningTemperatureTime: hot.warning,
    criticalTemperatureTime: hot.critical,
    temperatureSensors: sensorTemperatures(machine),
  };
}
