// Little-endian integers. NVMe is little-endian throughout [BASE-2.1 §1.5]; the host never decides.

import type { Codec } from "./codec.ts";
import { exactDigits } from "./json.ts";
import { formatCount } from "./units.ts";

const LITTLE_ENDIAN = true;

/** A codec of integers of up to 32 bits. */
export type SmallInteger = Codec<number>;
/** A codec of integers of more than 48 bits: always bigint. */
export type BigInteger = Codec<bigint, bigint | number>;

function small(
  size: number,
  get: (view: DataView, offset: number) => number,
  put: (view: DataView, offset: number, value: number) => void,
): SmallInteger {
  const max = 2 ** (8 * size) - 1;
  return {
    size,
    type: `u${8 * size}`,
    get,
    put(view, offset, value) {
      if (!Number.isInteger(value) || value < 0 || value > max) {
        throw new RangeError(`Cannot encode ${value} as u${8 * size}: need an integer 0 to ${max}`);
      }
      put(view, offset, value);
    },
    text: formatCount,
    json: (value) => value,
    siblings: exactDigits,
  };
}

function big(bytes: number, get: (view: DataView, offset: number) => bigint): BigInteger {
  const bits = BigInt(8 * bytes);
  return {
    size: bytes,
    type: `u${bits}`,
    get,
    put(view, offset, value) {
      let rest = BigInt(value);
      if (rest < 0n || rest >> bits !== 0n) {
        throw new RangeError(`Cannot encode ${value} as u${bits}: need 0 to 2^${bits} - 1`);
      }
      for (let at = 0; at < bytes; at++, rest >>= 8n) {
        view.setUint8(offset + at, Number(rest & 0xffn));
      }
    },
    text: formatCount,
    json: Number,
    siblings: exactDigits,
  };
}

/** One byte. */
export const u8: SmallInteger = small(
  1,
  (view, offset) => view.getUint8(offset),
  (view, offset, value) => view.setUint8(offset, value),
);

/** Two bytes, little-endian. */
export const u16: SmallInteger = small(
  2,
  (view, offset) => view.getUint16(offset, LITTLE_ENDIAN),
  (view, offset, value) => view.setUint16(offset, value, LITTLE_ENDIAN),
);

/** Three bytes, little-endian. */
export const u24: SmallInteger = small(
  3,
  (view, offset) => view.getUint16(offset, LITTLE_ENDIAN) | (view.getUint8(offset + 2) << 16),
  (view, offset, value) => {
    view.setUint16(offset, value & 0xffff, LITTLE_ENDIAN);
    view.setUint8(offset + 2, value >>> 16);
  },
);

/** Four bytes, little-endian. */
export const u32: SmallInteger = small(
  4,
  (view, offset) => view.getUint32(offset, LITTLE_ENDIAN),
  (view, offset, value) => view.setUint32(offset, value, LITTLE_ENDIAN),
);

/** Six bytes, little-endian; a number, because 48 bits are exact in one. */
export const u48: SmallInteger = small(
  6,
  (view, offset) =>
    view.getUint32(offset, LITTLE_ENDIAN) + view.getUint16(offset + 4, LITTLE_ENDIAN) * 2 ** 32,
  (view, offset, value) => {
    view.setUint32(offset, value % 2 ** 32, LITTLE_ENDIAN);
    view.setUint16(offset + 4, Math.floor(value / 2 ** 32), LITTLE_ENDIAN);
  },
);

/** Seven bytes, little-endian. */
export const u56: BigInteger = big(
  7,
  (view, offset) =>
    BigInt(view.getUint32(offset, LITTLE_ENDIAN)) |
    (BigInt(u24.get(view, offset + 4)) << 32n),
);

/** Eight bytes, little-endian; always a bigint. */
export const u64: BigInteger = big(8, (view, offset) => view.getBigUint64(offset, LITTLE_ENDIAN));

/** Sixteen bytes, little-endian; always a bigint, exact to the last digit. */
export const u128: BigInteger = big(
  16,
  (view, offset) =>
    view.getBigUint64(offset, LITTLE_ENDIAN) |
    (view.getBigUint64(offset + 8, LITTLE_ENDIAN) << 64n),
);

/** The same integer, written for people in hexadecimal with all its digits: `0x1b36`. */
export function hex<T extends number | bigint, I>(codec: Codec<T, I>): Codec<T, I> {
  return {
    ...codec,
    text: (value) => `0x${value.toString(16).padStart(2 * codec.size, "0")}`,
  };
}
