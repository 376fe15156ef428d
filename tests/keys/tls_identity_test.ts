// Identities of TLS keys, written and taken apart.

import { assertEquals, assertThrows } from "@std/assert";
import { KeyFormatError } from "../../src/keys/format_error.ts";
import { isPskIdentity, readPskIdentity, writePskIdentity } from "../../src/keys/tls_identity.ts";

const HOST = "nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const SUBSYSTEM = "nqn.2014-08.org.nvmexpress:uuid:36ebf5a9-1df9-47b3-a6d0-e9ba32e428a2";

Deno.test("writePskIdentity() writes the specification's example of version 0", () => {
  const names = { hostNqn: HOST, subsystemNqn: SUBSYSTEM };
  assertEquals(
    writePskIdentity({ version: 0, type: "R", hash: "sha256", ...names }),
    `NVMe0R01 ${HOST} ${SUBSYSTEM}`,
  );
  assertEquals(
    writePskIdentity({ version: 1, type: "G", hash: "sha384", ...names, digest: "AB==" }),
    `NVMe1G02 ${HOST} ${SUBSYSTEM} AB==`,
  );
});

Deno.test("a digest belongs to version 1, and to it only", () => {
  const names = { type: "R", hash: "sha256", hostNqn: "a", subsystemNqn: "b" } as const;
  assertThrows(() => writePskIdentity({ version: 1, ...names }), KeyFormatError, "needs a digest");
  assertThrows(
    () => writePskIdentity({ version: 0, ...names, digest: "AB==" }),
    KeyFormatError,
    "has no digest",
  );
});

Deno.test("readPskIdentity() takes apart what writePskIdentity() wrote", () => {
  for (const version of [0, 1] as const) {
    for (const type of ["R", "G"] as const) {
      for (const hash of ["sha256", "sha384"] as const) {
        const identity = {
          version,
          type,
          hash,
          hostNqn: HOST,
          subsystemNqn: SUBSYSTEM,
          ...(version === 1 ? { digest: "AB==" } : {}),
        };
        assertEquals(readPskIdentity(writePskIdentity(identity)), identity);
      }
    }
  }
});

Deno.test("only NVMe<0|1><R|G>0<1|2> <identity> is one", () => {
  for (const yes of ["NVMe0R01 a b", "NVMe1G02 a b c", "NVMe0R01 anything"]) {
    assertEquals(isPskIdentity(yes), true, yes);
  }
  for (
    const no of [
      "",
      "NVMe0R01",
      "NVMe0R01 ",
      "NVMe2R01 a b",
      "NVMe0X01 a b",
      "NVMe0R00 a b",
      "NVMe0R03 a b",
      "NVMe0R11 a b",
      "nvme0R01 a b",
      " NVMe0R01 a b",
      "xNVMe0R01 a b",
      "NVMe0R01\ta b",
    ]
  ) {
    assertEquals([isPskIdentity(no), readPskIdentity(no)], [false, undefined], no);
  }
});

Deno.test("readPskIdentity() refuses names and digests that are not as they should be", () => {
  for (
    const no of ["NVMe0R01 a", "NVMe0R01 a b c", "NVMe1R01 a b", "NVMe1R01 a b ", "NVMe0R01  b"]
  ) {
    assertEquals(readPskIdentity(no), undefined, no);
  }
});
