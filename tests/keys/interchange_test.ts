// Keys as text: written as other tools write them, read strictly.

import { crc32 } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError, type KeyProblem } from "../../src/keys/format_error.ts";
import { readHexSecret } from "../../src/keys/hex.ts";
import {
  interchangeKey,
  keyChecksum,
  type KeyFamily,
  readInterchange,
  writeInterchange,
} from "../../src/keys/interchange.ts";
import type { KeyHash } from "../../src/keys/hash.ts";

const KEY32 = "5512dbb6737d0106f65975b773dfb011ffc344bcf442e2dd6d8bc4870b5d5b03";
const KEY48 = `${KEY32}ffc344bcf442e2dd6d8bc4870b5d5b03`;
const DHHC32 = "89aeb31a874eaf84841b46736b0dfdf2ba58d30aa2a545a3e235a3521e07594c";

/** Published: the specifications' examples, libnvme's test/psk.c. */
const PUBLISHED: readonly (readonly [KeyFamily, KeyHash, string, string])[] = [
  ["tls", "none", KEY32, "NVMeTLSkey-1:00:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:"],
  ["tls", "sha256", KEY32, "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:"],
  [
    "tls",
    "sha384",
    KEY48,
    "NVMeTLSkey-1:02:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwP/w0S89ELi3W2LxIcLXVsDn8kXZQ==:",
  ],
  ["dhchap", "none", DHHC32, "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:"],
  ["dhchap", "sha256", DHHC32, "DHHC-1:01:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:"],
];

Deno.test("writeInterchange() writes the published examples", () => {
  for (const [family, hash, hex, text] of PUBLISHED) {
    using key = interchangeKey(family, hash, readHexSecret(hex));
    using written = writeInterchange(key);
    assertEquals(written.text(), text);
  }
});

Deno.test("readInterchange() reads the published examples", () => {
  for (const [family, hash, hex, text] of PUBLISHED) {
    using key = readInterchange(family, text);
    assertEquals([key.family, key.hash, key.secret.hex()], [family, hash, hex]);
  }
});

Deno.test("keyChecksum() is the CRC-32 that nvme check-tls-key prints", () => {
  // nvme-cli 2.3: Key is valid (HMAC 1, length 32, CRC d9baf45f)
  assertEquals(keyChecksum(readHexSecret(KEY32)).toString(16), "d9baf45f");
});

Deno.test("a key disposed of has wiped its bytes", () => {
  const key = readInterchange("tls", PUBLISHED[0]?.[3] ?? "");
  const bytes = key.secret.bytes();
  assert(bytes.some((byte) => byte !== 0));
  key[Symbol.dispose]();
  assertEquals(bytes, new Uint8Array(32));
});

/** A key whose bytes and checksum are free. */
function made(head: string, bytes: Uint8Array, checksum = crc32(bytes), little = true): string {
  const raw = new Uint8Array(bytes.length + 4);
  raw.set(bytes);
  new DataView(raw.buffer).setUint32(bytes.length, checksum, little);
  return `${head}${btoa(String.fromCharCode(...raw))}:`;
}

const GOOD = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";

