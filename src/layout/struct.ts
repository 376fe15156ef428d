// A structure is a table of specification rows; decoding, encoding, text, JSON and the printed
// layout all come from that one table.

import type { Codec } from "./codec.ts";
import { type Json, type JsonObject, snakeCase } from "./json.ts";

/** A structure whose rows do not add up: a mistake in the table, found when it is loaded. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/** Bytes that are too short for the structure they should hold. */
export class TruncatedError extends Error {
  override readonly name = "TruncatedError";
  constructor(readonly title: string, readonly needed: number, readonly found: number) {
    super(`Cannot decode ${title}: ${found} bytes, need ${needed}`);
  }
}

/** What a row may say beside its place, name and codec. */
export interface RowOptions {
  /** Shown when only what matters is asked for. */
  readonly brief?: boolean;
  /** The specification revision that introduced the field; older drives leave it zero. */
  readonly since?: string;
}

/** One field of a structure: first and last byte as the figure gives them, and how to read it. */
export interface Row<N extends string = string, T = unknown, I = T> extends RowOptions {
  readonly first: number;
  readonly last: number;
  /** Empty for reserved bytes. */
  readonly name: N;
  readonly codec: Codec<T, I>;
  /** The field's name for people. */
  readonly label: string;
}

type Rows = readonly Row<string, unknown, unknown>[];

/** The decoded value of a table of rows. */
export type Value<R extends Rows> = {
  readonly [
    E in R[number] as E extends Row<infer N, infer _T, infer _I> ? N extends "" ? never : N : never
  ]: E extends Row<string, infer T, infer _I> ? T : never;
};

/** What a table of rows encodes: any part of it; what is missing is zero. */
export type Input<R extends Rows> = {
  readonly [
    E in R[number] as E extends Row<infer N, infer _T, infer _I> ? N extends "" ? never : N : never
  ]?: E extends Row<string, infer _T, infer I> ? I : never;
};

/** A field of bytes `first` to `last`, inclusive, as the specification's figures write them. */
export function at<const N extends string, T, I>(
  first: number,
  last: number,
  name: N,
  codec: Codec<T, I>,
  label: string,
  options: RowOptions = {},
): Row<N, T, I> {
  return { first, last, name, codec, label, ...options };
}

/** Bytes without meaning: read as nothing, written as zero. */
export function reserved(first: number, last: number): Row<"", undefined, undefined> {
  const codec: Codec<undefined> = {
    size: last - first + 1,
    type: "reserved",
    get: () => undefined,
    put: () => {},
    text: () => "",
    json: () => null,
  };
  return { first, last, name: "", codec, label: "reserved" };
}

/** A decoded field, ready to be shown. */
export interface Field {
  readonly row: Row<string, unknown, unknown>;
  readonly key: string;
  readonly text: string;
  readonly value: unknown;
}

interface NamedRow extends Row<string, unknown, unknown> {
  /** Its name in JSON. */
  readonly key: string;
}

/** A structure of the specification; also a codec, so that structures nest. */
export class Struct<T extends object, I = Partial<T>> implements Codec<T, I> {
  readonly type = "structure";
  private made: readonly NamedRow[] | undefined = undefined;

  constructor(
    readonly title: string,
    readonly size: number,
    /** Where the specification defines it: `[BASE-2.1 §5.1.12.1.3]`. */
    readonly cite: string,
    readonly rows: Rows,
  ) {
    checkRows(title, size, rows);
  }

  /** The rows with a name. Made when needed: most of the structures of a run only get defined. */
  private get named(): readonly NamedRow[] {
    return this.made ??= this.rows.filter(({ name }) => name !== "")
      .map((row) => ({ ...row, key: snakeCase(row.name) }));
  }

  /** Reads the structure from the start of `bytes`; longer is fine, shorter is a TruncatedError. */
  decode(bytes: Uint8Array): T {
    if (bytes.length < this.size) throw new TruncatedError(this.title, this.size, bytes.length);
    return this.get(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  }

  /** Some fields of the structure, for who has no use for the others. Throws as `decode`. */
  decodeOnly<K extends keyof T & string>(bytes: Uint8Array, ...names: readonly K[]): Pick<T, K> {
    if (bytes.length < this.size) throw new TruncatedError(this.title, this.size, bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const value: Record<string, unknown> = {};
    for (const wanted of names) {
      const { first, codec } = this.row(wanted);
      value[wanted] = codec.get(view, first);
    }
    return value as Pick<T, K>;
  }

  /** The structure's bytes; fields that `value` does not have are zero. */
  encode(value: I): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.size);
    this.put(new DataView(bytes.buffer), 0, value);
    return bytes;
  }

  get(view: DataView, offset: number): T {
    const value: Record<string, unknown> = {};
    for (const { first, name, codec } of this.made ?? this.named) {
      value[name] = codec.get(view, offset + first);
    }
    return value as T;
  }

  put(view: DataView, offset: number, value: I): void {
    new Uint8Array(view.buffer, view.byteOffset + offset, this.size).fill(0);
    const given = value as Readonly<Record<string, unknown>>;
    for (const { first, name, codec } of this.named) {
      const part = given[name];
      if (part !== undefined) codec.put(view, offset + first, part);
    }
  }

  /** Every field of a decoded value, in the order of the structure. */
  fields(value: T): readonly Field[] {
    const given = value as Readonly<Record<string, unknown>>;
    return this.named.map((row) => ({
      row,
      key: row.key,
      value: given[row.name],
      text: row.codec.text(given[row.name]),
    }));
  }

  text(value: T): string {
    return this.fields(value).map(({ row, text }) => `${row.label}: ${text}`).join("; ");
  }

  json(value: T): JsonObject {
    const object: Record<string, Json> = {};
    const given = value as Readonly<Record<string, unknown>>;
    for (const { name, key, codec } of this.named) {
      const part = given[name];
      object[key] = codec.json(part);
      if (codec.siblings) Object.assign(object, codec.siblings(key, part));
    }
    return object;
  }

  /** The row that holds a field. Throws for a name that the structure does not have. */
  row(name: keyof T & string): Row<string, unknown, unknown> {
    const found = this.rows.find((row) => row.name === name);
    if (!found) throw new LayoutError(`Cannot find "${name}": ${this.title} has no such field`);
    return found;
  }
}

/**
 * Defines a structure from its rows; throws LayoutError unless they are contiguous and complete.
 */
export function struct<const R extends Rows>(
  title: string,
  size: number,
  cite: string,
  rows: R,
): Struct<Value<R>, Input<R>> {
  return new Struct<Value<R>, Input<R>>(title, size, cite, rows);
}

function checkRows(title: string, size: number, rows: Rows): void {
  let next = 0;
  const names = new Set<string>();
  for (const { first, last, name, codec } of rows) {
    const label = name || "reserved";
    if (first !== next) {
      throw new LayoutError(
        `Cannot define ${title}: "${label}" starts at byte ${first}, previous row ends at ${
          next - 1
        }`,
      );
    }
    if (last - first + 1 !== codec.size) {
      throw new LayoutError(
        `Cannot define ${title}: "${label}" spans ${
          last - first + 1
        } bytes, its codec reads ${codec.size}`,
      );
    }
    if (name !== "" && names.has(name)) {
      throw new LayoutError(`Cannot define ${title}: "${name}" stands twice`);
    }
    names.add(name);
    next = last + 1;
  }
  if (next !== size) {
    throw new LayoutError(`Cannot define ${title}: rows cover ${next} bytes, spec size is ${size}`);
  }
}
