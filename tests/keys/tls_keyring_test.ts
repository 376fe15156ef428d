// TLS keys in keyrings: the type they get, and which ones a scan takes.

import { assertEquals, assertThrows } from "@std/assert";
import { UnreachableError } from "../../src/errors.ts";
import { Secret } from "../../src/keys/secret.ts";
import { insertTlsKey, revokeTlsKey, scanTlsKeys } from "../../src/keys/tls_keyring.ts";
import { MemoryKeyring } from "../support/memory_keyring.ts";

const identity = "NVMe0R01 nqn.host nqn.subsystem";

Deno.test("insertTlsKey() makes a key of type psk where the kernel has it", () => {
  const system = new MemoryKeyring({ types: ["psk"] });
  const ring = system.put("keyring", ".nvme");
  using tlsPsk = new Secret(new Uint8Array(32).fill(7));
  const made = insertTlsKey(system, ring, { identity, tlsPsk });
  assertEquals([made.type, made.substituted, made.revoked], ["psk", false, undefined]);
  assertEquals(system.keys.get(made.serial)?.description, identity);
  const again = insertTlsKey(system, ring, { identity, tlsPsk });
  assertEquals(again.revoked, made.serial);
});

Deno.test("insertTlsKey() makes a user key elsewhere, and says so", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", ".nvme");
  using tlsPsk = new Secret(new Uint8Array(32).fill(7));
  const made = insertTlsKey(system, ring, { identity, tlsPsk });
  assertEquals([made.type, made.substituted], ["user", true]);
  const error = assertThrows(
    () => insertTlsKey(system, ring, { identity, tlsPsk, type: "psk" }),
    UnreachableError,
  );
  assertEquals(error.code, "ENODEV");
});

Deno.test("insertTlsKey() does not fall back for any other reason", () => {
  const system = new MemoryKeyring({ broken: "EACCES" });
  using tlsPsk = new Secret(new Uint8Array(32));
  assertThrows(() => insertTlsKey(system, 5, { identity, tlsPsk }), UnreachableError);
});

Deno.test("revokeTlsKey() finds the key of either type", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", ".nvme");
  const user = system.put("user", identity, undefined, ring);
  assertEquals(revokeTlsKey(system, ring, { identity }), user);
  const error = assertThrows(
    () => revokeTlsKey(system, ring, { identity: "NVMe0R01 x y" }),
    UnreachableError,
  );
  assertEquals(error.code, "ENOKEY");
});

Deno.test("scanTlsKeys() takes identities only, also from keyrings below", () => {
  const system = new MemoryKeyring({ types: ["psk"] });
  const ring = system.put("keyring", ".nvme");
  const below = system.put("keyring", "below", undefined, ring);
  const one = system.put("psk", "NVMe1R01 a b c", undefined, ring);
  const two = system.put("user", "NVMe0G02 a b", undefined, below);
  for (const no of ["my key", "NVMe2R01 a b", "NVMe0R03 a b", "NVMe0R01"]) {
    system.put("psk", no, undefined, ring);
  }
  system.put("logon", "NVMe0R01 a b", undefined, ring);
  assertEquals(scanTlsKeys(system, ring).map(({ serial }) => serial).sort(), [one, two].sort());
});

Deno.test("scanTlsKeys() leaves out keys that are revoked, and ends in rings within themselves", () => {
  const system = new MemoryKeyring({ types: ["psk"] });
  const ring = system.put("keyring", ".nvme");
  const below = system.put("keyring", "below", undefined, ring);
  system.link(ring, below);
  const gone = system.put("psk", "NVMe1R01 a b c", undefined, ring);
  system.revoke(gone);
  assertEquals(scanTlsKeys(system, ring), []);
});

// A subsystem's name may begin like another's; the kernel's search of psk keys is not exact.
for (
  const [alike, other] of [["longer", `${identity}2`], ["shorter", identity.slice(0, -2)]] as const
) {
  Deno.test(`a ${alike} identity that begins alike is another key, whatever the kernel finds`, () => {
    const system = new MemoryKeyring({ types: ["psk"], alike });
    const ring = system.put("keyring", ".nvme");
    const neighbour = system.put("psk", other, new Uint8Array(32).fill(1), ring);
    using tlsPsk = new Secret(new Uint8Array(32).fill(7));
    const absent = assertThrows(() => revokeTlsKey(system, ring, { identity }), UnreachableError);
    assertEquals(absent.code, "ENOKEY");
    const first = insertTlsKey(system, ring, { identity, tlsPsk });
    assertEquals(first.revoked, undefined);
    const second = insertTlsKey(system, ring, { identity, tlsPsk });
    assertEquals(second.revoked, first.serial, "the neighbour stands before it");
    assertEquals(revokeTlsKey(system, ring, { identity }), second.serial);
    assertEquals(scanTlsKeys(system, ring).map(({ serial }) => serial), [neighbour]);
  });
}
