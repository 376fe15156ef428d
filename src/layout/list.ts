// Equal entries one after another, as many as the bytes hold: logs and identifier lists.

import type { JsonObject } from "./json.ts";
import type { Struct } from "./struct.ts";

/** A page that is nothing but entries; its length is whatever was read. */
export class List<T extends object, I> {
  constructor(readonly title: string, readonly cite: string, readonly entry: Struct<T, I>) {}

  /** Every whole entry; a trailing part of one is not an entry. */
  decode(bytes: Uint8Array): readonly T[] {
    const count = Math.floor(bytes.length / this.entry.size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Array.from({ length: count }, (_, at) => this.entry.get(view, at * this.entry.size));
  }

  /** The bytes of the entries, back to back. */
  encode(values: readonly I[]): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(values.length * this.entry.size);
    const view = new DataView(bytes.buffer);
    values.forEach((value, at) => this.entry.put(view, at * this.entry.size, value));
    return bytes;
  }

  /** The entries for a machine. */
  json(values: readonly T[]): readonly JsonObject[] {
    return values.map((value) => this.entry.json(value));
  }
}
