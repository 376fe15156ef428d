// Rules for values that drive files have in many places: sizes of fields, times, texts, bytes.

import { type Range, type RequiredRule, rule, ShapeError, text, whole } from "./rule.ts";

/** Unsigned fields of log pages, registers and completions. */
export const BYTE: Range = [0, 0xff];
export const WORD: Range = [0, 0xffff];
export const DWORD: Range = [0, 0xffff_ffff];

/** Far above what any drive has counted, and far below where numbers stop being exact. */
export const COUNT: Range = [0, 2 ** 52];
/** What counts on, here or in a past, and is reported in a dword. */
export const CYCLES: Range = [0, 2 ** 31];
/** Blocks of a namespace; of bytes the most that any has. */
export const BLOCKS: Range = [0, 2 ** 52];

/** Kelvins of a log page. */
export const KELVIN: Range = [0, 0xffff];

/** The drive's clock: milliseconds since 1970, up to the year 2248. */
export const time: RequiredRule = whole([0, 2 ** 43]);

/** How long something takes, in milliseconds: what fits into a dword of seconds. */
export const duration: RequiredRule = whole([0, 0xffff_ffff * 1000]);

/** Text of a field with one byte for each character. */
export function field(bytes: number): RequiredRule {
  // deno-lint-ignore no-control-regex
  return text(bytes, { pattern: /^[\x00-\xff]*$/, need: "printable ASCII" });
}

/** Bytes as hexadecimal digits, in a number that `fits`. */
export function hex(need: string, fits: (bytes: number) => boolean): RequiredRule {
  return rule((value, where) => {
    const digits = typeof value === "string" && /^([0-9a-f]{2})*$/i.test(value) ? value : undefined;
    if (digits !== undefined && fits(digits.length / 2)) return;
    throw new ShapeError(where, `is not ${need} in hexadecimal`);
  });
}

/** Bytes in base64, in a number that `fits`. */
export function base64(
  need = "bytes",
  fits: (bytes: number) => boolean = () => true,
): RequiredRule {
  return rule((value, where) => {
    const bytes = typeof value === "string" ? bytesIn(value) : undefined;
    if (bytes === undefined) throw new ShapeError(where, "is no base64");
    if (!fits(bytes)) throw new ShapeError(where, `is not ${need} in base64`);
  });
}

/** How many bytes a text in base64 has; undefined for another text. */
export function bytesIn(base64: string): number | undefined {
  try {
    return Uint8Array.fromBase64(base64).length;
  } catch {
    return undefined;
  }
}
