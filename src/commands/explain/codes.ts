// The names of a field's codes, got out of the codecs by asking them about every value.

import { type Codec, formatCount, type Part } from "../../layout/mod.ts";

/** A text that only repeats the number: `unknown (0x07)`, `vendor specific (0xc0)`. */
const UNNAMED = /\(0x[0-9a-f]+\)$/;
const CODED = "code, ";
/** The widest field whose values are all tried. */
const WIDEST_BYTES = 2;
const WIDEST_BITS = 8;
/** Names for every value of so few bits can be told from numbers. */
const COMPLETE_BITS = 4;

/** The named values of a field that is one code; none where it is something else. */
export function codesOf(codec: Codec<unknown>): ReadonlyMap<number, string> {
  const named = new Map<number, string>();
  if (!codec.type.startsWith(CODED) || codec.size > WIDEST_BYTES) return named;
  for (let value = 0; value < 2 ** (8 * codec.size); value++) {
    const text = codec.text(value);
    if (!UNNAMED.test(text)) named.set(value, text);
  }
  return named;
}

/** The named values of a piece of a field; none where it is a flag, a count or a quantity. */
export function partCodes(codec: Codec<unknown>, part: Part<unknown>): ReadonlyMap<number, string> {
  const [high = 0, low = high] = part.position.split(":").map(Number);
  const width = high - low + 1;
  const texts = new Map<number, string>();
  if (width > WIDEST_BITS) return texts;
  for (let value = 0; value < 2 ** width; value++) {
    texts.set(value, part.text(decodeBits(codec, BigInt(value) << BigInt(low))));
  }
  const all = [...texts];
  const open = all.some(([, text]) => UNNAMED.test(text));
  const complete = width <= COMPLETE_BITS &&
    all.every(([value, text]) => !isFlag(text) && !mentions(text, value));
  if (!open && !complete) return new Map();
  return new Map(all.filter(([, text]) => !UNNAMED.test(text)));
}

function decodeBits(codec: Codec<unknown>, word: bigint): unknown {
  const bytes = new Uint8Array(codec.size);
  for (let at = 0; at < codec.size; at++) bytes[at] = Number(word >> BigInt(8 * at) & 0xffn);
  return codec.get(new DataView(bytes.buffer), 0);
}

function isFlag(text: string): boolean {
  return text === "yes" || text === "no";
}

/** Whether the text is about the number itself, so that it is a quantity and not a code. */
function mentions(text: string, value: number): boolean {
  return text.includes(formatCount(value)) || text.toLowerCase().includes(value.toString(16));
}