Deno.test("readInterchange() refuses by name whatever is not exactly right", () => {
  const bytes = readHexSecret(DHHC32).bytes();
  const cases: readonly (readonly [string, KeyProblem, string])[] = [
    ["", "empty", "it is empty"],
    [` ${GOOD}`, "space", "at character 1"],
    [`${GOOD}\n`, "space", "at character 60"],
    [GOOD.replace("Zz", "Z z"), "space", "space"],
    [`${GOOD}\u00e9`, "character", "not printable ASCII"],
    ["hello", "header", "does not begin with DHHC-1:"],
    [GOOD.toLowerCase(), "header", "does not begin with DHHC-1:"],
    [PUBLISHED[0]?.[3] ?? "", "header", "this is a TLS key"],
    [GOOD.replace("-1", "-2"), "version", "version is not 1"],
    [GOOD.replace("-1", "-+1"), "version", "version is not 1"],
    [GOOD.replace("-1", "-01"), "version", "version is not 1"],
    [GOOD.replace(":00:", ":04:"), "hash", "03 (SHA-512)"],
    [GOOD.replace(":00:", ":0:"), "hash", "none of"],
    [GOOD.replace(":00:", ":000:"), "hash", "none of"],
    [GOOD.replace(":00:", ":+0:"), "hash", "none of"],
    [GOOD.replace(":00:", ":0a:"), "hash", "none of"],
    [GOOD.replace(":00:", "::"), "hash", "none of"],
    ["DHHC-1:00", "terminator", "colon at its end is missing"],
    [GOOD.slice(0, -1), "terminator", "colon at its end is missing"],
    [`${GOOD}:`, "separator", "behind its last colon"],
    [`${GOOD}x`, "separator", "behind its last colon"],
    [GOOD.replace("+", "-").replace("ia6", "i-6"), "base64", "at 2"],
    [GOOD.slice(0, -2) + ":", "base64", "multiple of 4"],
    ["DHHC-1:00::", "length", "need 32, 48 or 64"],
    ["DHHC-1:00:AAAA:", "length", "of 0 bytes"],
    [made("DHHC-1:00:", bytes.slice(0, 31)), "length", "of 31 bytes"],
    [made("DHHC-1:00:", new Uint8Array(40)), "length", "of 40 bytes"],
    [made("DHHC-1:02:", bytes), "length", "need 48 with SHA-384"],
    [made("DHHC-1:01:", new Uint8Array(64)), "length", "need 32 with SHA-256"],
    [made("DHHC-1:00:", bytes, 0), "crc", "does not match"],
    [made("DHHC-1:00:", bytes, crc32(bytes) ^ 1), "crc", "does not match"],
    [made("DHHC-1:00:", bytes, crc32(bytes), false), "crc", "big-endian"],
    [GOOD.replace("ia6", "ia7"), "crc", "does not match"],
  ];
  for (const [text, problem, said] of cases) {
    const error = assertThrows(() => readInterchange("dhchap", text), KeyFormatError, said);
    assertEquals([error.problem, text], [problem, text]);
    assert(!/ia6z|aQ2n|89ae/i.test(error.message), error.message);
  }
});

Deno.test("readInterchange() refuses SHA-512 and 64 bytes for TLS", () => {
  const bytes = new Uint8Array(64);
  const hash = assertThrows(
    () => readInterchange("tls", made("NVMeTLSkey-1:03:", bytes)),
    KeyFormatError,
  );
  assertEquals(hash.problem, "hash");
  const length = assertThrows(
    () => readInterchange("tls", made("NVMeTLSkey-1:00:", bytes)),
    KeyFormatError,
    "need 32 or 48",
  );
  assertEquals(length.problem, "length");
});

Deno.test("a secret of another length than its hash's is read only when that is asked for", () => {
  const text = GOOD.replace(":00:", ":03:");
  const error = assertThrows(() => readInterchange("dhchap", text), KeyFormatError);
  assertEquals(error.problem, "length");
  using key = readInterchange("dhchap", text, { anyLength: true });
  assertEquals([key.hash, key.secret.length], ["sha512", 32]);
  using written = writeInterchange(key);
  assertEquals(written.text(), text);
  // For TLS there is no such liberty.
  const tls = made("NVMeTLSkey-1:02:", readHexSecret(KEY32).bytes());
  assertThrows(() => readInterchange("tls", tls, { anyLength: true }), KeyFormatError);
});

Deno.test("what writeInterchange() writes, readInterchange() reads: every hash and length", () => {
  for (
    const [family, hash, length] of [
      ["dhchap", "none", 48],
      ["dhchap", "none", 64],
      ["dhchap", "sha384", 48],
      ["dhchap", "sha512", 64],
      ["tls", "none", 48],
    ] as const
  ) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 89 + 7) & 0xff);
    using key = readInterchange(
      family,
      made(
        `${family === "tls" ? "NVMeTLSkey" : "DHHC"}-1:${
          hash === "none" ? "00" : hash ===
              "sha384"
            ? "02"
            : "03"
        }:`,
        bytes,
      ),
    );
    assertEquals(key.secret.bytes(), bytes);
    using text = writeInterchange(key);
    using again = readInterchange(family, text.bytes());
    assertEquals([again.hash, again.secret.bytes()], [hash, bytes]);
  }
});
