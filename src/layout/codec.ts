// The contract of everything that turns bytes into a value and back, and can talk about that value.

import type { Names } from "./coded.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Unit } from "./units.ts";

/**
 * Reads and writes one value of fixed size. `T` is what reading gives, `I` is what writing accepts
 * (wider where convenient: a bigint field also takes a number, a structure takes a partial value).
 *
 * Content is total: every byte pattern decodes to something. Only lengths are checked, by the
 * structure that owns the bytes, never here.
 */
export interface Codec<T, I = T> {
  /** Bytes read and written. */
  readonly size: number;
  /** Short description for a layout table: `u16`, `ASCII`, `bits of u8`. */
  readonly type: string;
  /** Named pieces inside the value, for layout tables and verbose output. */
  readonly parts?: readonly Part<T>[];
  /** The repeated element, where the value is an array. */
  readonly item?: Codec<unknown>;
  /** Reads the value at `offset`. */
  get(view: DataView, offset: number): T;
  /** Writes the value at `offset`; writes all `size` bytes. */
  put(view: DataView, offset: number, value: I): void;
  /** One line for a person, with the unit. */
  text(value: T): string;
  /** The value for a machine. */
  json(value: T): Json;
  /** Further JSON keys that belong beside `key`: the same temperature in Celsius, exact digits. */
  siblings?(key: string, value: T): JsonObject;
}

/** One named piece of a larger value: a bit, a bit range. */
export interface Part<T> {
  readonly name: string;
  readonly label: string;
  /** Where it stands in the value, as the specification writes it: `3`, `7:4`. */
  readonly position: string;
  /** One line for a person. */
  text(value: T): string;
  /** The names of its values, where it is a code. */
  readonly names?: Names;
  /** What it counts in, where it is measured. */
  readonly unit?: Unit;
}
