// The drive's health: what SMART says grows out of time, temperature and what the host did.

import { DATA_UNIT_BYTES } from "../../spec/units.ts";
import { currentValue } from "../feature/feature.ts";
import { TemperatureThreshold, thresholdSlot } from "../feature/temperature_threshold.ts";
import type { Machine } from "../machine.ts";
import { nextRandom } from "../random.ts";

const SECTOR_BYTES = 512n;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** How often the temperature is measured anew. */
const TEMPERATURE_MS = 10_000;
const TERABYTE = 10n ** 12n;

type Model = Pick<Machine, "personality" | "state" | "controller" | "now">;

/** Milliseconds that the drive has been on in its life, at `at` or now. */
export function powerOnMs({ personality, state, now }: Model, at = now()): number {
  return personality.health.powerOnHours * HOUR_MS + state.poweredBeforeMs +
    Math.max(0, at - state.poweredOnAt);
}

/** Whole hours that the drive has been on in its life, at `at` or now. */
export function powerOnHours(model: Model, at = model.now()): number {
  return Math.floor(powerOnMs(model, at) / HOUR_MS);
}

/** Lets the temperature move: one step at most, however long it was since the last one. */
export function settleTemperature({ personality, state, now }: Model): void {
  const at = now();
  if (at - state.temperatureAt < TEMPERATURE_MS) return;
  const swing = personality.health.temperatureSwingK;
  const step = Math.floor(nextRandom(state) * 3) - 1;
  state.temperatureOffsetK = Math.max(-swing, Math.min(swing, state.temperatureOffsetK + step));
  state.temperatureAt = at;
}

/** The composite temperature in kelvin. */
export function compositeTemperature({ personality, state }: Model): number {
  return personality.health.temperatureK + state.temperatureOffsetK;
}

/** The temperature sensors in kelvin, sensor 1 first. */
export function sensorTemperatures(model: Model): readonly number[] {
  const composite = compositeTemperature(model);
  return model.personality.health.sensorOffsetsK.map((offset) => composite + offset);
}

/** Whether a temperature has reached one of its thresholds [BASE-2.1 §5.1.25.1.3]. */
export function temperatureBeyondThreshold(model: Model): boolean {
  return [compositeTemperature(model), ...sensorTemperatures(model)].some((kelvin, sensor) => {
    const threshold = (direction: "over" | "under"): number =>
      currentValue(model, TemperatureThreshold, thresholdSlot(direction, sensor));
    return kelvin >= threshold("over") || kelvin <= threshold("under");
  });
}

/** Which critical warnings the drive gives [BASE-2.1 §5.1.12.1.3, Fig. 206]. */
export interface CriticalWarnings {
  readonly availableSpare: boolean;
  readonly temperature: boolean;
  readonly reliability: boolean;
  readonly readOnly: boolean;
}

/** The critical warnings of now. */
export function criticalWarnings(model: Model): CriticalWarnings {
  const { spare, spareThreshold, degraded, readOnly } = model.personality.health;
  return {
    availableSpare: spare < spareThreshold,
    temperature: temperatureBeyondThreshold(model),
    reliability: degraded,
    readOnly,
  };
}

/** Sectors of 512 bytes in data units, rounded up [BASE-2.1 §5.1.12.1.3, Fig. 206]. */
export function dataUnits(before: number, sectors: bigint): bigint {
  const perUnit = DATA_UNIT_BYTES / SECTOR_BYTES;
  return BigInt(before) + (sectors + perUnit - 1n) / perUnit;
}

/** Percentage of the endurance that is used; 255 stands for everything above 254. */
export function percentageUsed({ personality, state }: Model): number {
  const { percentageUsed: before, enduranceTerabytes } = personality.health;
  const written = state.counters.sectorsWritten * SECTOR_BYTES;
  const worn = Number(written * 100n / (BigInt(enduranceTerabytes) * TERABYTE));
  return Math.min(255, before + worn);
}

/** Minutes spent above the warning and the critical composite temperature. */
export function hotMinutes({ personality, state, now }: Model): {
  readonly warning: number;
  readonly critical: number;
} {
  const { temperatureK, warningK, criticalK, warningMinutes, criticalMinutes } = personality.health;
  const here = Math.floor(
    (state.poweredBeforeMs + Math.max(0, now() - state.poweredOnAt)) / MINUTE_MS,
  );
  const critical = criticalK > 0 && temperatureK >= criticalK;
  const warning = !critical && warningK > 0 && temperatureK >= warningK;
  return {
    warning: warningMinutes + (warning ? here : 0),
    critical: criticalMinutes + (critical ? here : 0),
  };
}

/** Adds what a completed transfer of blocks means for the counters. */
export function countTransfer(
  { state: { counters } }: Pick<Machine, "state">,
  kind: "read" | "write",
  bytes: number,
): void {
  const sectors = BigInt(bytes) / SECTOR_BYTES;
  // About what a drive of this kind takes for it: 20 µs, and 1 µs for every 4 KiB.
  counters.busyUs += 20n + sectors / 8n;
  if (kind === "read") {
    counters.sectorsRead += sectors;
    counters.hostReads++;
  } else {
    counters.sectorsWritten += sectors;
    counters.hostWrites++;
  }
}
