// Bit fields: a word of the structure whose bits have names of their own.

import type { Codec, Part } from "./codec.ts";
import { codedJson, nameOf, type Names } from "./coded.ts";
import { type Json, snakeCase } from "./json.ts";
import { formatCount, type Unit } from "./units.ts";

/** One bit: reads as a boolean. */
export interface Bit {
  readonly kind: "bit";
  readonly low: number;
  readonly high: number;
  readonly label: string;
}

/** Several bits: read as a number. */
export interface Range {
  readonly kind: "range";
  readonly low: number;
  readonly high: number;
  readonly label: string;
  readonly names?: Names;
  readonly unit?: Unit;
}

/** The named bits of a word. */
export type BitFields = Readonly<Record<string, Bit | Range>>;

/** What a bit field decodes to: its named pieces, and the whole word with its unnamed bits. */
export type BitsValue<F extends BitFields, W extends number | bigint> =
  & { readonly [K in keyof F]: F[K] extends Bit ? boolean : number }
  & { readonly value: W };

/**
 * What a bit field can be written from: the whole word, or its pieces. Where both are given the
 * pieces replace their bits and `value` supplies the unnamed ones.
 */
export type BitsInput<F extends BitFields, W extends number | bigint> =
  | W
  | { readonly [K in keyof F]?: F[K] extends Bit ? boolean : number } & { readonly value?: W };

/** Bit `position` of the word. */
export function bit(position: number, label: string): Bit {
  return { kind: "bit", low: position, high: position, label };
}

/** Bits `high` to `low` of the word, in the order the specification writes them. */
export function range(
  high: number,
  low: number,
  label: string,
  meaning: { readonly names?: Names; readonly unit?: Unit } = {},
): Range {
  return { kind: "range", low, high, label, ...meaning };
}

/**
 * A word of named bits. Bits without a name are kept in `value` and shown by number when set.
 * Throws at definition when two pieces overlap or leave the word.
 */
export function bits<W extends number | bigint, I, const F extends BitFields>(
  word: Codec<W, I>,
  fields: F,
): Codec<BitsValue<F, W>, BitsInput<F, W>> {
  const entries = Object.entries(fields);
  checkFields(entries, 8 * word.size);
  const named = once(() => namedBits(entries));
  type Value = BitsValue<F, W>;
  // Words of up to 32 bits are sliced with plain integer operations.
  const slice = word.size <= 4
    ? (raw: W, piece: Bit | Range): number =>
      (Number(raw) >>> piece.low) & (2 ** (piece.high - piece.low + 1) - 1)
    : (raw: W, piece: Bit | Range): number =>
      Number((BigInt(raw) >> BigInt(piece.low)) & maskOf(piece));
  function expand(raw: W): Value {
    const value: Record<string, unknown> = { value: raw };
    for (const [name, piece] of entries) {
      const part = slice(raw, piece);
      value[name] = piece.kind === "bit" ? part === 1 : part >>> 0;
    }
    return value as Value;
  }
  return {
    size: word.size,
    type: `bits of ${word.type}`,
    get parts() {
      return entries.map(([name, piece]): Part<Value> => ({
        name,
        label: piece.label,
        position: piece.high === piece.low ? `${piece.low}` : `${piece.high}:${piece.low}`,
        text: (value) => pieceText(piece, value[name as keyof F] as boolean | number),
        ...(piece.kind === "range" && piece.names ? { names: piece.names } : {}),
        ...(piece.kind === "range" && piece.unit ? { unit: piece.unit } : {}),
      }));
    },
    get: (view, offset) => expand(word.get(view, offset)),
    put(view, offset, input) {
      if (word.size <= 4 && typeof input === "object") {
        return word.put(view, offset, composeNumber(entries, input) as unknown as I);
      }
      const raw = typeof input === "object" ? compose(entries, input) : BigInt(input);
      // Words of up to 48 bits are numbers, wider ones bigints: see numbers.ts.
      word.put(view, offset, (word.size <= 6 ? Number(raw) : raw) as unknown as I);
    },
    text: (value) => bitsText(entries, value, named()),
    json: (value) => bitsJson(entries, value, named()),
  };
}

function maskOf({ low, high }: { low: number; high: number }): bigint {
  return (1n << BigInt(high - low + 1)) - 1n;
}

