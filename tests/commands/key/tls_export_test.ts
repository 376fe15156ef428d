// TLS keys in and out of their interchange form: generate, check, import, export.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyTlsCheck } from "../../../src/commands/key/tls_check.ts";
import { keyTlsExport } from "../../../src/commands/key/tls_export.ts";
import { keyTlsGenerate } from "../../../src/commands/key/tls_generate.ts";
import { keyTlsImport } from "../../../src/commands/key/tls_import.ts";
import { EXIT, UnreachableError, UsageError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";
import { MemoryKeyring } from "../../support/memory_keyring.ts";

const HEX = "5512dbb6737d0106f65975b773dfb011ffc344bcf442e2dd6d8bc4870b5d5b03";
const KEY = "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
const decoded = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

Deno.test("key tls generate writes a given secret in the published form", async () => {
  const { report } = await runCommand(keyTlsGenerate, ["--secret-file", "-"], {
    secrets: { input: HEX },
  });
  assertEquals([report.json["key"], decoded(report.raw)], [KEY, `${KEY}\n`]);
});

Deno.test("key tls generate makes random keys that key tls check takes", async () => {
  for (const words of [[], ["--hmac", "sha384"], ["--hmac", "none", "--length", "48"]]) {
    const { context } = await runCommand(keyTlsGenerate, [...words, "--out", "/k"]);
    const { report } = await runCommand(keyTlsCheck, ["--in", "/k"], {
      files: { "/k": context.written.get("/k") ?? new Uint8Array() },
    });
    assertEquals([report.exit, report.json["valid"]], [undefined, true]);
  }
});

Deno.test("key tls check refuses by name", async () => {
  const { report } = await runCommand(keyTlsCheck, ["--in", "-"], {
    secrets: { input: KEY.replace(":01:", ":02:") },
  });
  assertEquals([report.exit, report.json["problem"]], [EXIT.bad, "length"]);
});

Deno.test("key tls import shows the bytes only when asked, and exports back to the same", async () => {
  const secrets = { input: KEY };
  const plain = await runCommand(keyTlsImport, ["--in", "-"], { secrets });
  assert(!(plain.text + JSON.stringify(plain.report.json)).includes(HEX));
  assertEquals(plain.report.raw, undefined);
  const shown = await runCommand(keyTlsImport, ["--in", "-", "--show"], { secrets });
  assertEquals(shown.report.json["bytes"], HEX);
  const out = await runCommand(keyTlsImport, ["--in", "-", "--out", "/b"], { secrets });
  // What a verb reads it wipes, as it may: a file is read into memory of its own.
  const files = (): Record<string, Uint8Array> => ({
    "/b": out.context.written.get("/b")?.slice() ?? new Uint8Array(),
  });
  const back = await runCommand(keyTlsExport, ["--in", "/b"], { files: files() });
  assertEquals(back.report.json["key"], KEY);
  const none = await runCommand(keyTlsExport, ["--in", "/b", "--hmac", "none"], {
    files: files(),
  });
  assertEquals(none.report.json["key"], KEY.replace(":01:", ":00:"));
});

Deno.test("a derived key goes from one keyring to another as it is", async () => {
  const identity = "NVMe0R01 nqn.host nqn.subsystem";
  const from = new MemoryKeyring({ types: ["psk"] });
  const ring = from.put("keyring", ".nvme", undefined, -3);
  from.put("psk", identity, new Uint8Array(32).fill(7), ring);
  const exported = await runCommand(keyTlsExport, ["--identity", identity], { keyring: from });
  assertStringIncludes(exported.text, "derived already");
  const to = new MemoryKeyring({ types: ["psk"] });
  const target = to.put("keyring", "mine", undefined, -3);
  const words = ["--in", "-", "--identity", identity, "--keyring", "mine"];
  const { report } = await runCommand(keyTlsImport, words, {
    keyring: to,
    secrets: { input: String(exported.report.json["key"]) },
  });
  assertEquals(to.members(target), [report.json["serial"] as number]);
  assertEquals(to.read(report.json["serial"] as number), new Uint8Array(32).fill(7));
  await assertRejects(
    () => runCommand(keyTlsExport, ["--identity", "NVMe0R01 a b"], { keyring: from }),
    UnreachableError,
    "none of that identity",
  );
});

Deno.test("an identity that is none is refused before the key is read", async () => {
  await assertRejects(
    () => runCommand(keyTlsImport, ["--in", "-", "--identity", "my key"]),
    UsageError,
    "Cannot use --identity",
  );
  await assertRejects(
    () => runCommand(keyTlsExport, ["--in", "a", "--identity", "NVMe0R01 a b"]),
    UsageError,
    "several keys",
  );
});

Deno.test("options for a place where the key does not go are refused, not left out", async () => {
  const refusal = async (...words: string[]): Promise<string> =>
    (await assertRejects(() => runCommand(keyTlsImport, ["--in", "-", ...words]), UsageError))
      .message;
  const identity = ["--identity", "NVMe0R01 a b"];
  assertStringIncludes(await refusal(...identity, "--out", "x"), "--out with --identity");
  assertStringIncludes(await refusal(...identity, "--show"), "--show with --identity");
  assertStringIncludes(await refusal("--keyring", "@u"), "--keyring: need --identity");
  assertStringIncludes(await refusal("--type", "user"), "--type: need --identity");
  await assertRejects(
    () => runCommand(keyTlsExport, ["--in", "a", "--keyring", "@u"]),
    UsageError,
    "--keyring: need --identity",
  );
});
