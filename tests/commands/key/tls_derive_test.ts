// key tls derive, and what it shares with identity: every step, redacted unless asked for.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyTlsDerive } from "../../../src/commands/key/tls_derive.ts";
import { keyTlsIdentity } from "../../../src/commands/key/tls_identity.ts";
import { UsageError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";

const KEY = "NVMeTLSkey-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
const NAMES = ["--hostnqn", "nqn.psk-test-host", "--subsysnqn", "nqn.psk-test-subsys"];
const secrets = { input: `${KEY}\n` };
/** OpenSSL's, as tests/keys/tls_psk_test.ts says. */
const RETAINED = "073311dec37e219ff3acd43f130130c5bdd443c066e1cc3424e49030234ff7d5";
const TLS_PSK = "8fc3c0badfd4c0c66fa3ca33aadd0314f85536cc9bc47338b60f3e6e563786ca";
const IDENTITY = "NVMe1R01 nqn.psk-test-host nqn.psk-test-subsys " +
  "iSbjiStwJ/1TrTvDlt2fjFmzvsytOJelidNnA+X5lEU=";

Deno.test("key tls derive shows identity and digest, but no key", async () => {
  const { report, text } = await runCommand(keyTlsDerive, ["--in", "-", ...NAMES], { secrets });
  assertStringIncludes(text, IDENTITY);
  assertEquals([report.json["retained_psk"], report.json["tls_psk"]], [null, null]);
  const shown = text + JSON.stringify(report.json);
  assert(!shown.includes(RETAINED) && !shown.includes(TLS_PSK) && !shown.includes("VRLb"), shown);
  assertEquals(report.raw, undefined);
});

Deno.test("key tls derive --show shows every step", async () => {
  const { report, text } = await runCommand(keyTlsDerive, ["--in", "-", "--show", ...NAMES], {
    secrets,
  });
  assertEquals([report.json["retained_psk"], report.json["tls_psk"]], [RETAINED, TLS_PSK]);
  assertStringIncludes(text, RETAINED);
  assertStringIncludes(text, TLS_PSK);
});

Deno.test("key tls derive writes the TLS key's bytes: raw, or to a file", async () => {
  const hex = (bytes: Uint8Array | undefined): string =>
    Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("");
  const raw = await runCommand(keyTlsDerive, ["--in", "-", "-o", "raw", ...NAMES], { secrets });
  assertEquals(hex(raw.report.raw), TLS_PSK);
  const out = await runCommand(keyTlsDerive, ["--in", "-", "--out", "/k", ...NAMES], { secrets });
  assertEquals(hex(out.context.written.get("/k")), TLS_PSK);
});

Deno.test("key tls identity prints the published identities of both kinds", async () => {
  const run = async (...words: string[]): Promise<unknown> =>
    (await runCommand(keyTlsIdentity, ["--in", "-", ...NAMES, ...words], { secrets })).report
      .json["identity"];
  assertEquals(await run(), IDENTITY);
  assertEquals(await run("--version", "0"), "NVMe0R01 nqn.psk-test-host nqn.psk-test-subsys");
  assertEquals(
    await run("--compat"),
    "NVMe1R01 nqn.psk-test-host nqn.psk-test-subsys 66GuqV08TsAGII39teWUfwQwizjv06Jy8jOcX3NAAzM=",
  );
});

Deno.test("a key that an authentication generated is derived as the kernel does", async () => {
  const { report } = await runCommand(
    keyTlsDerive,
    ["--in", "-", "--generated", "--show", "--hostnqn", "hostnqn", "--subsysnqn", "subsysnqn"],
    { secrets: { input: "1733c59fa7f48fcf37f5f26fc4ff0268ad4f78e030f4f3b0bfd1d47e7bb1447a" } },
  );
  assertEquals(
    [report.json["identity"], report.json["tls_psk"]],
    [
      "NVMe1G01 hostnqn subsysnqn OldoKuTfKddMuyCznAZojkWD7P4D9/AtzDzLimtOxqI=",
      "3c17da628474a04d2247c4cab47968c915388193f7c071bd9489cc3666cd7cc8",
    ],
  );
});

Deno.test("the host's name comes from the system where it is not given", async () => {
  const files = { "/etc/nvme/hostnqn": new TextEncoder().encode("nqn.psk-test-host\n") };
  const words = ["--in", "-", "--subsysnqn", "nqn.psk-test-subsys"];
  const { report } = await runCommand(keyTlsIdentity, words, { secrets, files });
  assertEquals(report.json["identity"], IDENTITY);
  const unknown = await assertRejects(
    () => runCommand(keyTlsIdentity, words, { secrets }),
    UsageError,
    "Cannot tell",
  );
  assertEquals(unknown.next, "--hostnqn names it");
  await assertRejects(
    () => runCommand(keyTlsIdentity, ["--in", "-"], { secrets }),
    UsageError,
    "need --subsysnqn",
  );
});
