// DH-HMAC-CHAP, which NVMe 2.4 calls KX-HMAC-CHAP: secrets, and the keys that are made of them.
//
// A secret is what people configure on both sides; each side transforms it with an NQN into the
// key that it computes with. Both can be written as DHHC-1:…, and taking one for the other means
// that the transformation happens twice: the functions here never call one by the other's name.

import { hashBytes, type HashName, hashOfBytes, hmac, type KeyHash } from "./hash.ts";
import { type InterchangeKey, interchangeKey, readInterchange } from "./interchange.ts";
import { KeyFormatError } from "./format_error.ts";
import { checkNqn } from "./nqn.ts";
import { Secret } from "./secret.ts";

/** The words that end the text which makes a key belong to one name [BASE-2.1 §8.3.4.5.7]. */
export const FABRICS_SEED = "NVMe-over-Fabrics";

/** What a new secret is to be like. */
export interface DhchapRequest {
  /** The hash function that both sides will transform the secret with. */
  readonly hash: KeyHash;
  /** Bytes: 32, 48 or 64; what the hash function results in when left out, 32 without one. */
  readonly length?: number | undefined;
  /** Lets the length be another than the hash function's. */
  readonly anyLength?: boolean | undefined;
}

/**
 * A new secret out of random bytes.
 *
 * @param random gives so many bytes that nobody can guess
 * @throws {KeyFormatError} `length`
 *
 * @example
 * ```ts
 * import { generateDhchapSecret, writeInterchange } from "nvmectl";
 * import { assertMatch } from "@std/assert";
 *
 * const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
 * using secret = generateDhchapSecret({ hash: "sha256" }, random);
 * assertMatch(writeInterchange(secret).text(), /^DHHC-1:01:[A-Za-z0-9+/]{48}:$/);
 * ```
 */
export function generateDhchapSecret(
  { hash, length = hashBytes(hash) || 32, anyLength = false }: DhchapRequest,
  random: (bytes: number) => Uint8Array,
): InterchangeKey {
  // Asked for before anything is generated, so that a wrong length costs nothing.
  using probe = new Secret(new Uint8Array(length));
  interchangeKey("dhchap", hash, probe, { anyLength });
  return interchangeKey("dhchap", hash, new Secret(random(length)), { anyLength });
}

/**
 * A secret that somebody has chosen, to be written in interchange form. It is owned from then on.
 *
 * @throws {KeyFormatError} `length` when it is not what was asked for, or cannot be used
 */
export function chosenDhchapSecret(
  secret: Secret,
  { hash, length, anyLength = false }: DhchapRequest,
): InterchangeKey {
  if (length !== undefined && secret.length !== length) {
    throw new KeyFormatError(
      "length",
      `Cannot make a secret of ${length} bytes: the one given has ${secret.length}`,
    );
  }
  return interchangeKey("dhchap", hash, secret, { anyLength });
}

/**
 * Reads a secret, `DHHC-1:hh:…:`. Strict.
 *
 * @throws {KeyFormatError} that names what is wrong
 *
 * @example
 * ```ts
 * import { readDhchapSecret } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using key = readDhchapSecret("DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:");
 * assertEquals([key.hash, key.secret.length], ["none", 32]);
 * ```
 */
export function readDhchapSecret(
  text: string | Uint8Array,
  options: { readonly anyLength?: boolean } = {},
): InterchangeKey {
  return readInterchange("dhchap", text, options);
}

/**
 * The key that the owner of `nqn` computes with: HMAC(secret, NQN || "NVMe-over-Fabrics")
 * [BASE-2.1 §8.3.4.5.7]. Its length is the hash function's. Without a hash function the secret is
 * the key as it is.
 *
 * Hosts and subsystems do this themselves. A transformed key that is configured where a secret
 * belongs is transformed again; `nvme gen-dhchap-key` of nvme-cli 2 prints exactly this form.
 *
 * @throws {KeyFormatError} `nqn`
 *
 * @example
 * ```ts
 * import { readDhchapSecret, transformDhchapSecret } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using secret = readDhchapSecret(
 *   "DHHC-1:01:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:",
 * );
 * using key = transformDhchapSecret(secret, "nqn.2014-08.org.example:host");
 * assertEquals([key.hash, key.secret.length], ["sha256", 32]);
 * ```
 */
export function transformDhchapSecret(secret: InterchangeKey, nqn: string): InterchangeKey {
  checkNqn(nqn, "host or subsystem");
  const { hash } = secret;
  const bytes = hash === "none"
    ? secret.secret.bytes().slice()
    : hmac(hash satisfies HashName, secret.secret, [nqn, FABRICS_SEED]);
  return interchangeKey("dhchap", hash, new Secret(bytes));
}

/** Whether nvme-cli 2 and Linux before 6.7 take the secret: its length is the hash function's. */
export function acceptedEverywhere({ hash, secret }: InterchangeKey): boolean {
  return hash === "none" || hashOfBytes(secret.length) === hash;
}
