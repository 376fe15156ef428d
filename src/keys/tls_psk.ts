// Pre-shared keys of TLS for NVMe/TCP: from what people configure to what TLS uses, step by step.

import { encodeBase64 } from "./base64.ts";
import { FABRICS_SEED } from "./dhchap.ts";
import { KeyFormatError } from "./format_error.ts";
import { hashBytes, hashDigits, hashOfBytes, hashTitle, hkdf, hmac, type KeyHash } from "./hash.ts";
import { compatibleHkdfLabel, hkdfLabel, type Label } from "./hkdf_label.ts";
import {
  type InterchangeKey,
  interchangeKey,
  readInterchange,
  writeInterchange,
} from "./interchange.ts";
import { checkNqn } from "./nqn.ts";
import { Secret } from "./secret.ts";
import {
  type IdentityVersion,
  type PskType,
  type TlsHash,
  writePskIdentity,
} from "./tls_identity.ts";

/** How labels are put together; `compat` is what libnvme computed before it was corrected. */
export interface Compat {
  readonly compat?: boolean | undefined;
}

/** Between whom a key is. */
export interface Peers {
  readonly hostNqn: string;
  readonly subsystemNqn: string;
}

/**
 * A new configured key.
 *
 * @param hash what it is to be transformed with; without one the length is 32 unless said otherwise
 * @param random gives so many bytes that nobody can guess
 *
 * @example
 * ```ts
 * import { exportTlsKey, generateTlsKey } from "nvmectl";
 * import { assertMatch } from "@std/assert";
 *
 * const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
 * using key = generateTlsKey({ hash: "sha384" }, random);
 * using text = exportTlsKey(key);
 * assertMatch(text.text(), /^NVMeTLSkey-1:02:[A-Za-z0-9+/]{70}==:$/);
 * ```
 */
export function generateTlsKey(
  { hash, length = hashBytes(hash) || 32 }: { readonly hash: KeyHash; readonly length?: number },
  random: (bytes: number) => Uint8Array,
): InterchangeKey {
  using probe = new Secret(new Uint8Array(length));
  tlsKey(hash, probe);
  return tlsKey(hash, new Secret(random(length)));
}

/**
 * Key bytes as a configured key; it owns them from then on.
 *
 * @throws {KeyFormatError} `hash` for SHA-512; `length` unless 32 or 48 bytes, the hash's own
 */
export function tlsKey(hash: KeyHash, secret: Secret): InterchangeKey {
  if (hash === "sha512") {
    throw new KeyFormatError("hash", "Cannot make a TLS key with SHA-512: TLS 1.3 does not use it");
  }
  return interchangeKey("tls", hash, secret);
}

/**
 * Reads a configured key, `NVMeTLSkey-1:hh:…:` [TCP-1.1 §3.6.1.5]. Strict.
 *
 * @throws {KeyFormatError} that names what is wrong
 *
 * @example
 * ```ts
 * import { importTlsKey } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using key = importTlsKey("NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:");
 * assertEquals([key.hash, key.secret.bytes()[0]], ["sha256", 0x55]);
 * ```
 */
export function importTlsKey(text: string | Uint8Array): InterchangeKey {
  return readInterchange("tls", text);
}

/**
 * The interchange form of a configured key, as ASCII.
 *
 * @example
 * ```ts
 * import { exportTlsKey, readHexSecret, tlsKey } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using key = tlsKey(
 *   "sha256",
 *   readHexSecret("5512dbb6737d0106f65975b773dfb011ffc344bcf442e2dd6d8bc4870b5d5b03"),
 * );
 * using text = exportTlsKey(key);
 * assertEquals(text.text(), "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:");
 * ```
 */
export function exportTlsKey(key: InterchangeKey): Secret {
  return writeInterchange(key);
}

/**
 * The hash function of the cipher suite that goes with a key: the one it names, or the one whose
 * result is as long as the key.
 */
export function cipherHash({ hash, secret }: InterchangeKey): TlsHash {
  if (hash === "sha256" || hash === "sha384") return hash;
  return hashOfBytes(secret.length) === "sha384" ? "sha384" : "sha256";
}

/**
 * The retained key of a configured one [TCP-1.1 §3.6.1.3]: HKDF-Expand-Label(HKDF-Extract(0, key),
 * "HostNQN", host NQN, length of the key). Without a hash function it is the configured key.
 *
 * @throws {KeyFormatError} `nqn`
 */
export function retainedPsk(
  key: InterchangeKey,
  { hostNqn, compat }: { readonly hostNqn: string } & Compat,
): Secret {
  checkNqn(hostNqn, "host");
  const { hash, secret } = key;
  if (hash === "none") return Secret.copyOf(secret.bytes());
  const info = labelBytes({ label: "HostNQN", context: hostNqn, length: secret.length }, compat);
  return hkdf(hash, secret, { info, length: secret.length });
}

