// nvmectl telemetry and telemetry show.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { telemetry } from "../../../src/commands/telemetry/capture.ts";
import { telemetryShow } from "../../../src/commands/telemetry/show.ts";
import { MalformedError, UsageError } from "../../../src/errors.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";

Deno.test("telemetry writes the capture to its file, which telemetry show describes", async () => {
  const { transport } = virtualDrive();
  const { report, context } = await runCommand(
    telemetry,
    ["--host", "--new", "--area", "4", "--out", "t.bin"],
    { drive: transport },
  );
  const written = context.written.get("t.bin");
  assertEquals(written?.length, report.json["bytes"]);
  const shown = await runCommand(telemetryShow, ["t.bin"], {
    files: { "t.bin": written ?? new Uint8Array(0) },
  });
  assertStringIncludes(shown.text, "Telemetry Host-Initiated");
  assertStringIncludes(shown.text, "Whole up to data area 4");
  assertEquals(shown.report.exit, 0);
});

Deno.test("a file that is cut short says up to which area it is whole", async () => {
  const { transport } = virtualDrive();
  const { context } = await runCommand(
    telemetry,
    ["--host", "--new", "--out", "t.bin"],
    { drive: transport },
  );
  const whole = context.written.get("t.bin") ?? new Uint8Array(0);
  const { text, report } = await runCommand(telemetryShow, ["t.bin"], {
    files: { "t.bin": whole.slice(0, 600) },
  });
  assertStringIncludes(text, "Not even data area 1 is whole");
  assertEquals(report.exit, 1);
});

Deno.test("what is no telemetry is not described", async () => {
  const show = (bytes: Uint8Array) => runCommand(telemetryShow, ["x"], { files: { x: bytes } });
  await assertRejects(() => show(new Uint8Array(100)), MalformedError, "100 bytes");
  await assertRejects(() => show(new Uint8Array(512)), MalformedError, "its first byte is 0x0");
});

Deno.test("a capture that nobody has asked for is saved, with a notice that it holds nothing", async () => {
  const drive = virtualDrive().transport;
  const { context, report } = await runCommand(telemetry, ["--host", "--out", "t.bin"], { drive });
  assertEquals([report.json["bytes"], context.written.get("t.bin")?.length], [512, 512]);
  assertEquals(context.notices, [
    "t.bin has a header and no data: nobody has asked the drive for a capture yet, --new does",
  ]);
  const full = await runCommand(telemetry, ["--host", "--new", "--out", "t.bin"], { drive });
  assertEquals(full.context.notices, []);
});

Deno.test("options that do not belong together are refused before the drive is opened", async () => {
  const refusal = async (...words: string[]): Promise<string> =>
    (await assertRejects(() => runCommand(telemetry, words), UsageError)).message;
  assertStringIncludes(await refusal("--out", "x"), "which one is missing");
  assertStringIncludes(await refusal("--host", "--controller", "--out", "x"), "one capture");
  assertStringIncludes(await refusal("--controller", "--new", "--out", "x"), "--new");
  assertStringIncludes(await refusal("--host", "--retain", "--out", "x"), "--retain");
  assertStringIncludes(await refusal("--host"), "--out is missing");
});

Deno.test("a dry run of a new capture reads nothing that it would have to create", async () => {
  const { transport } = virtualDrive();
  const { context } = await runCommand(
    telemetry,
    ["--host", "--out", "t.bin", "--dry-run"],
    { drive: transport },
  );
  assertEquals(context.written.size, 0);
});
