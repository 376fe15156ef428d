// A fixed number of equal elements in a row.

import type { Codec } from "./codec.ts";

/** `count` elements of `item`. Writing accepts fewer; the rest becomes zero. */
export function array<T, I>(item: Codec<T, I>, count: number): Codec<readonly T[], readonly I[]> {
  return {
    size: item.size * count,
    type: `${count} × ${item.type}`,
    item: item as unknown as Codec<unknown>,
    get(view, offset) {
      const values: T[] = [];
      for (let at = 0; at < count; at++) values.push(item.get(view, offset + at * item.size));
      return values;
    },
    put(view, offset, values) {
      if (values.length > count) {
        throw new RangeError(`Cannot encode ${values.length} elements: need at most ${count}`);
      }
      new Uint8Array(view.buffer, view.byteOffset + offset, item.size * count).fill(0);
      values.forEach((value, at) => item.put(view, offset + at * item.size, value));
    },
    text: (values) => values.map((value) => item.text(value)).join(", "),
    json: (values) => values.map((value) => item.json(value)),
  };
}
