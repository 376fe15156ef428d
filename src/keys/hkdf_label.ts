// What HKDF-Expand-Label hands to HKDF, and the form of it that older software computed.

import { KeyFormatError } from "./format_error.ts";

/** What TLS 1.3 puts before every label [RFC-8446 §7.1]. */
const PREFIX = "tls13 ";
/** A vector of the label or the context has a length of one byte. */
const VECTOR_BYTES_MAX = 255;

/** What a key is derived for. */
export interface Label {
  /** Without the prefix of TLS 1.3. */
  readonly label: string;
  readonly context: string | Uint8Array;
  /** Bytes of the result. */
  readonly length: number;
}

/**
 * struct HkdfLabel [RFC-8446 §7.1]: the length big-endian, the label and the context each with
 * their length in front.
 *
 * @throws {KeyFormatError} `identity` for a context of more than 255 bytes
 */
export function hkdfLabel({ label, context, length }: Label): Uint8Array {
  const [name, about] = [encoded(`${PREFIX}${label}`), encoded(context)];
  checkContext(about);
  return Uint8Array.from([
    length >> 8,
    length & 0xff,
    name.length,
    ...name,
    about.length,
    ...about,
  ]);
}

/**
 * What libnvme computed before it was corrected: the length little-endian, the label and the
 * context without their lengths. Keys of both kinds are in use, and their digests differ.
 *
 * @throws {KeyFormatError} `identity` for a context of more than 255 bytes
 */
export function compatibleHkdfLabel({ label, context, length }: Label): Uint8Array {
  const [name, about] = [encoded(`${PREFIX}${label}`), encoded(context)];
  checkContext(about);
  return Uint8Array.from([length & 0xff, length >> 8, ...name, ...about]);
}

function encoded(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

function checkContext(context: Uint8Array): void {
  if (context.length <= VECTOR_BYTES_MAX) return;
  throw new KeyFormatError(
    "identity",
    `Cannot derive a key for an identity of ${context.length} bytes: TLS 1.3 takes ` +
      `${VECTOR_BYTES_MAX} at most`,
    { next: "version 1 derives from a digest instead, which always fits" },
  );
}
