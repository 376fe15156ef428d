// The values that fields of a verdict can have, one check for each kind of value.

import { sentenceOf } from "./describe.ts";

/** Why a verdict cannot be believed; the message continues "with". */
export class VerdictError extends Error {
  override name = "VerdictError";
}

/**
 * A value that can be believed.
 *
 * @throws VerdictError for one that cannot
 */
export type Check<T> = (given: unknown, name: string) => T;

/** The checks of all fields of an object. */
export type Read<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

/** Whether it is an object with fields; arrays of any kind are none. */
export function isRecord(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given) &&
    !ArrayBuffer.isView(given);
}

/** Those fields that are there, each one read once and checked. */
export function fieldsOf<T>(
  given: Readonly<Record<string, unknown>>,
  read: Read<T>,
  parent?: string,
): Partial<T> {
  const found: Partial<T> = {};
  for (const key of Object.keys(read) as (keyof T & string)[]) {
    const value = given[key];
    if (value === undefined) continue;
    found[key] = read[key](value, parent === undefined ? key : `${parent}.${key}`);
  }
  return found;
}

/** Any number, also one that is none. */
export const number: Check<number> = (given, name) => {
  if (typeof given === "number") return given;
  throw new VerdictError(`${name} ${sentenceOf(given)}, which is no number`);
};

/** A whole number from `least` to `most`. */
export function inRange(least: number, most: number): Check<number> {
  return (given, name) => {
    if (Number.isInteger(given) && Number(given) >= least && Number(given) <= most) {
      return Number(given);
    }
    throw new VerdictError(
      `${name} ${sentenceOf(given)}, which is no whole number from ${least} to ${most}`,
    );
  };
}

/** Any whole number, cut to 32 bits: what a program computes from dwords is often out of them. */
export const dword: Check<number> = (given, name) => {
  if (Number.isSafeInteger(given)) return Number(given) >>> 0;
  throw new VerdictError(`${name} ${sentenceOf(given)}, which is no whole number`);
};

/** A bigint or a whole number, of 64 bits with or without sign; it stays as it is. */
export const register: Check<bigint> = (given, name) => {
  const value = Number.isSafeInteger(given) ? BigInt(Number(given)) : given;
  if (typeof value === "bigint" && value >= -(1n << 63n) && value < 1n << 64n) return value;
  throw new VerdictError(`${name} ${sentenceOf(given)}, which is no bigint of 64 bits`);
};

/** As `register`, without its sign. */
export const u64: Check<bigint> = (given, name) => BigInt.asUintN(64, register(given, name));

/** A truth value. */
export const flag: Check<boolean> = (given, name) => {
  if (typeof given === "boolean") return given;
  throw new VerdictError(`${name} ${sentenceOf(given)}, which is neither true nor false`);
};

/** Bytes, in memory that nobody else changes the size of or writes to. */
export const array: Check<Uint8Array> = (given, name) => {
  if (!(given instanceof Uint8Array)) {
    throw new VerdictError(`${name} ${sentenceOf(given)}, which is no Uint8Array`);
  }
  const { buffer } = given;
  return buffer instanceof ArrayBuffer && !buffer.resizable ? given : new Uint8Array(given);
};

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Check<W> {
  return (given, name) => {
    const word = words.find((each) => each === given);
    if (word !== undefined) return word;
    throw new VerdictError(`${name} ${sentenceOf(given)}, which is none of ${words.join(", ")}`);
  };
}
