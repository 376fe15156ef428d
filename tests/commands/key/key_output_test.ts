// Where the secrets of every verb go: a file that holds something is not replaced without a word.

import { assertEquals, assertRejects } from "@std/assert";
import { keyDhchapGenerate } from "../../../src/commands/key/dhchap_generate.ts";
import { keyRingRead } from "../../../src/commands/key/ring_read.ts";
import { keyTlsDerive } from "../../../src/commands/key/tls_derive.ts";
import { keyTlsExport } from "../../../src/commands/key/tls_export.ts";
import { keyTlsGenerate } from "../../../src/commands/key/tls_generate.ts";
import { keyTlsImport } from "../../../src/commands/key/tls_import.ts";
import { OutputError, UsageError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";

const OLD = new TextEncoder().encode("an older key\n");

/** Each verb with words that would have it read something which is not there. */
const VERBS = [
  ["key dhchap generate", keyDhchapGenerate, ["--secret-file", "/missing"]],
  ["key tls generate", keyTlsGenerate, ["--secret-file", "/missing"]],
  ["key tls import", keyTlsImport, ["--in", "/missing"]],
  ["key tls export", keyTlsExport, ["--in", "/missing"]],
  ["key tls derive", keyTlsDerive, ["--in", "/missing", "--subsysnqn", "nqn.test:s"]],
  ["key ring read", keyRingRead, ["1"]],
] as const;

for (const [name, verb, words] of VERBS) {
  Deno.test(`${name} does not begin where --out has a file already, unless told to`, async () => {
    const files = { "/k": OLD };
    await assertRejects(
      () => runCommand(verb, [...words, "--out", "/k"], { files }),
      UsageError,
      "Cannot write /k: it is there already",
    );
    // It goes on as far as to the input that is missing.
    const error = await assertRejects(
      () => runCommand(verb, [...words, "--out", "/k", "--overwrite"], { files }),
      Error,
    );
    assertEquals(error.message.includes("/k"), false, error.message);
    await assertRejects(
      () => runCommand(verb, [...words, "--overwrite"], { files }),
      UsageError,
      "Cannot use --overwrite: need --out, which names the file",
    );
  });
}

Deno.test("--out and -o raw are not taken together, and nothing is read or made for them", async () => {
  for (const [, verb, words] of VERBS) {
    await assertRejects(
      () => runCommand(verb, [...words, "--out", "/k", "-o", "raw"]),
      UsageError,
      "Cannot use -o raw with --out: both say where the key goes",
    );
  }
});

Deno.test("--overwrite replaces a key, and an empty file needs none", async () => {
  for (const [before, words] of [[OLD, ["--overwrite"]], [new Uint8Array(), []]] as const) {
    const { context } = await runCommand(keyTlsGenerate, ["--out", "/k", ...words], {
      files: { "/k": before },
    });
    const text = new TextDecoder().decode(context.written.get("/k"));
    assertEquals(text.startsWith("NVMeTLSkey-1:01:"), true);
  }
});

Deno.test("a key file that appears while the key is made is not replaced", async () => {
  const files: Record<string, Uint8Array> = {};
  await assertRejects(
    () =>
      runCommand(keyTlsGenerate, ["--out", "/k"], {
        files,
        refuseFile: (path) => void (files[path] = OLD),
      }),
    OutputError,
    "Cannot write /k: it is there already",
  );
});
