// The derivation of TLS keys, against libnvme's, the kernel's and OpenSSL's values.

import { assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { readHexSecret } from "../../src/keys/hex.ts";
import type { KeyHash } from "../../src/keys/hash.ts";
import {
  cipherHash,
  deriveGeneratedTlsPsk,
  deriveTlsPsk,
  exportTlsKey,
  generateTlsKey,
  importTlsKey,
  tlsKey,
} from "../../src/keys/tls_psk.ts";

const K32 = "5512dbb6737d0106f65975b773dfb011ffc344bcf442e2dd6d8bc4870b5d5b03";
const K48 = `${K32}ffc344bcf442e2dd6d8bc4870b5d5b03`;
const PEERS = { hostNqn: "nqn.psk-test-host", subsystemNqn: "nqn.psk-test-subsys" };

interface Expected {
  readonly hash: KeyHash;
  readonly key: string;
  readonly compat: boolean;
  readonly retained: string;
  readonly digest: string;
  readonly version0: string;
  readonly version1: string;
}

/**
 * Digests: libnvme's test/psk.c, as it is and for the functions with _compat. Other keys: OpenSSL
 * 3.0, whose digests of the retained keys are the same:
 *
 *     openssl kdf -keylen 32 -kdfopt digest:SHA2-256 -kdfopt mode:EXTRACT_ONLY -kdfopt hexkey:KEY
 *       -kdfopt hexsalt:ZEROS HKDF
 *     openssl kdf -keylen 32 -kdfopt digest:SHA2-256 -kdfopt mode:EXPAND_ONLY -kdfopt hexkey:PRK
 *       -kdfopt "prefix:tls13 " -kdfopt label:LABEL -kdfopt data:CONTEXT TLS13-KDF
 *
 * and for compat HKDF with hexinfo, the length little-endian, the label and the context.
 */
const VECTORS: readonly Expected[] = [
  {
    hash: "sha256",
    key: K32,
    compat: false,
    retained: "073311dec37e219ff3acd43f130130c5bdd443c066e1cc3424e49030234ff7d5",
    digest: "iSbjiStwJ/1TrTvDlt2fjFmzvsytOJelidNnA+X5lEU=",
    version0: "05c6503551ad136e6ee32e6eeb3f6d500b69701d84ec71e328f65c7f51566f68",
    version1: "8fc3c0badfd4c0c66fa3ca33aadd0314f85536cc9bc47338b60f3e6e563786ca",
  },
  {
    hash: "sha384",
    key: K48,
    compat: false,
    retained: "73973a1b51a9acdde29a0610ac6a3ef852cf45936cca6830a661d18f68502f1a" +
      "4c7a8ecb37524e0b1f7087cb4d680ad9",
    digest: "QhW2+Rp6RzHlNtCslyRxMnwJ11tKKhz8JCAQpQ+XUD8f9td1VeH5h53yz2wKJG1a",
    version0: "f42ba63824cdfe421914c582921f85b5b5b7e2d4df084caeedc9be20b212e8bb" +
      "0fe8a23e9d59a1c8fc6449da4970a78d",
    version1: "a2b2f943f479fc682555cec89857c80ed004ce92f32a973d5764155bb7e36b17" +
      "a85368a0666d250afac9282dda2e62ca",
  },
  {
    hash: "sha256",
    key: K32,
    compat: true,
    retained: "ad4cdadfcbaf4e353fcbd09aac891c4d75c5300fe5ee7bb04ae87726a312eddc",
    digest: "66GuqV08TsAGII39teWUfwQwizjv06Jy8jOcX3NAAzM=",
    version0: "09fb1983ac6d6d0353e7cae4f23daddd651c367fa347c59d9cf6936f5a83eafb",
    version1: "b9f5ab2a41ba6e72a23a12066302a2f775fa6c0942c8e0b18ca8ac07edf305e2",
  },
  {
    hash: "sha384",
    key: K48,
    compat: true,
    retained: "12d2452bc4783f50286bf940ad1caa05a304065e379024d9278ca7c9d8a42400" +
      "c47029f198bfcdf5f14c07cb04eb7306",
    digest: "RsKmYJ3nAn1ApjjMloJFbAkLPivONDAX/xW327YBUsn2eGShXSjCZvBaOxscLqmz",
    version0: "2ee4754186a625b28a3936ef4a40d839c3ad958b2e017562ee07e2501f172ce9" +
      "99dc9c29033ea7ee33f814f192c13f47",
    version1: "fcefe2e2a2e682b1447dcabf1ec268f78f08c63cd075753abcc8bda2c5c34d48" +
      "d3014aa8d76ad80107e4f5c9f27e2149",
  },
];

Deno.test("deriveTlsPsk() of version 1 agrees with libnvme and OpenSSL, step by step", () => {
  for (const { hash, key: hex, compat, retained, digest, version1 } of VECTORS) {
    using key = tlsKey(hash, readHexSecret(hex));
    using derived = deriveTlsPsk(key, { version: 1, compat, ...PEERS });
    const code = hash === "sha256" ? "01" : "02";
    assertEquals(
      [derived.psk.hex(), derived.digest, derived.identity, derived.tlsPsk.hex()],
      [
        retained,
        digest,
        `NVMe1R${code} nqn.psk-test-host nqn.psk-test-subsys ${digest}`,
        version1,
      ],
    );
  }
});

Deno.test("deriveTlsPsk() of version 0 agrees with OpenSSL, and has no digest", () => {
  for (const { hash, key: hex, compat, retained, version0 } of VECTORS) {
    using key = tlsKey(hash, readHexSecret(hex));
    using derived = deriveTlsPsk(key, { version: 0, compat, ...PEERS });
    const code = hash === "sha256" ? "01" : "02";
    assertEquals(
      [derived.psk.hex(), derived.digest, derived.identity, derived.tlsPsk.hex()],
      [retained, undefined, `NVMe0R${code} nqn.psk-test-host nqn.psk-test-subsys`, version0],
    );
  }
});

Deno.test("without a hash function the configured key is the retained one", () => {
  using key = tlsKey("none", readHexSecret(K32));
  using derived = deriveTlsPsk(key, { version: 0, ...PEERS });
  assertEquals([derived.hash, derived.psk.hex()], ["sha256", K32]);
  // OpenSSL, as above.
  assertEquals(
    derived.tlsPsk.hex(),
    "ec85300ba827726bd3bc4fc07f3a34aec5fe7c8ccac05fefc2f021c74e0df9ef",
  );
  using longer = tlsKey("none", readHexSecret(K48));
  assertEquals(cipherHash(longer), "sha384");
  using other = deriveTlsPsk(key, { version: 1, cipher: "sha384", ...PEERS });
  assertEquals([other.hash, other.tlsPsk.length, other.identity.slice(0, 8)], [
    "sha384",
    48,
    "NVMe1R02",
  ]);
});

/** The kernel's drivers/nvme/common/tests/auth_kunit.c: keys that an authentication generated. */
const GENERATED = [
  {
    hash: "sha256",
    psk: "1733c59fa7f48fcf37f5f26fc4ff0268ad4f78e030f4f3b0bfd1d47e7bb1447a",
    digest: "OldoKuTfKddMuyCznAZojkWD7P4D9/AtzDzLimtOxqI=",
    tlsPsk: "3c17da628474a04d2247c4cab47968c915388193f7c071bd9489cc3666cd7cc8",
  },
  {
    hash: "sha384",
    psk: "f14b2dd3234c459694d3bc63f8968bd6b37c2c6de849e22e118749001ce4bbe8" +
      "640b9e3a748cb11ce4b1d71d359cce39",
    digest: "cffMWk8TSS7HOQebjgYEIkrPrjWPV4JE5cdPB8WhEvY4JBW5YynKyv66XscN4A9n",
    tlsPsk: "2774753233537b3fa50eb7d16a8e43457d85f4906c005b2236616c5d80939d08" +
      "98fff15bb8b77119d2be0aac423e7590",
  },
] as const;

Deno.test("deriveGeneratedTlsPsk() agrees with the kernel's unit tests", () => {
  for (const { hash, psk, digest, tlsPsk } of GENERATED) {
    using derived = deriveGeneratedTlsPsk(readHexSecret(psk), hash, {
      version: 1,
      hostNqn: "hostnqn",
      subsystemNqn: "subsysnqn",
    });
    assertEquals(derived.digest, digest);
    assertEquals(derived.tlsPsk.hex(), tlsPsk);
    const code = hash === "sha256" ? "01" : "02";
    assertEquals(derived.identity, `NVMe1G${code} hostnqn subsysnqn ${digest}`);
  }
  assertThrows(
    () => deriveGeneratedTlsPsk(readHexSecret(K32), "sha384", { version: 1, ...PEERS }),
    KeyFormatError,
    "need 48 with SHA-384",
  );
});

Deno.test("what was derived is wiped together", () => {
  using key = tlsKey("sha256", readHexSecret(K32));
  const derived = deriveTlsPsk(key, { version: 1, ...PEERS });
  const bytes = [derived.psk.bytes(), derived.tlsPsk.bytes()];
  derived[Symbol.dispose]();
  assertEquals(bytes, [new Uint8Array(32), new Uint8Array(32)]);
  assertEquals(key.secret.hex(), K32, "the configured key is its owner's");
});

Deno.test("version 0 refuses names too long for TLS, which version 1 takes", () => {
  using key = tlsKey("sha256", readHexSecret(K32));
  const names = { hostNqn: "h".repeat(200), subsystemNqn: "s".repeat(50) };
  const error = assertThrows(
    () => deriveTlsPsk(key, { version: 0, ...names }),
    KeyFormatError,
    "260 bytes",
  );
  assertEquals(error.problem, "identity");
  using derived = deriveTlsPsk(key, { version: 1, ...names });
  assertEquals(derived.tlsPsk.length, 32);
});

Deno.test("tlsKey() refuses what TLS cannot use", () => {
  assertThrows(() => tlsKey("sha512", readHexSecret(K32)), KeyFormatError, "SHA-512");
  assertThrows(() => tlsKey("sha384", readHexSecret(K32)), KeyFormatError, "need 48");
  assertThrows(() => tlsKey("none", readHexSecret("00")), KeyFormatError, "need 32 or 48");
});

Deno.test("generateTlsKey() makes keys that exportTlsKey() and importTlsKey() carry", () => {
  for (const hash of ["none", "sha256", "sha384"] as const) {
    using key = generateTlsKey({ hash }, (bytes) => new Uint8Array(bytes).fill(0xa5));
    using text = exportTlsKey(key);
    using again = importTlsKey(text.bytes());
    assertEquals([again.hash, again.secret.hex()], [
      hash,
      "a5".repeat(hash === "sha384" ? 48 : 32),
    ]);
  }
});
