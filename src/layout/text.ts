// Text and raw bytes of fixed length.

import type { Codec } from "./codec.ts";

/**
 * Text padded with spaces, one byte a character. Trailing spaces and NULs are padding; every other
 * byte is kept as the character of the same number, so that nothing the drive says is lost (and
 * rendering, not decoding, makes it harmless).
 */
export function ascii(size: number): Codec<string> {
  return padded(size, 0x20, "ASCII");
}

/** Text that ends at the first NUL, one byte a character; the rest is zero. */
export function asciiz(size: number): Codec<string> {
  return padded(size, 0, "ASCII, NUL ends");
}

function padded(size: number, padding: number, type: string): Codec<string> {
  return {
    size,
    type: `${type} × ${size}`,
    get(view, offset) {
      let end = size;
      if (padding === 0) {
        for (end = 0; end < size && view.getUint8(offset + end) !== 0; end++);
      } else {
        for (; end > 0; end--) {
          const byte = view.getUint8(offset + end - 1);
          if (byte !== 0x20 && byte !== 0) break;
        }
      }
      let text = "";
      for (let at = 0; at < end; at++) text += String.fromCharCode(view.getUint8(offset + at));
      return text;
    },
    put(view, offset, value) {
      if (value.length > size) {
        throw new RangeError(
          `Cannot encode ${
            JSON.stringify(value)
          }: ${value.length} characters, need at most ${size}`,
        );
      }
      for (let at = 0; at < size; at++) {
        const code = at < value.length ? value.charCodeAt(at) : padding;
        if (code > 0xff) {
          throw new RangeError(
            `Cannot encode ${JSON.stringify(value)}: character ${at} is not one byte wide`,
          );
        }
        view.setUint8(offset + at, code);
      }
    },
    text: (value) => value,
    json: (value) => value,
  };
}

/** Bytes as they are; JSON and people see them in hexadecimal, in the order of the structure. */
export function bytes(size: number): Codec<Uint8Array> {
  return {
    size,
    type: `bytes × ${size}`,
    get: (view, offset) =>
      new Uint8Array(view.buffer.slice(view.byteOffset + offset, view.byteOffset + offset + size)),
    put(view, offset, value) {
      if (value.length !== size) {
        throw new RangeError(`Cannot encode ${value.length} bytes: need exactly ${size}`);
      }
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value);
    },
    text: (value) => value.every((byte) => byte === 0) ? "all zero" : shortHex(value),
    json: toHex,
  };
}

/** An identifier of fixed length (EUI-64, NGUID, OUI): bytes whose all-zero value means none. */
export function identifier(size: number, { separator = "" } = {}): Codec<Uint8Array> {
  return {
    ...bytes(size),
    type: `identifier × ${size}`,
    text: (value) => value.every((byte) => byte === 0) ? "none" : toHex(value, separator),
    json: (value) => toHex(value, separator),
  };
}

/** Two hexadecimal digits a byte. */
export function toHex(value: Uint8Array, separator = ""): string {
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join(separator);
}

function shortHex(value: Uint8Array): string {
  const shown = 32;
  return value.length <= shown
    ? toHex(value)
    : `${toHex(value.subarray(0, shown))}… (${value.length} bytes)`;
}
