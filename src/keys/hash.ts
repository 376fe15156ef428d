// The hash functions that keys name, and what the platform computes with them.

import { createHmac, hkdfSync } from "node:crypto";
import { Secret } from "./secret.ts";

/** A hash function, or none. */
export type KeyHash = "none" | "sha256" | "sha384" | "sha512";

/** A hash function. */
export type HashName = Exclude<KeyHash, "none">;

/**
 * The two digits that stand for a hash function in keys and identities, and the bytes of its result
 * [BASE-2.1 §8.3.4.5.2, Fig. 740].
 */
const HASHES = {
  none: { code: 0, bytes: 0, title: "no hash" },
  sha256: { code: 1, bytes: 32, title: "SHA-256" },
  sha384: { code: 2, bytes: 48, title: "SHA-384" },
  sha512: { code: 3, bytes: 64, title: "SHA-512" },
} as const satisfies Readonly<
  Record<KeyHash, { readonly code: number; readonly bytes: number; readonly title: string }>
>;

/** The hash functions in the order of their codes. */
export const KEY_HASHES: readonly KeyHash[] = ["none", "sha256", "sha384", "sha512"];

/** The code of a hash function: 0 for none. */
export function hashCode(hash: KeyHash): number {
  return HASHES[hash].code;
}

/** The code as keys write it: `01`. */
export function hashDigits(hash: KeyHash): string {
  return `0${HASHES[hash].code}`;
}

/** Bytes that the hash function results in; 0 for none. */
export function hashBytes(hash: KeyHash): number {
  return HASHES[hash].bytes;
}

/** The name for people: `SHA-256`, `no hash`. */
export function hashTitle(hash: KeyHash): string {
  return HASHES[hash].title;
}

/** The hash function with that code; undefined where there is none. */
export function hashOfCode(code: number): KeyHash | undefined {
  return KEY_HASHES[code];
}

/** The hash function whose result has so many bytes; undefined where there is none. */
export function hashOfBytes(bytes: number): HashName | undefined {
  return (["sha256", "sha384", "sha512"] as const).find((hash) => HASHES[hash].bytes === bytes);
}

/** HMAC of the parts, one after another. */
export function hmac(hash: HashName, key: Secret, parts: readonly string[]): Uint8Array {
  const mac = createHmac(hash, key.bytes());
  for (const part of parts) mac.update(part, "utf8");
  return new Uint8Array(mac.digest());
}

/**
 * HKDF-Extract with a salt of zeros, then HKDF-Expand [RFC-5869 §2].
 *
 * @param info names what the result is for
 * @param length bytes of the result
 */
export function hkdf(
  hash: HashName,
  key: Secret,
  { info, length }: { readonly info: Uint8Array; readonly length: number },
): Secret {
  return new Secret(
    new Uint8Array(hkdfSync(hash, key.bytes(), new Uint8Array(), info, length)),
  );
}
