// The drive's health: what SMART says grows out of time, temperature and what the host did.

import { DATA_UNIT_BYTES } from "../../spec/units.ts";
import { currentValue } from "../feature/feature.ts";
import { TemperatureThreshold, thresholdSlot } from "../feature/temperature_threshold.ts";
import type { Machine } from "../machine.ts";
import type { Subsystem } from "../machine.ts";
import { nextRandom } from "../random.ts";
import { settleHeat, usualTemperature } from "./thermal.ts";

const SECTOR = 512;
const SECTOR_BYTES = BigInt(SECTOR);
const HOUR_MS = 3_600_000;
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
export function settleTemperature(model: Model): void {
  const { personality, state, now } = model;
  settleHeat(model);
  const at = now();
  if (at - state.temperatureAt < TEMPERATURE_MS) return;
  const swing = personality.health.temperatureSwingK;
  const step = Math.floor(nextRandom(state) * 3) - 1;
  state.temperatureOffsetK = Math.max(-swing, Math.min(swing, state.temperatureOffsetK + step));
  state.temperatureAt = at;
}

/** The composite temperature in kelvin. */
export function compositeTemperature({ personality, state }: Model): number {
  return reportable(usualTemperature({ personality, state }) + state.temperatureOffsetK);
}

/** Kelvins as log pages have them: nothing is colder than 0, or hotter than a word can say. */
function reportable(kelvin: number): number {
  return Math.max(0, Math.min(0xffff, kelvin));
}

/** The temperature sensors in kelvin, sensor 1 first. */
export function sensorTemperatures(model: Model): readonly number[] {
  const composite = compositeTemperature(model);
  return model.personality.health.sensorOffsetsK.map((offset) => reportable(composite + offset));
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
  const { spareThreshold } = model.personality.health;
  const { spare, degraded, readOnly } = currentHealth(model);
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
export function percentageUsed(
  { personality, state }: Pick<Model, "personality" | "state">,
): number {
  const { percentageUsed: before, enduranceTerabytes } = personality.health;
  const written = state.counters.sectorsWritten * SECTOR_BYTES;
  const worn = Number(written * 100n / (BigInt(enduranceTerabytes) * TERABYTE));
  return Math.max(0, Math.min(255, before + worn + state.wear.extraPercentageUsed));
}

/** The parts of the drive's health that may have changed here. */
export interface CurrentHealth {
  /** Percent. */
  readonly spare: number;
  readonly mediaErrors: bigint;
  readonly readOnly: boolean;
  readonly degraded: boolean;
}

/** The drive's health of now. */
export function currentHealth(
  { personality: { health }, state: { wear, counters } }: Pick<Model, "personality" | "state">,
): CurrentHealth {
  return {
    spare: wear.spare ?? health.spare,
    mediaErrors: BigInt(health.mediaErrors) + BigInt(wear.extraMediaErrors) + counters.mediaErrors,
    readOnly: wear.readOnly ?? health.readOnly,
    degraded: wear.degraded ?? health.degraded,
  };
}

/** Whether nothing can be written to the media any more. */
export function isReadOnly(model: Pick<Model, "personality" | "state">): boolean {
  return currentHealth(model).readOnly;
}

/** What is to become of the drive's health. */
export interface HealthChanges {
  /** Percent. */
  readonly spare?: number;
  readonly percentageUsed?: number;
  /** Kelvins above what is usual for the drive; negative ones are below. */
  readonly heatK?: number;
  /** How many more media errors there are. */
  readonly mediaErrors?: number;
  readonly readOnly?: boolean;
  readonly degraded?: boolean;
}

/** Changes the drive's health; the warnings that begin are announced when next settled. */
export function changeHealth(drive: Subsystem, changes: HealthChanges): void {
  const { wear } = drive.state;
  const { percentageUsed: wanted, mediaErrors = 0, heatK = wear.heatK, ...others } = changes;
  settleHeat(drive);
  Object.assign(wear, others);
  wear.extraMediaErrors += mediaErrors;
  if (wanted !== undefined) wear.extraPercentageUsed += wanted - percentageUsed(drive);
  wear.heatK = heatK;
  settleHeat(drive);
}

/** What can be as the drive came again: media errors have happened for good. */
export type RestorableHealth = Exclude<keyof HealthChanges, "mediaErrors">;

const RESTORABLE: readonly RestorableHealth[] = [
  "spare",
  "percentageUsed",
  "heatK",
  "readOnly",
  "degraded",
];

/** All of that, or what is named, is again as the drive came; what was counted stays. */
export function restoreHealth(
  drive: Subsystem,
  what: readonly RestorableHealth[] = RESTORABLE,
): void {
  const { wear } = drive.state;
  settleHeat(drive);
  for (const one of what) {
    if (one === "percentageUsed") wear.extraPercentageUsed = 0;
    else if (one === "heatK") wear.heatK = 0;
    else delete wear[one];
  }
  settleHeat(drive);
}

/** Adds what a completed transfer of blocks means for the counters. */
export function countTransfer(
  { state: { counters } }: Pick<Machine, "state">,
  kind: "read" | "write",
  bytes: number,
): void {
  // Whole numbers as long as possible: this runs with every command, and each bigint is an object.
  const count = Math.floor(bytes / SECTOR);
  const sectors = BigInt(count);
  // About what a drive of this kind takes for it: 20 µs, and 1 µs for every 4 KiB.
  counters.busyUs += BigInt(20 + Math.floor(count / 8));
  if (kind === "read") {
    counters.sectorsRead += sectors;
    counters.hostReads++;
  } else {
    counters.sectorsWritten += sectors;
    counters.hostWrites++;
  }
}
