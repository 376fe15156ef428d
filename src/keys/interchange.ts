// Keys as text that people copy: a header, the hash function, Base64 of the key and its checksum.

import { crc32 } from "node:zlib";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { KeyFormatError } from "./format_error.ts";
import { hashBytes, hashDigits, hashOfCode, hashTitle, KEY_HASHES, type KeyHash } from "./hash.ts";
import { Secret } from "./secret.ts";

/** What a key is for: authentication in band, or TLS. */
export type KeyFamily = "dhchap" | "tls";

/** A key out of its interchange form. Disposing wipes it. */
export interface InterchangeKey extends Disposable {
  readonly family: KeyFamily;
  /** The hash function that whoever uses the key is to transform it with. */
  readonly hash: KeyHash;
  readonly secret: Secret;
}

/** How one family of keys is written. */
interface Form {
  /** The name before the dash and the version. */
  readonly name: string;
  readonly title: string;
  readonly hashes: readonly KeyHash[];
  readonly lengths: readonly number[];
}

/** [BASE-2.1 §8.3.4.5.8] and [TCP-1.1 §3.6.1.5]; both are at version 1. */
const FORMS: Readonly<Record<KeyFamily, Form>> = {
  dhchap: {
    name: "DHHC",
    title: "a DH-HMAC-CHAP secret",
    hashes: KEY_HASHES,
    lengths: [32, 48, 64],
  },
  tls: {
    name: "NVMeTLSkey",
    title: "a TLS key",
    hashes: ["none", "sha256", "sha384"],
    lengths: [32, 48],
  },
};

const VERSION = "1";
const CRC_BYTES = 4;
const COLON = 0x3a;

/** Makes an InterchangeKey; it owns the secret from then on. Throws for a length it cannot have. */
export function interchangeKey(
  family: KeyFamily,
  hash: KeyHash,
  secret: Secret,
  { anyLength = false }: { readonly anyLength?: boolean } = {},
): InterchangeKey {
  checkLength(family, hash, secret.length, anyLength);
  return { family, hash, secret, [Symbol.dispose]: () => secret[Symbol.dispose]() };
}

/** The CRC-32 that stands behind a key's bytes [RFC-1952 §8]. */
export function keyChecksum(secret: Secret): number {
  return crc32(secret.bytes());
}

/**
 * The interchange form: `DHHC-1:hh:base64:` or `NVMeTLSkey-1:hh:base64:`, as ASCII. The CRC-32
 * behind the key is little-endian.
 */
export function writeInterchange({ family, hash, secret }: InterchangeKey): Secret {
  const raw = new Uint8Array(secret.length + CRC_BYTES);
  raw.set(secret.bytes());
  new DataView(raw.buffer).setUint32(secret.length, keyChecksum(secret), true);
  const encoded = encodeBase64(raw);
  const head = new TextEncoder().encode(
    `${FORMS[family].name}-${VERSION}:${hashDigits(hash)}:`,
  );
  const text = new Uint8Array(head.length + encoded.length + 1);
  text.set(head);
  text.set(encoded, head.length);
  text[text.length - 1] = COLON;
  raw.fill(0);
  encoded.fill(0);
  return new Secret(text);
}

/**
 * Reads the interchange form. Nothing is skipped, trimmed or guessed.
 *
 * @param anyLength lets a hash function stand with a key of another length than its own, which the
 * specification allows for DH-HMAC-CHAP, but nvme-cli 2 and Linux before 6.7 refuse
 * @throws {KeyFormatError} that names what is wrong
 */
export function readInterchange(
  family: KeyFamily,
  text: string | Uint8Array,
  { anyLength = false }: { readonly anyLength?: boolean } = {},
): InterchangeKey {
  const ascii = typeof text === "string" ? new TextEncoder().encode(text) : text;
  checkCharacters(family, ascii);
  const [head, digits, ...rest] = fieldsOf(ascii);
  checkHeader(family, textOf(head));
  const hash = readHash(family, textOf(digits));
  const [encoded, end] = rest;
  if (encoded === undefined || end === undefined) {
    throw refusal(family, "terminator", "the colon at its end is missing");
  }
  if (rest.length > 2 || end.length > 0) {
    throw refusal(family, "separator", "something stands behind its last colon");
  }
  const raw = decodeBase64(encoded, FORMS[family].title);
  try {
    const length = Math.max(0, raw.length - CRC_BYTES);
    checkLength(family, hash, length, anyLength);
    checkChecksum(family, raw);
    return interchangeKey(family, hash, Secret.copyOf(raw.subarray(0, length)), { anyLength });
  } finally {
    raw.fill(0);
  }
}

