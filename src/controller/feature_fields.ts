// Fields of a feature by name: what somebody types becomes bytes of a dword or a data structure.

import { UsageError } from "../errors.ts";
import { type Codec, type Names, type Part, Struct, type Unit } from "../layout/mod.ts";

type AnyStruct = Struct<object, unknown>;

/** `tmpth=353`, taken apart. */
export interface Assignment {
  /** `tmpth`, `entries[3].itps`. */
  readonly path: string;
  readonly text: string;
}

/** Bytes that fields can be written to, with their layout. */
export interface FieldSpace {
  readonly structure: AnyStruct;
  /** Written in place; at least as long as the structure. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where a field lies: a value of a codec, or a piece of it. */
interface Place {
  readonly codec: Codec<unknown>;
  readonly part?: Part<unknown>;
  readonly offset: number;
}

const YES = new Set(["1", "yes", "on", "true", "enabled"]);
const NO = new Set(["0", "no", "off", "false", "disabled"]);
const KELVIN_OFFSET = 273;
const NUMBER = /^(0x[0-9a-f]+|[0-9]+)$/i;
/** Microseconds that the specification's units of time count in. */
const UNIT_US: Readonly<Record<string, number>> = { "ms": 1000, "100 ms": 100_000, "100 µs": 100 };
const TIME_US: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
};
/** Takes `NAME=VALUE` apart. Throws UsageError for anything else. */
export function parseAssignment(typed: string): Assignment {
  const [, path, text] = /^([^=]+)=(.*)$/.exec(typed) ?? [];
  if (path === undefined || text === undefined) {
    throw new UsageError(`Cannot set ${JSON.stringify(typed)}: need FIELD=VALUE`);
  }
  return { path: path.trim(), text: text.trim() };
}

/** Whether a structure has the field that somebody names. */
export function hasField(structure: AnyStruct, path: string): boolean {
  return placeOf(structure, path, 0) !== undefined;
}

/** The names of a structure's fields: of words of bits those of their pieces. */
export function fieldNames(structure: AnyStruct): readonly string[] {
  return structure.rows.flatMap(({ name, codec }) =>
    name === "" ? [] : codec.parts ? codec.parts.map((part) => part.name) : [name]
  );
}

/**
 * Writes a field: a number, a name of a code, yes or no, a temperature in C, a time with its unit,
 * text, or hexadecimal digits, as the field has it.
 *
 * @throws UsageError for a field that is not there, or a value that is none of it
 */
