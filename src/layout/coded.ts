// Numbers that stand for something: open enumerations and 0's based counts.

import type { Codec } from "./codec.ts";
import type { JsonObject } from "./json.ts";

/** Names of codes. Open: a code that is not here is shown by its number, never refused. */
export type Names = Readonly<Record<number, string>>;

/** The name of a code, or its number when it has none. */
export function nameOf(names: Names, code: number): string {
  return names[code] ?? `unknown (0x${code.toString(16).padStart(2, "0")})`;
}

/** A coded value in JSON: the number and what it means. */
export function codedJson(names: Names, code: number): JsonObject {
  return { value: code, text: nameOf(names, code) };
}

/** An integer whose values have names. */
export function coded(codec: Codec<number>, names: Names): Codec<number> {
  const { siblings: _none, ...plain } = codec;
  return {
    ...plain,
    type: `code, ${codec.type}`,
    text: (value) => nameOf(names, value),
    json: (value) => codedJson(names, value),
  };
}

declare const zeroBased: unique symbol;

/**
 * A count as the specification stores it: one less than it means. Only these functions make one.
 */
export type ZeroBased = number & { readonly [zeroBased]: true };

/** The 0's based form of a count of 1 to `max`. */
export function fromCount(count: number, max: number): ZeroBased {
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new RangeError(`Cannot encode a count of ${count}: need an integer 1 to ${max}`);
  }
  return count - 1 as ZeroBased;
}

/** The count that a 0's based value means. */
export function toCount(value: ZeroBased): number {
  return value + 1;
}

/** An integer field that is a 0's based count; people read the count. */
export function zeroBasedCount(codec: Codec<number>): Codec<ZeroBased, ZeroBased | number> {
  return {
    size: codec.size,
    type: `${codec.type}, 0's based`,
    get: (view, offset) => codec.get(view, offset) as ZeroBased,
    put: (view, offset, value) => codec.put(view, offset, value),
    text: (value) => codec.text(value + 1),
    json: (value) => value,
  };
}
