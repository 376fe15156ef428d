// Units that only NVMe has.

import { celsius, exactDigits, formatBytes, formatCount, type Unit } from "../layout/mod.ts";

/** Bytes in one SMART data unit: 1000 blocks of 512 bytes [BASE-2.1 §5.1.12.1.3]. */
export const DATA_UNIT_BYTES = 512_000n;

/** SMART data units; people read bytes. */
export const dataUnits: Unit = {
  name: "units of 512,000 bytes",
  text: (value) =>
    value === 0n || value === 0
      ? "0"
      : `${formatBytes(BigInt(value) * DATA_UNIT_BYTES)} (${formatCount(value)} ${
        Number(value) === 1 ? "unit" : "units"
      })`,
  siblings(key, value) {
    const bytes = BigInt(value) * DATA_UNIT_BYTES;
    return { [`${key}_bytes`]: Number(bytes), ...exactDigits(`${key}_bytes`, bytes) };
  },
};

/** A temperature threshold or sensor where zero means that the drive does not have it. */
export const optionalKelvin: Unit = {
  name: "kelvin",
  text: (value) => Number(value) === 0 ? "not reported" : `${celsius(value)} °C (${value} K)`,
  siblings: (key, value) => Number(value) === 0 ? {} : { [`${key}_celsius`]: celsius(value) },
};
