// Base64 from bytes to bytes, because a string could not be wiped; strict, because a key is.

import { KeyFormatError } from "./format_error.ts";

const ALPHABET = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PAD = 0x3d;

const VALUES: ReadonlyMap<number, number> = new Map(
  Array.from(ALPHABET, (character, value) => [character, value]),
);

/** The characters that `bytes` are written with, padded to a multiple of four [RFC-4648 §4]. */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PAD);
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    const to = at / 3 * 4;
    const bits = ((group[0] ?? 0) << 16) | ((group[1] ?? 0) << 8) | (group[2] ?? 0);
    for (let place = 0; place <= group.length; place++) {
      text[to + place] = ALPHABET[(bits >> (18 - place * 6)) & 0x3f] ?? PAD;
    }
  }
  return text;
}

/**
 * The bytes that the characters stand for [RFC-4648 §4].
 *
 * @param what names the text in errors
 * @throws {KeyFormatError} `base64` for a foreign character, padding that is missing or in a wrong
 * place, or bits behind the last byte that are not zero
 */
export function decodeBase64(text: Uint8Array, what: string): Uint8Array {
  const refuse = (found: string): KeyFormatError =>
    new KeyFormatError("base64", `Cannot read ${what}: its Base64 part ${found}`);
  if (text.length % 4 !== 0) throw refuse(`has ${text.length} characters, need a multiple of 4`);
  const pads = text.at(-1) !== PAD ? 0 : text.at(-2) !== PAD ? 1 : 2;
  const bytes = new Uint8Array(text.length / 4 * 3 - pads);
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const padding = at >= text.length - pads;
    const value = padding ? 0 : VALUES.get(text[at] ?? 0);
    if (value === undefined) {
      bytes.fill(0);
      throw refuse(`has a character at ${at + 1} that Base64 does not have`);
    }
    bits = (bits << 6) | value;
    if (at % 4 !== 3) continue;
    if (at === text.length - 1 && (bits & ((1 << (pads * 8)) - 1)) !== 0) {
      bytes.fill(0);
      throw refuse("has bits behind its last byte that are not zero");
    }
    // What would stand behind the end of the array is not stored.
    const to = (at - 3) / 4 * 3;
    for (const place of [0, 1, 2]) bytes[to + place] = (bits >> (16 - place * 8)) & 0xff;
    bits = 0;
  }
  return bytes;
}