function refusal(
  family: KeyFamily,
  problem: KeyFormatError["problem"],
  found: string,
  next?: string,
): KeyFormatError {
  return new KeyFormatError(problem, `Cannot read ${FORMS[family].title}: ${found}`, { next });
}

function checkCharacters(family: KeyFamily, ascii: Uint8Array): void {
  if (ascii.length === 0) throw refusal(family, "empty", "it is empty");
  ascii.forEach((character, at) => {
    if (character === 0x20 || (character >= 0x09 && character <= 0x0d)) {
      throw refusal(family, "space", `there is a space or line break at character ${at + 1}`);
    }
    if (character <= 0x20 || character >= 0x7f) {
      throw refusal(family, "character", `character ${at + 1} is not printable ASCII`);
    }
  });
}

function fieldsOf(ascii: Uint8Array): readonly Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let from = 0;;) {
    const colon = ascii.indexOf(COLON, from);
    if (colon < 0) return [...fields, ascii.subarray(from)];
    fields.push(ascii.subarray(from, colon));
    from = colon + 1;
  }
}

/** The text of a field that is no secret: the header and the hash function. */
function textOf(field: Uint8Array | undefined): string {
  return new TextDecoder().decode(field);
}

function checkHeader(family: KeyFamily, head: string): void {
  const { name } = FORMS[family];
  if (head === `${name}-${VERSION}`) return;
  const other = family === "tls" ? FORMS.dhchap : FORMS.tls;
  if (head.startsWith(`${other.name}-`)) {
    throw refusal(family, "header", `this is ${other.title}: its header is ${other.name}`);
  }
  if (head.startsWith(`${name}-`)) {
    throw refusal(family, "version", `its version is not ${VERSION}, the only one there is`);
  }
  throw refusal(family, "header", `it does not begin with ${name}-${VERSION}:`);
}

function readHash(family: KeyFamily, digits: string): KeyHash {
  const { hashes } = FORMS[family];
  const hash = /^[0-9]{2}$/.test(digits) ? hashOfCode(Number(digits)) : undefined;
  if (hash !== undefined && hashes.includes(hash)) return hash;
  const known = hashes.map((one) => `${hashDigits(one)} (${hashTitle(one)})`).join(", ");
  throw refusal(family, "hash", `its hash function is none of ${known}`);
}

function checkLength(
  family: KeyFamily,
  hash: KeyHash,
  length: number,
  anyLength: boolean,
): void {
  const { lengths, title } = FORMS[family];
  const refuse = (need: string, next?: string): KeyFormatError =>
    new KeyFormatError(
      "length",
      `Cannot use ${title} of ${length} bytes: need ${need}`,
      { next },
    );
  if (!lengths.includes(length)) {
    throw refuse(`${lengths.join(", ").replace(/, (\d+)$/, " or $1")}`);
  }
  if (hash === "none" || length === hashBytes(hash)) return;
  if (family === "dhchap" && anyLength) return;
  throw refuse(
    `${hashBytes(hash)} with ${hashTitle(hash)}`,
    family === "dhchap"
      ? "the specification allows it, but nvme-cli 2 and Linux before 6.7 do not: " +
        "--any-length lets it through"
      : undefined,
  );
}

function checkChecksum(family: KeyFamily, raw: Uint8Array): void {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const at = raw.length - CRC_BYTES;
  const computed = crc32(raw.subarray(0, at));
  if (view.getUint32(at, true) === computed) return;
  throw refusal(
    family,
    "crc",
    view.getUint32(at) === computed
      ? "its CRC-32 is big-endian, need little-endian"
      : "its CRC-32 does not match: something in it was changed",
  );
}
