// Values with their unit, as people read them. Pure text; nothing here knows NVMe.

import type { Codec } from "./codec.ts";
import { exactDigits, type JsonObject } from "./json.ts";

/** How a number with a unit reads, and what else JSON should say about it. */
export interface Unit {
  /** The unit's name in a layout table: `kelvin`, `minutes`. */
  readonly name: string;
  /** One line for a person. */
  text(value: number | bigint): string;
  /** Keys beside `key` in JSON. */
  siblings?(key: string, value: number | bigint): JsonObject;
}

/** The same integer with a unit. */
export function measured<T extends number | bigint, I>(
  codec: Codec<T, I>,
  unit: Unit,
): Codec<T, I> {
  return {
    ...codec,
    type: `${codec.type} ${unit.name}`,
    text: (value) => unit.text(value),
    siblings: (key, value) => ({
      ...exactDigits(key, value),
      ...unit.siblings?.(key, value),
    }),
  };
}

/** The same codec, where one value (usually zero) means something else: `not reported`. */
export function except<T, I>(codec: Codec<T, I>, special: T, meaning: string): Codec<T, I> {
  return {
    ...codec,
    text: (value) => value === special ? meaning : codec.text(value),
  };
}

/** An integer with thousands separators, exact for a bigint of any size: `1,234,567`. */
export function formatCount(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 entry`, `no entries`, `64 entries`. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  if (Number(count) === 0) return `no ${many}`;
  return `${formatCount(count)} ${Number(count) === 1 ? one : many}`;
}

const SI_PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q"];
const BINARY_PREFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

function scaled(
  value: number,
  { base, prefixes, unit }: { base: number; prefixes: readonly string[]; unit: string },
): string {
  let step = 0;
  let rest = value;
  while (rest >= base && step < prefixes.length - 1) {
    rest /= base;
    step++;
  }
  // Three significant digits, without turning 999.9 into "1.00e+3".
  const digits = step === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  if (step < prefixes.length - 1 && Number(rest.toFixed(digits)) >= base) {
    rest /= base;
    step++;
    return `${rest.toFixed(2)} ${prefixes[step]}${unit}`;
  }
  return `${rest.toFixed(digits)} ${prefixes[step]}${unit}`;
}

/** Bytes in powers of 1000, as drives are sold: `1.02 TB`. */
export function formatBytes(bytes: number | bigint): string {
  return scaled(Number(bytes), { base: 1000, prefixes: SI_PREFIXES, unit: "B" });
}

/** Bytes in powers of 1024, where the quantity is a power of two: `512 KiB`. */
export function formatBinaryBytes(bytes: number | bigint): string {
  const number = Number(bytes);
  const text = scaled(number, { base: 1024, prefixes: BINARY_PREFIXES, unit: "B" });
  return text.replace(/\.0+ /, " ");
}

/** A span of time in its two largest units: `2 h 5 min`, `41 days 3 h`, `350 ms`. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return "unknown";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86400), "days"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) =>
      count === 1 && name === "days" ? "1 day" : `${formatCount(count)} ${name}`
    )
    .join(" ");
}

/** Degrees Celsius of whole kelvins; NVMe counts 0 degrees as 273 K. */
export function celsius(kelvin: number | bigint): number {
  return Number(kelvin) - 273;
}

/** Kelvin, shown in Celsius first. */
export const kelvin: Unit = {
  name: "kelvin",
  text: (value) => `${celsius(value)} °C (${value} K)`,
  siblings: (key, value) => ({ [`${key}_celsius`]: celsius(value) }),
};

/** Hundredths of the whole. */
export const percent: Unit = { name: "percent", text: (value) => `${value} %` };

/** A span counted in `perUnit` milliseconds, shown with the plain count beside it. */
export function span(name: string, perUnit: number): Unit {
  return {
    name,
    text(value) {
      const plain = `${formatCount(value)} ${name}`;
      const milliseconds = Number(value) * perUnit;
      // Longer than that is nonsense from the drive, which days would only hide.
      if (milliseconds > 1e15) return plain;
      const readable = formatDuration(milliseconds);
      return Number(value) === 0 || readable === plain ? plain : `${plain} (${readable})`;
    },
  };
}

/** Milliseconds. */
export const milliseconds: Unit = span("ms", 1);
/** Seconds. */
export const seconds: Unit = span("s", 1000);
/** Minutes. */
export const minutes: Unit = span("min", 60_000);
/** Hours. */
export const hours: Unit = span("h", 3_600_000);
/** Microseconds. */
export const microseconds: Unit = {
  name: "µs",
  text: (value) => `${formatCount(value)} µs`,
};

/** Bytes, in decimal units with the exact count beside them. */
export const byteCount: Unit = {
  name: "bytes",
  text(value) {
    const exact = `${formatCount(value)} bytes`;
    return value < 1000 ? exact : `${formatBytes(value)} (${exact})`;
  },
};

/** A power-of-two exponent of bytes: 12 reads `4 KiB (2^12)`. */
export const byteExponent: Unit = {
  name: "2^n bytes",
  text: (value) => `${formatBinaryBytes(2 ** Number(value))} (2^${value})`,
};
