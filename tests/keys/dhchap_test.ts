// DH-HMAC-CHAP secrets and their keys, against what nvme-cli prints.

import { assertEquals, assertThrows } from "@std/assert";
import {
  acceptedEverywhere,
  chosenDhchapSecret,
  generateDhchapSecret,
  readDhchapSecret,
  transformDhchapSecret,
} from "../../src/keys/dhchap.ts";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { readHexSecret } from "../../src/keys/hex.ts";
import { writeInterchange } from "../../src/keys/interchange.ts";
import type { KeyHash } from "../../src/keys/hash.ts";

const K16 = "FFC344BCF442E2DD6D8BC4870B5D5B03";
const K32 = `5512DBB6737D0106F65975B773DFB011${K16}`;
const SPEC = "89AEB31A874EAF84841B46736B0DFDF2BA58D30AA2A545A3E235A3521E07594C";
const UUID = "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";

/**
 * Printed by nvme-cli 2.3 with libnvme 1.3:
 * `nvme gen-dhchap-key --secret=SECRET --hmac=N --nqn=NQN`; it prints the transformed key.
 */
const TRANSFORMED: readonly (readonly [KeyHash, string, string, string])[] = [
  [
    "sha256",
    K32,
    "nqn.test",
    "DHHC-1:01:MkzzBf0pI2O9dRRX23F3KFp8xtpAajprK7rt0NVajTPIXuxy:",
  ],
  [
    "sha256",
    SPEC,
    UUID,
    "DHHC-1:01:ueIcgzul27YN30wpsZWsIyzYkwJka/24SLxbcyyTzuX4K7VL:",
  ],
  [
    "sha384",
    `${K32}${K16}`,
    "nqn.test",
    "DHHC-1:02:ES2kPVqTr6skdat6L579CuDmYp7FfKEhmRgb4Q7Xz8ZPfbmO6vL/33R4S+IOreg67eanhQ==:",
  ],
  [
    "sha512",
    `${K32}${K32}`,
    "nqn.test",
    "DHHC-1:03:HF6SaJvLxm+J81vRzvDSmq0DK5ZvcTf2jS7gEsfEWB3+AdO0Krfxp78pYmKudDj+oNM/79qW8jdABZuiT" +
    "FOb0zc+GCg=:",
  ],
];

Deno.test("transformDhchapSecret() is what nvme-cli 2.3 prints for the same secret, hash and NQN", () => {
  for (const [hash, hex, nqn, printed] of TRANSFORMED) {
    using secret = chosenDhchapSecret(readHexSecret(hex), { hash });
    using key = transformDhchapSecret(secret, nqn);
    using text = writeInterchange(key);
    assertEquals(text.text(), printed);
  }
});

Deno.test("without a hash function the secret is the key, as nvme-cli 2.3 prints it", () => {
  // nvme gen-dhchap-key --secret=… --hmac=0 --key-length=64
  using secret = chosenDhchapSecret(readHexSecret(`${K32}${K32}`), { hash: "none" });
  using key = transformDhchapSecret(secret, "nqn.test");
  using text = writeInterchange(key);
  assertEquals(
    text.text(),
    "DHHC-1:00:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNVEtu2c30BBvZZdbdz37AR/8NEvPRC4t1ti8SHC1" +
      "1bA9/eghk=:",
  );
});

Deno.test("the secret itself is written as it is: what nvme-cli 3 prints", () => {
  using secret = chosenDhchapSecret(readHexSecret(SPEC), { hash: "sha256" });
  using text = writeInterchange(secret);
  assertEquals(text.text(), "DHHC-1:01:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:");
});

Deno.test("the transformation depends on the name, which is checked", () => {
  using secret = chosenDhchapSecret(readHexSecret(K32), { hash: "sha256" });
  using one = transformDhchapSecret(secret, "nqn.a");
  using two = transformDhchapSecret(secret, "nqn.b");
  assertEquals(one.secret.equals(two.secret), false);
  assertThrows(() => transformDhchapSecret(secret, ""), KeyFormatError, "it is empty");
});

Deno.test("a transformed key has its hash's length, whatever that of the secret", () => {
  using secret = chosenDhchapSecret(readHexSecret(K32), { hash: "sha512", anyLength: true });
  using key = transformDhchapSecret(secret, "nqn.a");
  assertEquals(key.secret.length, 64);
  assertEquals([acceptedEverywhere(secret), acceptedEverywhere(key)], [false, true]);
});

Deno.test("generateDhchapSecret() asks for as many random bytes as the hash or the user wants", () => {
  const asked: number[] = [];
  const random = (bytes: number): Uint8Array => {
    asked.push(bytes);
    return new Uint8Array(bytes).fill(bytes);
  };
  const lengths = [
    { hash: "none" },
    { hash: "sha256" },
    { hash: "sha384" },
    { hash: "sha512" },
    { hash: "none", length: 48 },
    { hash: "sha256", length: 64, anyLength: true },
  ] as const;
  for (const request of lengths) {
    using key = generateDhchapSecret(request, random);
    assertEquals(key.secret.bytes()[0], key.secret.length);
  }
  assertEquals(asked, [32, 32, 48, 64, 48, 64]);
  for (const request of [{ hash: "sha256", length: 48 }, { hash: "none", length: 33 }] as const) {
    assertThrows(() => generateDhchapSecret(request, random), KeyFormatError, "need");
  }
  assertEquals(asked.length, 6, "nothing is generated for what is refused");
});

Deno.test("a chosen secret of another length than asked for is refused", () => {
  const error = assertThrows(
    () => chosenDhchapSecret(readHexSecret(K32), { hash: "none", length: 64 }),
    KeyFormatError,
    "the one given has 32",
  );
  assertEquals(error.problem, "length");
});

Deno.test("readDhchapSecret() does not take a TLS key", () => {
  const text = "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
  assertThrows(() => readDhchapSecret(text), KeyFormatError, "this is a TLS key");
});
