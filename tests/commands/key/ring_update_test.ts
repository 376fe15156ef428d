// The verbs about keyrings: lookup, find, describe, read, update, link, unlink.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyRingDescribe } from "../../../src/commands/key/ring_describe.ts";
import { keyRingFind } from "../../../src/commands/key/ring_find.ts";
import { keyRingLink } from "../../../src/commands/key/ring_link.ts";
import { keyRingLookup } from "../../../src/commands/key/ring_lookup.ts";
import { keyRingRead } from "../../../src/commands/key/ring_read.ts";
import { keyRingUnlink } from "../../../src/commands/key/ring_unlink.ts";
import { keyRingUpdate } from "../../../src/commands/key/ring_update.ts";
import { UnreachableError, UsageError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";
import { MemoryKeyring } from "../../support/memory_keyring.ts";

Deno.test("key ring lookup finds .nvme by itself, and others by name", async () => {
  const keyring = new MemoryKeyring({ kernelRings: [".nvme", "other"] });
  const own = await runCommand(keyRingLookup, [], { keyring });
  assertEquals(own.report.json["name"], ".nvme");
  const { report } = await runCommand(keyRingLookup, ["other"], { keyring });
  assertEquals(report.json["name"], "other");
  await assertRejects(
    () => runCommand(keyRingLookup, ["none"], { keyring }),
    UnreachableError,
    "Cannot find keyring none",
  );
});

Deno.test("key ring update makes a key of exact bytes, and replaces it", async () => {
  const keyring = new MemoryKeyring({ kernelRings: [".nvme"] });
  const words = ["user", "name", "--in", "payload"];
  const files = { payload: new Uint8Array([1, 2, 10]) };
  const { report } = await runCommand(keyRingUpdate, words, { keyring, files });
  const first = report.json["serial"] as number;
  assertEquals(keyring.read(first), new Uint8Array([1, 2, 10]), "also a line break at the end");
  const again = await runCommand(keyRingUpdate, ["user", "name", "--secret", "-"], {
    keyring,
    secrets: { input: "0a0b" },
  });
  assertEquals(again.report.json["revoked"], first);
  assertEquals(keyring.read(again.report.json["serial"] as number), new Uint8Array([10, 11]));
  await assertRejects(
    () => runCommand(keyRingUpdate, [...words, "--secret", "-"], { keyring, files }),
    UsageError,
    "two payloads",
  );
});

Deno.test("key ring find and describe say where a key is and what it is", async () => {
  const keyring = new MemoryKeyring();
  const ring = keyring.put("keyring", "mine", undefined, -3);
  const key = keyring.put("user", "name", new Uint8Array(4), ring);
  const found = await runCommand(keyRingFind, ["user", "name"], { keyring });
  assertEquals(found.report.json["serial"], key);
  const { report, text } = await runCommand(keyRingDescribe, [String(key)], { keyring });
  assertEquals([report.json["type"], report.json["description"]], ["user", "name"]);
  assertStringIncludes(text, "possessor: view read");
  await assertRejects(
    () => runCommand(keyRingFind, ["user", "other", "--keyring", "mine"], { keyring }),
    UnreachableError,
  );
  await assertRejects(
    () => runCommand(keyRingDescribe, ["name"], { keyring }),
    UsageError,
    "serial number",
  );
});

Deno.test("key ring read shows a payload only when asked, and what is in a keyring", async () => {
  const keyring = new MemoryKeyring();
  const ring = keyring.put("keyring", "mine", undefined, -3);
  const key = keyring.put("user", "name", new Uint8Array([0xde, 0xad]), ring);
  const plain = await runCommand(keyRingRead, [String(key)], { keyring });
  assert(!(plain.text + JSON.stringify(plain.report.json)).includes("dead"));
  assertEquals(plain.report.json["length_bytes"], 2);
  const shown = await runCommand(keyRingRead, [String(key), "--show"], { keyring });
  assertEquals(shown.report.json["payload"], "dead");
  const raw = await runCommand(keyRingRead, [String(key), "-o", "raw"], { keyring });
  assertEquals(raw.report.raw, new Uint8Array([0xde, 0xad]));
  const contents = await runCommand(keyRingRead, [String(ring)], { keyring });
  assertStringIncludes(contents.text, "name");
  assertEquals((contents.report.json["keys"] as readonly unknown[]).length, 1);
});

Deno.test("key ring link and unlink change what the session has", async () => {
  const keyring = new MemoryKeyring({ kernelRings: [".nvme"] });
  const { report } = await runCommand(keyRingLink, [], { keyring });
  assertEquals(keyring.members(-3), [report.json["serial"] as number]);
  await runCommand(keyRingUnlink, [], { keyring });
  assertEquals(keyring.members(-3), []);
  const error = await assertRejects(
    () => runCommand(keyRingUnlink, [], { keyring }),
    UnreachableError,
  );
  assertEquals(error.code, "ENOENT");
});
