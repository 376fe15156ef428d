// Power states: how much power the drive draws in each, and what each costs in time and speed.

import {
  at,
  bit,
  bits,
  type BitsValue,
  type Codec,
  except,
  formatCount,
  formatDuration,
  type JsonObject,
  measured,
  microseconds,
  type Names,
  range,
  reserved,
  struct,
  u24,
  u32,
  u48,
} from "../../layout/mod.ts";
import { worded } from "./codecs.ts";

const LATENCY = except(measured(u32, microseconds), 0, "not reported");

/** Watts of one step of a power field, by its scale [BASE-2.1 §5.1.13.2.1, Fig. 313]. */
const STEPS_A_WATT: Readonly<Record<number, number>> = { 1: 10_000, 2: 100 };

const SCALE_NAMES: Names = { 0: "not reported", 1: "0.0001 W", 2: "0.01 W" };

const WORKLOAD_NAMES: Names = {
  0: "no workload",
  1: "workload 1: idle with bursts of random writes",
  2: "workload 2: heavy sequential writes",
};

/** The time scales: each ten times the one before, from 1 µs [BASE-2.1 §5.1.13.2.1, Fig. 314]. */
const TIME_SCALES = 13;

const TIME_SCALE_NAMES: Names = Object.fromEntries(
  Array.from({ length: TIME_SCALES }, (_, scale) => [scale, formatMicroseconds(10 ** scale)]),
);

function formatMicroseconds(value: number): string {
  if (value < 1000) return `${value} µs`;
  return value < 1e9 ? formatDuration(value / 1000) : `${formatCount(value / 1e6)} s`;
}

/** A power in watts, undefined where the drive does not say. */
function watts(steps: number, stepsAWatt: number | undefined): number | undefined {
  return steps === 0 || stepsAWatt === undefined ? undefined : steps / stepsAWatt;
}

function wattsText(value: number | undefined): string {
  return value === undefined ? "not reported" : `${Number(value.toFixed(4))} W`;
}

/** Adds `<key>_watts` to the JSON of a power field. */
function powered<T extends { readonly value: number }, I>(
  codec: Codec<T, I>,
  inWatts: (value: T) => number | undefined,
  words: (value: T) => string,
): Codec<T, I> {
  return {
    ...worded(codec, words),
    siblings(key, value): JsonObject {
      const power = inWatts(value);
      return power === undefined ? {} : { [`${key}_watts`]: power };
    },
  };
}

const POWER_BITS = {
  mp: range(15, 0, "maximum power"),
  mxps: bit(24, "in steps of 0.0001 W"),
  nops: bit(25, "non-operational"),
} as const;

const IDLE_BITS = {
  idlp: range(15, 0, "idle power"),
  ips: range(23, 22, "scale", { names: SCALE_NAMES }),
} as const;

const ACTIVE_BITS = {
  actp: range(15, 0, "active power"),
  apw: range(18, 16, "workload", { names: WORKLOAD_NAMES }),
  aps: range(23, 22, "scale", { names: SCALE_NAMES }),
} as const;

const RELATIVE_BITS = {
  rrt: range(4, 0, "read throughput"),
  rrl: range(12, 8, "read latency"),
  rwt: range(20, 16, "write throughput"),
  rwl: range(28, 24, "write latency"),
} as const;

const POWER_LOSS_BITS = {
  epfrt: range(7, 0, "emergency power fail recovery time"),
  fqvt: range(15, 8, "forced quiescence vault time"),
  epfvt: range(23, 16, "emergency power fail vault time"),
  epfrts: range(27, 24, "its recovery time scale", { names: TIME_SCALE_NAMES }),
  fqvts: range(31, 28, "its vault time scale", { names: TIME_SCALE_NAMES }),
  epfvts: range(35, 32, "its vault time scale", { names: TIME_SCALE_NAMES }),
} as const;

type PowerBits = BitsValue<typeof POWER_BITS, number>;
type IdleBits = BitsValue<typeof IDLE_BITS, number>;
type ActiveBits = BitsValue<typeof ACTIVE_BITS, number>;
type PowerLossBits = BitsValue<typeof POWER_LOSS_BITS, number>;

