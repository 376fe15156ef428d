// key dhchap generate: both forms, never confused, and nothing shown that went to a file.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyDhchapGenerate } from "../../../src/commands/key/dhchap_generate.ts";
import { OutputError, UsageError } from "../../../src/errors.ts";
import { KeyFormatError } from "../../../src/keys/mod.ts";
import { runCommand } from "../../support/context.ts";

const HEX = "5512DBB6737D0106F65975B773DFB011FFC344BCF442E2DD6D8BC4870B5D5B03";
const RAW = "DHHC-1:01:VRLbtnN9AQb2WXW3c9+wEf/DRLz0QuLdbYvEhwtdWwNf9LrZ:";
/** nvme-cli 2.3: nvme gen-dhchap-key --secret=HEX --hmac=1 --nqn=nqn.test */
const TRANSFORMED = "DHHC-1:01:MkzzBf0pI2O9dRRX23F3KFp8xtpAajprK7rt0NVajTPIXuxy:";

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const decoded = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

Deno.test("key dhchap generate makes a secret of random bytes, of the length asked for", async () => {
  const { report, text } = await runCommand(keyDhchapGenerate, ["--length", "48"]);
  const secret = `DHHC-1:00:${btoa("\xa5".repeat(48))}`;
  assertStringIncludes(String(report.json["secret"]), secret);
  assertEquals(report.json["length_bytes"], 48);
  assertStringIncludes(text, secret);
  assertEquals(decoded(report.raw), `${report.json["secret"]}\n`);
});

Deno.test("key dhchap generate shows the secret, and with --nqn the transformed key by its name", async () => {
  const words = ["--hmac", "sha256", "--secret-file", "hex", "--nqn", "nqn.test"];
  const files = { hex: encoded(`${HEX}\n`) };
  const { report, text, context } = await runCommand(keyDhchapGenerate, words, { files });
  assertEquals([report.json["secret"], report.json["transformed_key"]], [RAW, TRANSFORMED]);
  assertStringIncludes(text, `Secret           ${RAW}`);
  assertStringIncludes(text, `Transformed key  ${TRANSFORMED}`);
  assertStringIncludes(text, "transformed twice");
  assertEquals(decoded(report.raw), `${RAW}\n`, "raw is the secret");
  assertEquals(context.notices, []);
});

Deno.test("key dhchap generate says that without a hash function nothing is transformed", async () => {
  const { report, text } = await runCommand(keyDhchapGenerate, ["--nqn", "nqn.test"]);
  assertEquals(report.json["secret"], report.json["transformed_key"]);
  assertStringIncludes(text, "both are the same");
  assert(!text.includes("transformed twice"));
});

Deno.test("key dhchap generate --form transformed writes what nvme-cli 2.3 prints", async () => {
  const words = ["--hmac", "sha256", "--secret-file", "-", "--nqn", "nqn.test"];
  const { report } = await runCommand(keyDhchapGenerate, [
    ...words,
    ...["--form", "transformed", "-o", "raw"],
  ], { secrets: { input: HEX } });
  assertEquals(decoded(report.raw), `${TRANSFORMED}\n`);
  await assertRejects(
    () => runCommand(keyDhchapGenerate, ["--form", "transformed"]),
    UsageError,
    "need --nqn",
  );
});

Deno.test("key dhchap generate --out writes the secret to a file and shows nothing of it", async () => {
  const words = ["--hmac", "sha256", "--secret-file", "-", "--nqn", "nqn.test", "--out", "/k"];
  const { report, text, context } = await runCommand(keyDhchapGenerate, words, {
    secrets: { input: `${HEX}\r\n` },
  });
  assertEquals(decoded(context.written.get("/k")), `${RAW}\n`);
  const shown = text + JSON.stringify(report.json);
  for (const part of [RAW, TRANSFORMED, "VRLbtnN9", "MkzzBf0p", HEX]) assert(!shown.includes(part));
  assertEquals([report.json["file"], report.raw], ["/k", undefined]);
});

Deno.test("a secret on the command line is taken, with a warning that does not repeat it", async () => {
  const { report, context } = await runCommand(keyDhchapGenerate, [
    ...["--secret", HEX, "--hmac", "sha256"],
  ]);
  assertEquals(report.json["secret"], RAW);
  assertEquals(context.notices.length, 1);
  assertStringIncludes(context.notices[0] ?? "", "every user of this machine");
  assert(!(context.notices[0] ?? "").includes(HEX));
});

Deno.test("key dhchap generate refuses odd hexadecimal, spaces, signs, and wrong lengths by name", async () => {
  for (
    const [input, words, problem] of [
      [HEX.slice(1), [], "odd"],
      [`${HEX} `, [], "space"],
      [`+${HEX}`, [], "sign"],
      [`0x${HEX}`, [], "prefix"],
      [HEX.slice(2), [], "length"],
      [HEX, ["--hmac", "sha384"], "length"],
      [HEX, ["--length", "64"], "length"],
      ["", [], "empty"],
    ] as const
  ) {
    const error = await assertRejects(
      () => runCommand(keyDhchapGenerate, ["--secret", "-", ...words], { secrets: { input } }),
      KeyFormatError,
    );
    assertEquals([error.problem, input], [problem, input]);
  }
});

Deno.test("key dhchap generate --any-length mixes lengths, and says who refuses that", async () => {
  const words = ["--hmac", "sha512", "--length", "32"];
  const error = await assertRejects(() => runCommand(keyDhchapGenerate, words), KeyFormatError);
  assertStringIncludes(error.next ?? "", "--any-length");
  const { text } = await runCommand(keyDhchapGenerate, [...words, "--any-length"]);
  assertStringIncludes(text, "DHHC-1:03:");
  assertStringIncludes(text, "Linux before 6.7");
});

Deno.test("two sources of a secret are one too many", async () => {
  await assertRejects(
    () => runCommand(keyDhchapGenerate, ["--secret", "-", "--secret-file", "x"]),
    UsageError,
    "Cannot use both --secret-file and --secret",
  );
});

Deno.test("a full disk leaves no file, and an error that shows nothing of the secret", async () => {
  const error = await assertRejects(
    () =>
      runCommand(keyDhchapGenerate, ["--out", "/full"], {
        refuseFile: () => {
          throw new Error("No space left on device");
        },
      }),
    OutputError,
    "No space left",
  );
  assert(!error.message.includes("DHHC"), error.message);
});
