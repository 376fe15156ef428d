// Codecs that the Identify data structures share: values with a zero that means something else,
// numbers in the units of the specification, and lists whose end is empty.

import {
  array,
  bits,
  type Codec,
  identifier,
  type JsonObject,
  range,
  toHex,
  u24,
  u32,
  type ZeroBased,
} from "../../layout/mod.ts";

/** The same word of bits, with its whole text in words of our own. */
export function worded<T extends { readonly value: number | bigint }, I>(
  codec: Codec<T, I>,
  words: (value: T) => string,
): Codec<T, I> {
  return {
    ...codec,
    text: words,
    json: (value) => ({ ...(codec.json(value) as JsonObject), text: words(value) }),
  };
}

/** The same word of bits, where zero as a whole means something: `not supported`. */
export function whenZero<T extends { readonly value: number | bigint }, I>(
  codec: Codec<T, I>,
  meaning: string,
): Codec<T, I> {
  return worded(codec, (value) => Number(value.value) === 0 ? meaning : codec.text(value));
}

/** A 0's based count whose zero is no count but means something else. */
export function countUnlessZero(
  codec: Codec<number>,
  meaning: string,
): Codec<ZeroBased, ZeroBased | number> {
  return {
    size: codec.size,
    type: `${codec.type}, 0's based unless 0`,
    get: (view, offset) => codec.get(view, offset) as ZeroBased,
    put: (view, offset, value) => codec.put(view, offset, value),
    text: (value) => value === 0 ? meaning : codec.text(value + 1),
    json: (value) => value,
  };
}

/** `count` elements of which those behind the last one in use are not worth a word. */
export function sparse<T, I>(
  item: Codec<T, I>,
  count: number,
  isEmpty: (value: T) => boolean,
): Codec<readonly T[], readonly I[]> {
  const all = array(item, count);
  const bytes = new DataView(new ArrayBuffer(item.size));
  /** What all-zero bytes decode to: most elements of most pages, so it is made once. */
  let zero: T | undefined;
  function used(values: readonly T[]): readonly T[] {
    return values.slice(0, values.findLastIndex((value) => !isEmpty(value)) + 1);
  }
  return {
    ...all,
    get(view, offset) {
      const values: T[] = [];
      for (let at = 0; at < count; at++) {
        const from = offset + at * item.size;
        values.push(
          isZero(view, from, item.size) ? zero ??= item.get(bytes, 0) : item.get(view, from),
        );
      }
      return values;
    },
    text(values) {
      const words = used(values).map((value, at) => `${at}: ${item.text(value)}`);
      return words.length === 0 ? "none" : words.join("; ");
    },
    json: (values) => used(values).map((value) => item.json(value)),
  };
}

function isZero(view: DataView, offset: number, size: number): boolean {
  const end = offset + size;
  let at = offset;
  for (; at + 4 <= end; at += 4) if (view.getUint32(at) !== 0) return false;
  for (; at < end; at++) if (view.getUint8(at) !== 0) return false;
  return true;
}

/** Bytes that the vendor gives a meaning to; nothing in JSON where there are none. */
export function vendorSpecific(bytes: Codec<Uint8Array>): Codec<Uint8Array> {
  return {
    ...bytes,
    json: (value) => value.every((byte) => byte === 0) ? null : bytes.json(value),
  };
}

/** An Organizationally Unique Identifier as Identify Controller has it: little-endian. */
export const oui: Codec<number> = {
  ...u24,
  type: "u24, OUI",
  text(value) {
    const digits = value.toString(16).toUpperCase().padStart(6, "0");
    return value === 0 ? "none" : (digits.match(/../g) ?? []).join("-");
  },
};

/** A UUID in the byte order in which it is written [BASE-2.1 §4.5.6]. */
export const uuid: Codec<Uint8Array> = {
  ...identifier(16),
  type: "UUID",
  text: (value) => value.every((byte) => byte === 0) ? "none" : formatUuid(value),
  json: formatUuid,
};

/** The usual text of a UUID: `6ba7b810-9dad-11d1-80b4-00c04fd430c8`. */
export function formatUuid(value: Uint8Array): string {
  return toHex(value).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const version = bits(u32, {
  ter: range(7, 0, "tertiary"),
  mnr: range(15, 8, "minor"),
  mjr: range(31, 16, "major"),
});

/** A revision of a specification; zero from drives that are older than the field. */
export const specificationVersion: typeof version = worded(
  version,
  ({ mjr, mnr, ter, value }) => value === 0 ? "not reported" : `${mjr}.${mnr}.${ter}`,
);
