// Takes keys out of text that somebody else words: messages, hints, stacks.

/** A key in interchange form, whole or cut short. */
const INTERCHANGE = /\b(DHHC-|NVMeTLSkey-)[^\s"'`]*/g;
/** At least 16 bytes in hexadecimal, without a name in front that says that it is no key. */
const LONG_HEX = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])/g;

/**
 * The text with everything that looks like a key replaced.
 *
 * @example
 * ```ts
 * import { redactKeys } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(redactKeys('"DHHC-1:00:AAAA:" is wrong'), '"DHHC-[redacted]" is wrong');
 * ```
 */
export function redactKeys(text: string): string {
  return text.replace(INTERCHANGE, "$1[redacted]").replace(LONG_HEX, "[redacted]");
}
