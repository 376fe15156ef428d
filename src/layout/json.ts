// What nvmectl puts into JSON: plain values, and the rules that keep large integers exact.

/** A value that `JSON.stringify` writes without loss of meaning. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * The keys that stand beside `key` for an integer: `<key>_s` with the exact decimal digits when the
 * value does not fit a double exactly, nothing otherwise.
 */
export function exactDigits(key: string, value: bigint | number): JsonObject {
  return value > Number.MAX_SAFE_INTEGER ? { [`${key}_s`]: value.toString() } : {};
}

/**
 * The JSON key of a field: `dataUnitsRead` becomes `data_units_read`; digits stay with their word.
 */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
