// The kernel's real keyrings: everything below a keyring of our own, which is gone afterwards.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { errnoName } from "../../ffi/errno.ts";
import { KernelKeyring, type KeyringHost } from "../../ffi/keyring.ts";
import { libc } from "../../ffi/libc.ts";
import { effectiveUserId } from "../../ffi/process.ts";
import { PlatformError, SysError } from "../../ffi/sys_error.ts";
import { readDescription } from "../../src/keys/key_description.ts";
import {
  lookupKey,
  lookupKeyring,
  readKey,
  revokeKey,
  serialsIn,
  updateKey,
} from "../../src/keys/keyring.ts";
import { RING } from "../../src/keys/keyring_system.ts";
import { Secret } from "../../src/keys/secret.ts";
import { insertTlsKey, revokeTlsKey, scanTlsKeys } from "../../src/keys/tls_keyring.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

const HOST: KeyringHost = { arch: Deno.build.arch, calls: libc };

/** Why this machine has no keyrings, or undefined. */
const missing = ((): string | undefined => {
  try {
    new KernelKeyring().ringId(RING.process, true);
    return undefined;
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
})();

/** A keyring of our own below the process's, emptied and removed at the end. */
function ownRing(name = "nvmectl-test"): { system: KernelKeyring; ring: number } & Disposable {
  const system = new KernelKeyring();
  const ring = system.addKey("keyring", name, undefined, RING.process);
  return {
    system,
    ring,
    [Symbol.dispose](): void {
      for (const key of serialsIn(system.read(ring))) system.unlink(key, ring);
      system.unlink(ring, RING.process);
    },
  };
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

Deno.test("a kernel that does not have the call is an error that names it", () => {
  // A number that no kernel has, asked of the real one.
  const absent = 0xfff_ffffn;
  const real = libc();
  const system = new KernelKeyring({
    arch: "x86_64",
    calls: () => ({
      addKey: (_number, ...rest) => real.addKey(absent, ...rest),
      requestKey: (_number, ...rest) => real.requestKey(absent, ...rest),
      keyctl: (_number, ...rest) => real.keyctl(absent, ...rest),
      keyctlBuffer: (_number, ...rest) => real.keyctlBuffer(absent, ...rest),
      keyctlSearch: (_number, ...rest) => real.keyctlSearch(absent, ...rest),
    }),
  });
  const calls: readonly (() => unknown)[] = [
    () => system.addKey("user", "a", bytes(1), -2),
    () => system.requestKey("user", "a"),
    () => system.search(-2, "user", "a"),
    () => system.ringId(-2),
    () => system.describe(1),
    () => system.read(1),
    () => system.update(1, bytes(1)),
    () => system.revoke(1),
    () => system.invalidate(1),
    () => system.link(1, 2),
    () => system.unlink(1, 2),
    () => system.setPermissions(1, 0),
  ];
  for (const call of calls) {
    const error = assertThrows(call, SysError, "this kernel does not have the call");
    assertEquals(error.code, "ENOSYS");
  }
});

Deno.test("a processor whose call numbers are not known is an error", () => {
  assertThrows(() => new KernelKeyring({ ...HOST, arch: "riscv64" }), PlatformError, "riscv64");
});

Deno.test("aarch64 and x86-64 have their own call numbers", () => {
  const asked: bigint[] = [];
  const note = (number: bigint | number): bigint => {
    asked.push(BigInt(number));
    return 1n;
  };
  const calls = (): ReturnType<KeyringHost["calls"]> => ({
    addKey: note,
    requestKey: note,
    keyctl: note,
    keyctlBuffer: note,
    keyctlSearch: note,
  });
  for (const arch of ["x86_64", "aarch64"]) {
    const system = new KernelKeyring({ arch, calls });
    system.addKey("user", "a", undefined, 1);
    system.requestKey("user", "a");
    system.revoke(1);
  }
  assertEquals(asked, [248n, 249n, 250n, 217n, 218n, 219n]);
});

// Where the kernel has none, this says so; everything below cannot be done there.
Deno.test(`this machine's kernel ${missing === undefined ? "has keyrings" : `says ${missing}`}`, () => {
  if (missing === undefined) return assert(new KernelKeyring().ringId(RING.process) > 0);
  assertMatch(missing, /^(ENOSYS|EPERM)$/);
  assertThrows(() => new KernelKeyring().ringId(RING.process, true), SysError, missing);
});

const ignore = missing !== undefined;

Deno.test({ name: "a key is added, described, read, changed and found", ignore }, () => {
  using own = ownRing();
  const { system, ring } = own;
  const key = system.addKey("user", "nvmectl:a", bytes(1, 2, 3), ring);
  const { type, description, uid } = readDescription(key, system.describe(key)) ?? {};
  assertEquals([type, description, uid], ["user", "nvmectl:a", effectiveUserId()]);
  assertEquals(system.read(key), bytes(1, 2, 3));
  system.update(key, bytes(4));
  assertEquals(system.read(key), bytes(4));
  assertEquals(system.search(ring, "user", "nvmectl:a"), key);
  assertEquals(serialsIn(system.read(ring)), [key]);
  assertMatch(system.listing(), /user +nvmectl:a/);
});

Deno.test({ name: "a payload longer than the first guess is read whole", ignore }, () => {
  using own = ownRing();
  const { system, ring } = own;
  const long = Uint8Array.from({ length: 5000 }, (_, at) => at & 0xff);
  assertEquals(system.read(system.addKey("user", "nvmectl:long", long, ring)), long);
  const name = "x".repeat(1000);
  const named = system.addKey("user", name, bytes(1), ring);
  assertEquals(readDescription(named, system.describe(named))?.description, name);
});

Deno.test({ name: "a key is linked, unlinked, and found by request_key", ignore }, () => {
  using own = ownRing();
  const { system, ring } = own;
  const inner = system.addKey("keyring", "nvmectl-inner", undefined, ring);
  const key = system.addKey("user", "nvmectl:b", bytes(1), ring);
  system.link(key, inner);
  assertEquals(serialsIn(system.read(inner)), [key]);
  system.unlink(key, inner);
  assertEquals(serialsIn(system.read(inner)), []);
  assertEquals(system.requestKey("user", "nvmectl:b"), key);
  system.setPermissions(key, 0x3f00_0000);
  assertEquals(readDescription(key, system.describe(key))?.permissions, 0x3f00_0000);
});

Deno.test({ name: "what the kernel refuses is a SysError with its name", ignore }, () => {
  using own = ownRing();
  const { system, ring } = own;
  const codes = [
    (): unknown => system.search(ring, "user", "nvmectl:none"),
    (): unknown => system.addKey("nosuchtype", "a", bytes(1), ring),
    (): unknown => system.describe(0x7fff_fffe),
  ].map((call) => assertThrows(call, SysError).code);
  assertEquals(codes, ["ENOKEY", "ENODEV", "ENOKEY"]);
  const key = system.addKey("user", "nvmectl:c", bytes(1), ring);
  system.revoke(key);
  assertEquals(assertThrows(() => system.read(key), SysError).code, "EKEYREVOKED");
  const other = system.addKey("user", "nvmectl:d", bytes(1), ring);
  system.invalidate(other);
  assertThrows(() => system.read(other), SysError);
  assertEquals(errnoName(126), "ENOKEY");
});

Deno.test({ name: "lookupKeyring() finds our keyring by name, number and listing", ignore }, () => {
  using own = ownRing("nvmectl-lookup");
  const { system, ring } = own;
  assertEquals(lookupKeyring(system, "nvmectl-lookup"), ring);
  assertEquals(lookupKeyring(system, String(ring)), ring);
  // As one that this process has no link to would be found.
  const listedOnly = new (class extends KernelKeyring {
    override requestKey(): number {
      throw new SysError("find it", 126);
    }
  })();
  assertEquals(lookupKeyring(listedOnly, "nvmectl-lookup"), ring);
});

Deno.test({ name: "updateKey() replaces and revokes on the real keyring", ignore }, () => {
  using own = ownRing();
  const { system, ring } = own;
  using one = new Secret(bytes(1));
  using two = new Secret(bytes(2, 2));
  const name = { type: "user", description: "nvmectl:update" };
  const first = updateKey(system, ring, { ...name, payload: one });
  const second = updateKey(system, ring, { ...name, payload: two });
  assert(second.serial !== first.serial);
  assertEquals([first.revoked, second.revoked], [undefined, first.serial]);
  assertEquals(lookupKey(system, { ...name, ring }), second.serial);
  assertEquals(serialsIn(system.read(ring)), [second.serial]);
  using read = readKey(system, ring, second.serial);
  assertEquals(read.bytes(), bytes(2, 2));
  assertEquals(revokeKey(system, ring, name), second.serial);
  assertEquals(assertThrows(() => system.read(second.serial), SysError).code, "EKEYREVOKED");
});

Deno.test(
  { name: "a TLS key is inserted, scanned and revoked on the real keyring", ignore },
  () => {
    using own = ownRing();
    const { system, ring } = own;
    const identity = "NVMe0R01 nqn.nvmectl-test-host nqn.nvmectl-test-subsystem";
    using tlsPsk = new Secret(new Uint8Array(32).fill(7));
    system.addKey("user", "nvmectl:no identity", bytes(1), ring);
    const made = insertTlsKey(system, ring, { identity, tlsPsk });
    assertEquals(made.type, made.substituted ? "user" : "psk");
    assertEquals(
      scanTlsKeys(system, ring).map(({ serial, description }) => [serial, description]),
      [[made.serial, identity]],
    );
    assertEquals(revokeTlsKey(system, ring, { identity }), made.serial);
    assertEquals(scanTlsKeys(system, ring), []);
    // What was revoked still stands in the keyring, and is in nobody's way.
    const again = insertTlsKey(system, ring, { identity, tlsPsk });
    assert(again.serial !== made.serial && again.revoked === undefined);
    assertEquals(scanTlsKeys(system, ring).map(({ serial }) => serial), [again.serial]);
  },
);