function maximumText(power: PowerBits): string {
  const maximum = wattsText(maximumPower(power));
  return power.nops ? `${maximum}, non-operational` : maximum;
}

function activeText(active: ActiveBits): string {
  const power = activePower(active);
  return power === undefined
    ? "not reported"
    : `${wattsText(power)} (${WORKLOAD_NAMES[active.apw] ?? `workload ${active.apw}`})`;
}

/** Values above 99 are reserved. */
function timeText(time: number, scale: number): string {
  if (time === 0) return "not reported";
  return time <= 99 && scale < TIME_SCALES
    ? formatMicroseconds(time * 10 ** scale)
    : `reserved (${time}, scale ${scale})`;
}

function powerLossText(loss: PowerLossBits): string {
  if (loss.epfrt === 0 && loss.fqvt === 0 && loss.epfvt === 0) return "not reported";
  return [
    `emergency power fail recovery: ${timeText(loss.epfrt, loss.epfrts)}`,
    `forced quiescence vault: ${timeText(loss.fqvt, loss.fqvts)}`,
    `emergency power fail vault: ${timeText(loss.epfvt, loss.epfvts)}`,
  ].join(", ");
}

/**
 * The Power State Descriptor. The figure counts in bits, and a power means nothing without its
 * scale: a row is a power with its scale, or what belongs together otherwise.
 */
export const PowerStateDescriptor = struct(
  "Power State Descriptor",
  32,
  "[BASE-2.1 §5.1.13.2.1, Fig. 313]",
  [
    at(0, 3, "power", powered(bits(u32, POWER_BITS), maximumPower, maximumText), "Maximum power", {
      brief: true,
    }),
    at(4, 7, "enlat", LATENCY, "Entry latency", { brief: true }),
    at(8, 11, "exlat", LATENCY, "Exit latency", { brief: true }),
    at(
      12,
      15,
      "relative",
      worded(
        bits(u32, RELATIVE_BITS),
        ({ rrt, rrl, rwt, rwl }) =>
          `read throughput ${rrt}, read latency ${rrl}, write throughput ${rwt}, ` +
          `write latency ${rwl}`,
      ),
      "Rank among the states, 0 best",
    ),
    at(
      16,
      18,
      "idle",
      powered(bits(u24, IDLE_BITS), idlePower, (idle) => wattsText(idlePower(idle))),
      "Idle power",
      { since: "1.2" },
    ),
    reserved(19, 19),
    at(
      20,
      22,
      "active",
      powered(bits(u24, ACTIVE_BITS), activePower, activeText),
      "Active power",
      { since: "1.2" },
    ),
    at(
      23,
      28,
      "powerLoss",
      worded(bits(u48, POWER_LOSS_BITS), powerLossText),
      "Power loss times",
      { since: "2.1" },
    ),
    reserved(29, 31),
  ],
);

/** A decoded power state descriptor. */
export type PowerStateDescriptor = ReturnType<typeof PowerStateDescriptor.decode>;

/** The most that the state draws over a longer time, in watts; undefined where not reported. */
export function maximumPower({ mp, mxps }: PowerBits): number | undefined {
  return watts(mp, STEPS_A_WATT[mxps ? 1 : 2]);
}

/** What the state typically draws when idle, in watts; undefined where not reported. */
export function idlePower({ idlp, ips }: IdleBits): number | undefined {
  return watts(idlp, STEPS_A_WATT[ips]);
}

/** The largest average over 10 s under its workload, in watts; undefined where not reported. */
export function activePower({ actp, aps }: ActiveBits): number | undefined {
  return watts(actp, STEPS_A_WATT[aps]);
}

/** Whether the descriptor says nothing at all, as those of states that do not exist. */
export function isEmptyPowerState(state: PowerStateDescriptor): boolean {
  const { power, enlat, exlat, relative, idle, active, powerLoss } = state;
  return enlat === 0 && exlat === 0 &&
    [power, relative, idle, active, powerLoss].every(({ value }) => value === 0);
}
