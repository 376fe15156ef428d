// TLS keys in the kernel's keyring: insert, list, revoke.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyTlsInsert } from "../../../src/commands/key/tls_insert.ts";
import { keyTlsList } from "../../../src/commands/key/tls_list.ts";
import { keyTlsRevoke } from "../../../src/commands/key/tls_revoke.ts";
import { UnreachableError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";
import { MemoryKeyring } from "../../support/memory_keyring.ts";

const KEY = "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
const WORDS = [
  ...["--in", "-", "--version", "0"],
  ...["--hostnqn", "nqn.psk-test-host", "--subsysnqn", "nqn.psk-test-subsys"],
];
const IDENTITY = "NVMe0R01 nqn.psk-test-host nqn.psk-test-subsys";
const secrets = { input: KEY };

Deno.test("key tls insert puts the derived key under its identity, and replaces an old one", async () => {
  const keyring = new MemoryKeyring({ types: ["psk"], kernelRings: [".nvme"] });
  const first = await runCommand(keyTlsInsert, WORDS, { keyring, secrets });
  const serial = first.report.json["serial"] as number;
  assertEquals([first.report.json["type"], first.report.json["identity"]], ["psk", IDENTITY]);
  assertEquals(
    Array.from(keyring.read(serial).subarray(0, 4)),
    [0x05, 0xc6, 0x50, 0x35],
    "the TLS key, not the configured one",
  );
  const second = await runCommand(keyTlsInsert, WORDS, { keyring, secrets });
  assertEquals(second.report.json["revoked"], serial);
  assertStringIncludes(second.text, "Replaced and revoked");
  assert(!second.text.includes("VRLb"));
});

Deno.test("key tls insert says when the kernel has no type for it", async () => {
  const keyring = new MemoryKeyring({ kernelRings: [".nvme"] });
  const { report, text } = await runCommand(keyTlsInsert, WORDS, { keyring, secrets });
  assertEquals([report.json["type"], report.json["substituted"]], ["user", true]);
  assertStringIncludes(text, "no key type psk");
});

Deno.test("key tls list shows identities, key tls revoke takes one away", async () => {
  const keyring = new MemoryKeyring({ types: ["psk"], kernelRings: [".nvme"] });
  const empty = await runCommand(keyTlsList, [], { keyring });
  assertStringIncludes(empty.text, "has no TLS keys");
  await runCommand(keyTlsInsert, WORDS, { keyring, secrets });
  const { report, text } = await runCommand(keyTlsList, [], { keyring });
  assertStringIncludes(text, IDENTITY);
  const [key] = report.json["keys"] as readonly Record<string, unknown>[];
  assertEquals([key?.["hostnqn"], key?.["version"], key?.["hash"]], [
    "nqn.psk-test-host",
    0,
    "SHA-256",
  ]);
  await runCommand(keyTlsRevoke, [IDENTITY], { keyring });
  assertEquals((await runCommand(keyTlsList, [], { keyring })).report.json["keys"], []);
  const gone = await assertRejects(
    () => runCommand(keyTlsRevoke, [IDENTITY], { keyring }),
    UnreachableError,
  );
  assertEquals(gone.code, "ENOKEY");
});

Deno.test("a keyring without permission is an error with the kernel's reason", async () => {
  const keyring = new MemoryKeyring({ broken: "EACCES" });
  const error = await assertRejects(
    () => runCommand(keyTlsList, [], { keyring }),
    UnreachableError,
  );
  assertEquals(error.code, "EACCES");
});