/** Computed when first asked for. */
function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** All bits that have a name. */
function namedBits(entries: readonly [string, Bit | Range][]): bigint {
  return entries.reduce((all, [, piece]) => all | (maskOf(piece) << BigInt(piece.low)), 0n);
}

/** Throws for pieces that cannot be. Every table is checked when it is loaded: no bigints here. */
function checkFields(entries: readonly [string, Bit | Range][], width: number): void {
  const taken: boolean[] = [];
  for (const [name, piece] of entries) {
    if (piece.low < 0 || piece.high < piece.low || piece.high >= width) {
      throw new RangeError(
        `Cannot define bits: "${name}" is ${piece.high}:${piece.low} of a ${width}-bit word`,
      );
    }
    if (piece.high - piece.low >= 32) {
      throw new RangeError(`Cannot define bits: "${name}" is wider than 32 bits`);
    }
    for (let at = piece.low; at <= piece.high; at++) {
      if (taken[at]) throw new RangeError(`Cannot define bits: "${name}" overlaps another piece`);
      taken[at] = true;
    }
  }
}

function compose(
  entries: readonly [string, Bit | Range][],
  input: Readonly<Record<string, unknown>>,
): bigint {
  let raw = BigInt((input["value"] ?? 0) as number | bigint);
  for (const [name, piece] of entries) {
    const given = input[name];
    if (given === undefined) continue;
    const part = BigInt(given as number | boolean);
    const mask = maskOf(piece);
    if (part < 0n || part > mask) throw doesNotFit(name, part, piece);
    raw = (raw & ~(mask << BigInt(piece.low))) | (part << BigInt(piece.low));
  }
  return raw;
}

/** The same for words of up to 32 bits, with plain integer operations. */
function composeNumber(
  entries: readonly [string, Bit | Range][],
  input: Readonly<Record<string, unknown>>,
): number {
  let raw = Number(input["value"] ?? 0);
  // The word's codec says what is wrong with it.
  if (!Number.isInteger(raw) || raw < 0 || raw > 0xffff_ffff) return raw;
  for (const [name, piece] of entries) {
    const given = input[name];
    if (given === undefined) continue;
    const part = Number(given);
    const mask = 2 ** (piece.high - piece.low + 1) - 1;
    if (!Number.isInteger(part) || part < 0 || part > mask) throw doesNotFit(name, part, piece);
    raw = (raw & ~(mask << piece.low)) | (part << piece.low);
  }
  return raw >>> 0;
}

function doesNotFit(name: string, part: bigint | number, { high, low }: Bit | Range): RangeError {
  return new RangeError(`Cannot encode "${name}": ${part} does not fit ${high}:${low}`);
}

function pieceText(piece: Bit | Range, value: boolean | number): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (piece.kind === "range") {
    if (piece.names) return nameOf(piece.names, value);
    if (piece.unit) return piece.unit.text(value);
  }
  return formatCount(value);
}

function pieceJson(piece: Bit | Range, value: boolean | number): Json {
  return typeof value === "number" && piece.kind === "range" && piece.names
    ? codedJson(piece.names, value)
    : value;
}

type AnyBits = Readonly<Record<string, unknown>> & { readonly value: number | bigint };

function bitsText(
  entries: readonly [string, Bit | Range][],
  value: AnyBits,
  named: bigint,
): string {
  const words: string[] = [];
  for (const [name, piece] of entries) {
    const part = value[name] as boolean | number;
    if (part === true) words.push(piece.label);
    if (typeof part === "number" && (part !== 0 || (piece.kind === "range" && piece.names?.[0]))) {
      words.push(`${piece.label}: ${pieceText(piece, part)}`);
    }
  }
  const unnamed = BigInt(value.value) & ~named;
  if (unnamed !== 0n) words.push(`reserved bits 0x${unnamed.toString(16)}`);
  return words.length === 0 ? "none" : words.join(", ");
}

function bitsJson(
  entries: readonly [string, Bit | Range][],
  value: AnyBits,
  named: bigint,
): Json {
  const object: Record<string, Json> = {
    value: Number(value.value),
    text: bitsText(entries, value, named),
  };
  for (const [name, piece] of entries) {
    object[snakeCase(name)] = pieceJson(piece, value[name] as boolean | number);
  }
  return object;
}
