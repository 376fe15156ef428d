// Finding keyrings and handling the keys in them, on keyrings in memory.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UnreachableError, UsageError } from "../../src/errors.ts";
import {
  describeKey,
  lookupKey,
  lookupKeyring,
  possessing,
  readKey,
  readSerial,
  revokeKey,
  serialsIn,
  setKeyring,
  updateKey,
} from "../../src/keys/keyring.ts";
import { secretText } from "../../src/keys/secret.ts";
import { MemoryKeyring } from "../support/memory_keyring.ts";

Deno.test("lookupKeyring() finds a keyring by name in the session, then in the kernel's list", () => {
  const system = new MemoryKeyring({ kernelRings: [".other", ".nvme"] });
  assertEquals(describeKey(system, lookupKeyring(system)).description, ".nvme");
  const own = system.put("keyring", "mine", undefined, -3);
  assertEquals(lookupKeyring(system, "mine"), own);
});

Deno.test("lookupKeyring() takes a serial number, of a keyring only, and the short names", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  assertEquals(lookupKeyring(system, String(ring)), ring);
  assertEquals(lookupKeyring(system, `0x${ring.toString(16)}`), ring);
  assertEquals(lookupKeyring(system, "@u"), system.ringId(-4));
  const key = system.put("user", "a");
  assertThrows(() => lookupKeyring(system, String(key)), UsageError, "it is of type user");
});

Deno.test("a keyring that is not there is an error with what to do", () => {
  const system = new MemoryKeyring();
  const missing = assertThrows(
    () => lookupKeyring(system),
    UnreachableError,
    "Cannot find keyring",
  );
  assertEquals([missing.code, missing.next?.includes("modprobe nvme-tcp")], ["ENOKEY", true]);
  assertThrows(() => lookupKeyring(system, "xyz"), UnreachableError, "xyz");
  assertThrows(() => lookupKeyring(system, "12345"), UnreachableError, "describe key 12345");
});

Deno.test("a kernel without keyrings is an error that says so, not a missing keyring", () => {
  const system = new MemoryKeyring({ broken: "ENOSYS" });
  const error = assertThrows(() => lookupKeyring(system), UnreachableError);
  assertEquals([error.code, error.next?.includes("CONFIG_KEYS")], ["ENOSYS", true]);
});

Deno.test("readSerial() reads serial numbers and nothing else", () => {
  assertEquals(
    ["1", "0x10", "2147483647"].map(readSerial),
    [1, 16, 0x7fff_ffff],
  );
  for (const no of ["", "0", "-3", "+1", "1.5", "2147483648", "0x", "1e3", " 1", ".nvme"]) {
    assertEquals(readSerial(no), undefined, no);
  }
});

Deno.test("lookupKey() finds a key, and undefined is no key", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  const key = system.put("user", "a", undefined, ring);
  assertEquals(lookupKey(system, { type: "user", description: "a", ring }), key);
  assertEquals(lookupKey(system, { type: "user", description: "b", ring }), undefined);
  assertEquals(lookupKey(system, { type: "psk", description: "a", ring }), undefined);
  const forbidden = new MemoryKeyring({ broken: "EACCES" });
  const error = assertThrows(
    () => lookupKey(forbidden, { type: "user", description: "a" }),
    UnreachableError,
  );
  assertEquals(error.code, "EACCES");
});

Deno.test("setKeyring() links a keyring to the session", () => {
  const system = new MemoryKeyring({ kernelRings: [".nvme"] });
  const ring = setKeyring(system);
  assertEquals(system.members(-3), [ring]);
});

Deno.test("possessing() links a keyring for as long as it lasts, also when it fails", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  possessing(system, ring, () => assertEquals(system.members(-2), [ring]));
  assertEquals(system.members(-2), []);
  assertThrows(
    () =>
      possessing(system, ring, () => {
        throw new TypeError("no");
      }),
    TypeError,
  );
  assertEquals(system.members(-2), []);
});

Deno.test("possessing() leaves alone what is linked already", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine", undefined, -3);
  possessing(system, ring, () => {});
  possessing(system, system.ringId(-3), () => {});
  assertEquals(system.members(-3), [ring]);
  assertEquals(system.log, []);
});

Deno.test("readKey() gives a payload that can be wiped", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  const key = system.put("user", "a", new Uint8Array([1, 2]), ring);
  using secret = readKey(system, ring, key);
  assertEquals(secret.bytes(), new Uint8Array([1, 2]));
});

Deno.test("serialsIn() reads the numbers in a keyring's payload", () => {
  assertEquals(serialsIn(new Uint8Array([1, 0, 0, 0, 0, 1, 0, 0])), [1, 256]);
  assertEquals(serialsIn(new Uint8Array(3)), []);
});

Deno.test("updateKey() replaces a key of the same name, and revokes it", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  using one = secretText("one");
  using two = secretText("two");
  const first = updateKey(system, ring, { type: "user", description: "a", payload: one });
  assertEquals(first.revoked, undefined);
  const second = updateKey(system, ring, { type: "user", description: "a", payload: two });
  assertEquals([second.revoked, system.members(ring)], [first.serial, [second.serial]]);
  assertEquals(system.keys.get(first.serial)?.revoked, true);
  using read = readKey(system, ring, second.serial);
  assertEquals(read.text(), "two");
  assertEquals([system.members(-1), system.members(-2)], [[], []], "nothing stays behind");
});

Deno.test("updateKey() keeps the old key when the new one cannot be made", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  const old = system.put("psk", "a", new Uint8Array(32), ring);
  using payload = secretText("x");
  const error = assertThrows(
    () => updateKey(system, ring, { type: "psk", description: "a", payload }),
    UnreachableError,
    "make a key of type psk",
  );
  assertEquals([error.code, system.members(ring)], ["ENODEV", [old]]);
  assertEquals(system.keys.get(old)?.revoked, false);
});

Deno.test("updateKey() into the thread's own keyring does not lose the key", () => {
  const system = new MemoryKeyring();
  using payload = secretText("x");
  const { serial } = updateKey(system, -1, { type: "user", description: "a", payload });
  assertEquals(system.members(-1), [serial]);
});

Deno.test("a description that the kernel would cut short is refused", async () => {
  const system = new MemoryKeyring();
  using payload = secretText("x");
  for (const description of ["", "a\0b", "x".repeat(4096)]) {
    await assertRejects(
      () => Promise.try(() => updateKey(system, -3, { type: "user", description, payload })),
      UsageError,
      "Cannot name a key so",
    );
  }
});

Deno.test("revokeKey() revokes the key of that name, and says when there is none", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "mine");
  const key = system.put("user", "a", new Uint8Array(1), ring);
  assertEquals(revokeKey(system, ring, { type: "user", description: "a" }), key);
  assertEquals(system.keys.get(key)?.revoked, true);
  const error = assertThrows(
    () => revokeKey(system, ring, { type: "user", description: "b" }),
    UnreachableError,
  );
  assertEquals(error.code, "ENOKEY");
});
