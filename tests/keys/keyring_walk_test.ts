// Keys in keyrings, one by one.

import { assertEquals, assertThrows } from "@std/assert";
import { keysBelow, serialsIn } from "../../src/keys/keyring_walk.ts";
import { MemoryKeyring } from "../support/memory_keyring.ts";

Deno.test("serialsIn() reads 32-bit numbers, and no part of one", () => {
  const payload = Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 9);
  assertEquals(serialsIn(payload), [1, 0x7fff_ffff]);
  assertEquals(serialsIn(new Uint8Array(0)), []);
});

Deno.test("keysBelow() gives each key once, also from keyrings below, and ends in circles", () => {
  const system = new MemoryKeyring();
  const ring = system.put("keyring", "ring");
  const below = system.put("keyring", "below", undefined, ring);
  system.link(ring, below);
  const key = system.put("user", "a", undefined, below);
  system.link(key, ring);
  assertEquals(
    keysBelow(system, ring).map(({ serial }) => serial).sort(),
    [ring, below, key].sort(),
  );
});

Deno.test("keysBelow() leaves out what is revoked or may not be seen, but not a refusal of its own", () => {
  const system = new MemoryKeyring({ forbidden: [102] });
  const ring = system.put("keyring", "ring");
  const gone = system.put("user", "gone", undefined, ring);
  const hidden = system.put("user", "hidden", undefined, ring);
  const seen = system.put("user", "seen", undefined, ring);
  system.revoke(gone);
  assertEquals([ring, hidden], [100, 102]);
  assertEquals(keysBelow(system, ring).map(({ serial }) => serial), [seen]);
  assertThrows(() => keysBelow(system, 999), Error, "ENOKEY");
});