export function assignField({ structure, bytes }: FieldSpace, { path, text }: Assignment): void {
  const place = placeOf(structure, path, 0);
  if (place === undefined) {
    throw new UsageError(`Cannot set ${path}: ${structure.title} has no such field`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { codec, part, offset } = place;
  const before = codec.get(view, offset);
  try {
    if (part === undefined) {
      codec.put(view, offset, wholeValue(codec, before, { path, text }));
      return;
    }
    const old = (before as Readonly<Record<string, unknown>>)[part.name];
    const value = typeof old === "boolean" ? toggled({ path, text }) : piece(part, { path, text });
    codec.put(view, offset, { ...(before as object), [part.name]: value });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot set ${path} to ${JSON.stringify(text)}: ${error.message}`);
  }
}

/** Every field of a structure that can be set, with its label and what its codes are called. */
export function fieldHelp(structure: AnyStruct): readonly string[] {
  return structure.fields(structure.decode(new Uint8Array(structure.size))).flatMap(
    ({ key, row: { codec, label } }) => {
      const inner = codec.item;
      if (inner?.parts) return inner.parts.map((part) => partHelp(part, `${key}[N].`));
      if (inner instanceof Struct) return [`${key}[N].* (${label})`];
      if (codec.parts) return codec.parts.map((part) => partHelp(part, ""));
      return [`${key}${inner ? "[N]" : ""} (${label})`];
    },
  );
}

function partHelp({ name, label, names }: Part<unknown>, before: string): string {
  const codes = names ? `: ${Object.values(names).join(", ")}` : "";
  return `${before}${name} (${label}${codes})`;
}

/** Names are taken whatever their case, with dashes or nothing for spaces. */
function normalized(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_-]+/g, "");
}

function placeOf(codec: Codec<unknown>, path: string, offset: number): Place | undefined {
  const [, head = "", index, rest] = /^([a-z0-9_]+)(?:\[(\d+)\])?(?:\.(.+))?$/i.exec(path) ?? [];
  if (!(codec instanceof Struct)) {
    const part = codec.parts?.find(({ name }) => normalized(name) === normalized(head));
    return part && index === undefined && rest === undefined ? { codec, part, offset } : undefined;
  }
  for (const row of (codec as AnyStruct).rows) {
    const at = offset + row.first;
    if (row.name === "" || normalized(row.name) !== normalized(head)) {
      const piece = row.codec.parts && index === undefined && placeOf(row.codec, path, at);
      if (piece) return piece;
      continue;
    }
    return within(row.codec, { index, rest, offset: at });
  }
  return undefined;
}

/** A row that is named: the row itself, an element of it, or what is inside. */
function within(
  codec: Codec<unknown>,
  { index, rest, offset }: {
    readonly index: string | undefined;
    readonly rest: string | undefined;
    readonly offset: number;
  },
): Place | undefined {
  if (index === undefined) {
    if (codec.item) return undefined;
    return rest === undefined ? { codec, offset } : placeOf(codec, rest, offset);
  }
  const { item } = codec;
  if (item === undefined || (Number(index) + 1) * item.size > codec.size) return undefined;
  const at = offset + Number(index) * item.size;
  return rest === undefined ? { codec: item, offset: at } : placeOf(item, rest, at);
}

/** The value of a field that is no piece of a larger one. */
function wholeValue(
  codec: Codec<unknown>,
  before: unknown,
  { path, text }: Assignment,
): unknown {
  if (typeof before === "string") return latin(text);
  if (before instanceof Uint8Array) {
    const digits = text.replaceAll(/[-:\s]/g, "").replace(/^0x/i, "");
    if (!/^[0-9a-f]*$/i.test(digits) || digits.length !== 2 * codec.size) {
      throw bad({ path, text }, `${2 * codec.size} hexadecimal digits`);
    }
    return Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
  }
  if (codec instanceof Struct) throw bad({ path, text }, `a field of it, as ${path}.NAME`);
  if (!NUMBER.test(text)) throw bad({ path, text }, "a whole number");
  return codec.size > 6 ? BigInt(text) : Number(text);
}

/** Text as the bytes of its UTF-8, a character each. */
function latin(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

function toggled(assignment: Assignment): boolean {
  const word = assignment.text.toLowerCase();
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  throw bad(assignment, "yes or no");
}

function piece({ names, unit }: Part<unknown>, assignment: Assignment): number {
  const { text } = assignment;
  if (NUMBER.test(text)) return Number(text);
  const code = names && codeOf(names, text);
  if (code !== undefined) return code;
  const measured = unit && measure(unit, text);
  if (measured !== undefined) return measured;
  const words = names ? `, or one of ${Object.values(names).join(", ")}` : "";
  throw bad(assignment, `a whole number${words}${unitHelp(unit)}`);
}

function codeOf(names: Names, text: string): number | undefined {
  const found = Object.entries(names).find(([, name]) => normalized(name) === normalized(text));
  return found && Number(found[0]);
}

/** `80C`, `353K`, `500ms` in the unit of the field; undefined where it is no whole number of it. */
function measure({ name }: Unit, text: string): number | undefined {
  const [, count = "", word = ""] = /^(-?[0-9]+(?:\.[0-9]+)?)\s*(°?[a-zµ]+)$/i.exec(text) ?? [];
  if (name === "kelvin") {
    const degrees = word.replace("°", "").toUpperCase();
    const kelvin = degrees === "C" ? Number(count) + KELVIN_OFFSET : Number(count);
    const known = degrees === "C" || degrees === "K";
    return known && Number.isInteger(kelvin) && kelvin >= 0 ? kelvin : undefined;
  }
  if (count.startsWith("-")) return undefined;
  const ticks = Math.round(Number(count) * (TIME_US[word] ?? NaN)) / (UNIT_US[name] ?? NaN);
  return Number.isInteger(ticks) ? ticks : undefined;
}

function unitHelp(unit: Unit | undefined): string {
  if (unit === undefined) return "";
  if (unit.name === "kelvin") return " of kelvins, or degrees such as 80C";
  return UNIT_US[unit.name] === undefined ? "" : `, or a time in steps of ${unit.name}`;
}

function bad({ path, text }: Assignment, need: string): UsageError {
  return new UsageError(`Cannot set ${path} to ${JSON.stringify(text)}: need ${need}`);
}
