// Log page 02h: the health of the drive.

import {
  array,
  at,
  bit,
  bits,
  celsius,
  type Codec,
  hours,
  measured,
  minutes,
  percent,
  reserved,
  seconds,
  struct,
  u128,
  u16,
  u32,
  u8,
  type Unit,
} from "../../layout/mod.ts";
import { dataUnits, optionalKelvin } from "../units.ts";
import { fixedPage, isSet, type LogPage } from "./log_page.ts";

/** Percentage Used: passes 100 on a worn drive, and 255 stands for everything above 254. */
const lifeUsed: Unit = {
  name: percent.name,
  text: (value) => Number(value) === 255 ? "more than 254 %" : percent.text(value),
};

const sensor = measured(u16, optionalKelvin);

/** The eight temperature sensors; a sensor that the drive does not have reads zero. */
const sensors: Codec<readonly number[]> = {
  ...array(sensor, 8),
  text(values) {
    const present = values.flatMap((value, at) =>
      value === 0 ? [] : [`sensor ${at + 1}: ${sensor.text(value)}`]
    );
    return present.length === 0 ? "not reported" : present.join(", ");
  },
  siblings: (key, values) => ({
    [`${key}_celsius`]: values.map((value) => value === 0 ? null : celsius(value)),
  }),
};

/** The SMART / Health Information log page. Counters are exact to their 128th bit. */
export const SmartLog = struct(
  "SMART / Health Information",
  512,
  "[BASE-2.1 §5.1.12.1.3, Fig. 206]",
  [
    at(
      0,
      0,
      "criticalWarning",
      bits(u8, {
        availableSpare: bit(0, "available spare is below its threshold"),
        temperature: bit(1, "a temperature is beyond its threshold"),
        reliability: bit(2, "reliability is degraded"),
        readOnly: bit(3, "all media are read-only"),
        volatileBackup: bit(4, "volatile memory backup has failed"),
        persistentMemory: bit(5, "persistent memory region is read-only or unreliable"),
      }),
      "Critical warning",
      { brief: true },
    ),
    at(1, 2, "compositeTemperature", measured(u16, optionalKelvin), "Composite temperature", {
      brief: true,
    }),
    at(3, 3, "availableSpare", measured(u8, percent), "Available spare", { brief: true }),
    at(4, 4, "availableSpareThreshold", measured(u8, percent), "Available spare threshold", {
      brief: true,
    }),
    at(5, 5, "percentageUsed", measured(u8, lifeUsed), "Percentage used", { brief: true }),
    at(
      6,
      6,
      "enduranceGroupCriticalWarning",
      bits(u8, {
        availableSpare: bit(0, "available spare of an endurance group is below its threshold"),
        reliability: bit(2, "reliability of an endurance group is degraded"),
        readOnly: bit(3, "an endurance group is read-only"),
      }),
      "Endurance group critical warning",
      { since: "1.4" },
    ),
    reserved(7, 31),
    at(32, 47, "dataUnitsRead", measured(u128, dataUnits), "Data units read", { brief: true }),
    at(48, 63, "dataUnitsWritten", measured(u128, dataUnits), "Data units written", {
      brief: true,
    }),
    at(64, 79, "hostReadCommands", u128, "Host read commands"),
    at(80, 95, "hostWriteCommands", u128, "Host write commands"),
    at(96, 111, "controllerBusyTime", measured(u128, minutes), "Controller busy time"),
    at(112, 127, "powerCycles", u128, "Power cycles", { brief: true }),
    at(128, 143, "powerOnHours", measured(u128, hours), "Power on hours", { brief: true }),
    // Revision 2.1 calls it Unexpected Power Losses; everybody else still knows the old name.
    at(144, 159, "unsafeShutdowns", u128, "Unsafe shutdowns", { brief: true }),
    at(160, 175, "mediaErrors", u128, "Media and data integrity errors", { brief: true }),
    at(176, 191, "errorLogEntries", u128, "Error information log entries", { brief: true }),
    at(192, 195, "warningTemperatureTime", measured(u32, minutes), "Warning temperature time", {
      since: "1.2",
    }),
    at(
      196,
      199,
      "criticalTemperatureTime",
      measured(u32, minutes),
      "Critical temperature time",
      { since: "1.2" },
    ),
    at(200, 215, "temperatureSensors", sensors, "Temperature sensors", { since: "1.2" }),
    at(216, 219, "thermalTransitions1", u32, "Thermal management temperature 1 transitions", {
      since: "1.3",
    }),
    at(220, 223, "thermalTransitions2", u32, "Thermal management temperature 2 transitions", {
      since: "1.3",
    }),
    at(224, 227, "thermalTime1", measured(u32, seconds), "Thermal management temperature 1 time", {
      since: "1.3",
    }),
    at(228, 231, "thermalTime2", measured(u32, seconds), "Thermal management temperature 2 time", {
      since: "1.3",
    }),
    reserved(232, 511),
  ],
);

/** A decoded SMART / Health Information log page. */
export type SmartLog = ReturnType<typeof SmartLog.decode>;

/** Log page 02h. One of a single namespace exists only where LPA bit 0 says so. */
export const SmartPage: LogPage<SmartLog> = fixedPage(SmartLog, {
  lid: 0x02,
  name: "smart",
  aliases: ["smart-log", "health"],
  scope: "either",
  supportedBy: () => true,
  perNamespace: ({ lpa }) => isSet(lpa, 0),
  json: (log) => SmartLog.json(log),
});
