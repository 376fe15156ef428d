// Hexadecimal secrets, as people type them: nothing is guessed, nothing is filled up.

import { KeyFormatError } from "./format_error.ts";
import { Secret } from "./secret.ts";

/**
 * Reads a secret in hexadecimal.
 *
 * @param text hexadecimal digits as ASCII, upper or lower case, and nothing else
 * @throws {KeyFormatError} `empty`, `space`, `sign`, `prefix` (0x), `character` or `odd`
 *
 * @example
 * ```ts
 * import { readHexSecret } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using secret = readHexSecret("00ff");
 * assertEquals(secret.bytes(), new Uint8Array([0x00, 0xff]));
 * ```
 */
export function readHexSecret(text: string | Uint8Array): Secret {
  const digits = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const refuse = (problem: "empty" | "odd", found: string): KeyFormatError =>
    new KeyFormatError(problem, `Cannot read the secret: ${found}, need hexadecimal digits`);
  if (digits.length === 0) throw refuse("empty", "it is empty");
  digits.forEach((character, at) => checkDigit(character, at, digits[0]));
  if (digits.length % 2 !== 0) {
    throw refuse("odd", `it has an odd number of digits (${digits.length})`);
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (digitValue(digits[at * 2]) << 4) | digitValue(digits[at * 2 + 1]);
  }
  return new Secret(bytes);
}

function checkDigit(character: number, at: number, first: number | undefined): void {
  if (/[0-9A-Fa-f]/.test(String.fromCharCode(character))) return;
  const place = `at character ${at + 1}`;
  const say = (problem: "space" | "sign" | "prefix" | "character", found: string): never => {
    throw new KeyFormatError(
      problem,
      `Cannot read the secret: ${found} ${place}, need hexadecimal digits`,
    );
  };
  if (/\s/.test(String.fromCharCode(character))) say("space", "there is a space");
  if (character === 0x2b || character === 0x2d) say("sign", "there is a sign");
  if (at === 1 && first === 0x30 && (character | 0x20) === 0x78) say("prefix", "there is 0x");
  say("character", "there is no digit");
}

function digitValue(character: number | undefined): number {
  return parseInt(String.fromCharCode(character ?? 0), 16);
}
