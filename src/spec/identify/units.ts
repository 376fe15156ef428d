// The units that the Identify data structures count in.

import {
  exactDigits,
  formatBinaryBytes,
  formatCount,
  formatDuration,
  type Unit,
} from "../../layout/mod.ts";

/** The largest power of two that is still written as a number. */
const LARGEST_EXPONENT = 52;

function powerOfTwo(exponent: number): string {
  return exponent > LARGEST_EXPONENT ? `2^${exponent}` : formatCount(2 ** exponent);
}

/** Bytes counted in blocks of a power of two: 16 of 4 KiB reads `64 KiB (16 × 4 KiB)`. */
export function blocksOf(bytes: number): Unit {
  const block = formatBinaryBytes(bytes);
  return {
    name: `× ${block}`,
    text(value) {
      const total = formatBinaryBytes(BigInt(value) * BigInt(bytes));
      return Number(value) === 1 ? total : `${total} (${formatCount(value)} × ${block})`;
    },
    siblings(key, value) {
      const total = BigInt(value) * BigInt(bytes);
      return { [`${key}_bytes`]: Number(total), ...exactDigits(`${key}_bytes`, total) };
    },
  };
}

/** A power of two of the smallest memory page that the controller can work with. */
export const minimumPages: Unit = {
  name: "2^n minimum pages",
  text(value) {
    const exponent = Number(value);
    const pages = `${powerOfTwo(exponent)} × the minimum page size`;
    return exponent > LARGEST_EXPONENT
      ? pages
      : `${pages} (${formatBinaryBytes(2 ** exponent * 4096)} for 4 KiB pages)`;
  },
};

/** A power of two of 4 KiB. */
export const fourKibExponent: Unit = {
  name: "2^n × 4 KiB",
  text(value) {
    const exponent = Number(value);
    return exponent > LARGEST_EXPONENT
      ? `2^${exponent} × 4 KiB`
      : `${formatBinaryBytes(2 ** exponent * 4096)} (2^${exponent} × 4 KiB)`;
  },
};

/** A power of two of commands. */
export const commandExponent: Unit = {
  name: "2^n commands",
  text(value) {
    const exponent = Number(value);
    if (exponent === 0) return "1 command";
    const commands = `${powerOfTwo(exponent)} commands`;
    return exponent > LARGEST_EXPONENT ? commands : `${commands} (2^${exponent})`;
  },
};

/** Tenths of a second. */
export const hundredMilliseconds: Unit = {
  name: "× 100 ms",
  text: (value) => `${formatDuration(Number(value) * 100)} (${formatCount(value)} × 100 ms)`,
  siblings: (key, value) => ({ [`${key}_ms`]: Number(value) * 100 }),
};

/** Tenths of a microsecond. */
export const hundredNanoseconds: Unit = {
  name: "× 100 ns",
  text: (value) => `${Number(value) / 10} µs`,
  siblings: (key, value) => ({ [`${key}_ns`]: Number(value) * 100 }),
};

/** Days. */
export const days: Unit = {
  name: "days",
  text: (value) => Number(value) === 1 ? "1 day" : `${formatCount(value)} days`,
};

/** Logical blocks. */
export const logicalBlocks: Unit = {
  name: "logical blocks",
  text: (value) => `${formatCount(value)} ${Number(value) === 1 ? "block" : "blocks"}`,
};
