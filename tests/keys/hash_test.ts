// Hash functions of keys: their numbers, and what the platform computes, against published vectors.

import { assertEquals } from "@std/assert";
import {
  hashBytes,
  hashCode,
  hashDigits,
  hashOfBytes,
  hashOfCode,
  hkdf,
  hmac,
  KEY_HASHES,
} from "../../src/keys/hash.ts";
import { readHexSecret } from "../../src/keys/hex.ts";
import { hkdfLabel } from "../../src/keys/hkdf_label.ts";
import { Secret } from "../../src/keys/secret.ts";

const hex = (text: string): Uint8Array => readHexSecret(text).bytes();

Deno.test("the hash functions have the numbers that keys write them with", () => {
  assertEquals(
    KEY_HASHES.map((hash) => [hash, hashCode(hash), hashDigits(hash), hashBytes(hash)]),
    [["none", 0, "00", 0], ["sha256", 1, "01", 32], ["sha384", 2, "02", 48], [
      "sha512",
      3,
      "03",
      64,
    ]],
  );
  assertEquals([1, 3, 4].map(hashOfCode), ["sha256", "sha512", undefined]);
  assertEquals([32, 48, 64, 33].map(hashOfBytes), ["sha256", "sha384", "sha512", undefined]);
});

// RFC 4231, test case 2.
Deno.test("hmac() computes the published values over all its parts", () => {
  using key = new Secret(new TextEncoder().encode("Jefe"));
  const parts = ["what do ya want ", "for nothing?"];
  using sha256 = new Secret(hmac("sha256", key, parts));
  assertEquals(sha256.hex(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  using sha384 = new Secret(hmac("sha384", key, parts));
  assertEquals(
    sha384.hex(),
    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e" +
      "8e2240ca5e69e2c78b3239ecfab21649",
  );
});

// RFC 5869, test case A.3: no salt, no info. That of A.1 has a salt, which NVMe does not use.
Deno.test("hkdf() computes the published value without a salt", () => {
  using key = new Secret(new Uint8Array(22).fill(0x0b));
  using result = hkdf("sha256", key, { info: new Uint8Array(), length: 42 });
  assertEquals(
    result.hex(),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
  );
});

// RFC 8448 section 3: the early secret has no key but 32 zeros, and "derived" comes out of it.
Deno.test("hkdf() with hkdfLabel() computes the published trace of TLS 1.3", () => {
  const empty = hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const info = hkdfLabel({ label: "derived", context: empty, length: 32 });
  assertEquals(
    new Secret(info).hex(),
    "00200d746c7331332064657269766564" +
      "20e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  using key = new Secret(new Uint8Array(32));
  using derived = hkdf("sha256", key, { info, length: 32 });
  assertEquals(derived.hex(), "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
});