/**
 * The digest of a retained or generated key: Base64 of HMAC(key, host NQN || " " || subsystem NQN
 * || " " || "NVMe-over-Fabrics") [TCP-1.1 §3.6.1.3].
 */
export function pskDigest(psk: Secret, hash: TlsHash, { hostNqn, subsystemNqn }: Peers): string {
  checkNqn(hostNqn, "host");
  checkNqn(subsystemNqn, "subsystem");
  const digest = hmac(hash, psk, [`${hostNqn} ${subsystemNqn} ${FABRICS_SEED}`]);
  return new TextDecoder().decode(encodeBase64(digest));
}

/**
 * The key that TLS uses: HKDF-Expand-Label(HKDF-Extract(0, key), "nvme-tls-psk", context, length of
 * the hash) [TCP-1.1 §3.6.1.3].
 *
 * @param psk the retained or generated key
 * @param context the whole identity in version 0; `hh DIGEST` in version 1, see `tlsPskContext()`
 */
export function tlsPsk(
  psk: Secret,
  hash: TlsHash,
  { context, compat }: { readonly context: string } & Compat,
): Secret {
  const length = hashBytes(hash);
  const info = labelBytes({ label: "nvme-tls-psk", context, length }, compat);
  return hkdf(hash, psk, { info, length });
}

/** What the TLS key is bound to: the identity in version 0, hash and digest in version 1. */
export function tlsPskContext(identity: string, hash: TlsHash, digest: string | undefined): string {
  return digest === undefined ? identity : `${hashDigits(hash)} ${digest}`;
}

/** Everything that comes of a key, in its order. Disposing wipes all of it. */
export interface DerivedTlsPsk extends Disposable {
  readonly version: IdentityVersion;
  readonly type: PskType;
  /** The hash function of the cipher suite. */
  readonly hash: TlsHash;
  /** The retained key, or the generated one. */
  readonly psk: Secret;
  /** Version 1 only. */
  readonly digest: string | undefined;
  readonly identity: string;
  /** What TLS uses, and what belongs into the kernel's keyring. */
  readonly tlsPsk: Secret;
}

/** How a key is to be derived. */
export interface Derivation extends Peers, Compat {
  readonly version: IdentityVersion;
  /** The cipher suite's hash function; the key's own when left out. */
  readonly cipher?: TlsHash | undefined;
}

/**
 * Derives everything from a configured key: retained key, digest, identity, TLS key.
 *
 * @throws {KeyFormatError} `nqn`; `identity` when version 0 would need a context of over 255 bytes
 *
 * @example
 * ```ts
 * import { deriveTlsPsk, importTlsKey } from "nvmectl";
 * import { assertEquals } from "@std/assert";
 *
 * using key = importTlsKey("NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:");
 * using derived = deriveTlsPsk(key, {
 *   version: 1,
 *   hostNqn: "nqn.psk-test-host",
 *   subsystemNqn: "nqn.psk-test-subsys",
 * });
 * assertEquals(derived.digest, "iSbjiStwJ/1TrTvDlt2fjFmzvsytOJelidNnA+X5lEU=");
 * ```
 */
export function deriveTlsPsk(key: InterchangeKey, derivation: Derivation): DerivedTlsPsk {
  const psk = retainedPsk(key, derivation);
  return fromPsk(psk, "R", derivation.cipher ?? cipherHash(key), derivation);
}

/**
 * Derives identity and TLS key from one that an authentication generated. It is owned from then on.
 *
 * @throws {KeyFormatError} `length` unless it is as long as the hash function's result
 */
export function deriveGeneratedTlsPsk(
  generated: Secret,
  hash: TlsHash,
  derivation: Peers & Compat & { readonly version: IdentityVersion },
): DerivedTlsPsk {
  if (generated.length !== hashBytes(hash)) {
    throw new KeyFormatError(
      "length",
      `Cannot use a generated key of ${generated.length} bytes: need ${hashBytes(hash)} with ` +
        hashTitle(hash),
    );
  }
  return fromPsk(generated, "G", hash, derivation);
}

function fromPsk(
  psk: Secret,
  type: PskType,
  hash: TlsHash,
  { version, hostNqn, subsystemNqn, compat }: Derivation,
): DerivedTlsPsk {
  const digest = version === 1 ? pskDigest(psk, hash, { hostNqn, subsystemNqn }) : undefined;
  const identity = writePskIdentity({ version, type, hash, hostNqn, subsystemNqn, digest });
  const key = tlsPsk(psk, hash, { context: tlsPskContext(identity, hash, digest), compat });
  return {
    version,
    type,
    hash,
    psk,
    digest,
    identity,
    tlsPsk: key,
    [Symbol.dispose](): void {
      psk[Symbol.dispose]();
      key[Symbol.dispose]();
    },
  };
}

function labelBytes(label: Label, compat: boolean | undefined): Uint8Array {
  return compat ? compatibleHkdfLabel(label) : hkdfLabel(label);
}
