// nvmectl telemetry and telemetry show.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { featureSet } from "../../../src/commands/feature/set.ts";
import { telemetry } from "../../../src/commands/telemetry/capture.ts";
import { telemetryShow } from "../../../src/commands/telemetry/show.ts";
import { MalformedError, UsageError } from "../../../src/errors.ts";
import type { Transport } from "../../../src/transport/transport.ts";
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

Deno.test("a capture is kept where data area 4 cannot be disabled again, which is then said", async () => {
  const { drive: virtual, transport } = virtualDrive();
  let sets = 0;
  const drive: Transport = {
    ...transport,
    submit: (command) =>
      command.opcode === 0x09 && ++sets === 2
        ? Promise.resolve({ status: 0x4006, result: 0n })
        : transport.submit(command),
  };
  const words = ["--host", "--new", "--area", "4", "--out", "t.bin"];
  const { report, context, text } = await runCommand(telemetry, words, { drive });
  assertEquals(context.written.get("t.bin")?.length, report.json["bytes"]);
  assertEquals(report.exit, 3);
  const disables = "nvmectl feature set host-behavior virtual: --set etdas=0";
  const left = report.json["not_restored"] as Record<string, unknown>;
  assertEquals([left["feature"], left["field"], left["next"]], [
    "host-behavior",
    "etdas",
    disables,
  ]);
  assertStringIncludes(String(left["message"]), "Internal Error (00h/06h)");
  assertEquals(context.notices.length, 2);
  assertStringIncludes(context.notices[0] ?? "", "t.bin is whole, but data area 4 stays enabled");
  assertStringIncludes(context.notices[0] ?? "", disables);
  assertStringIncludes(context.notices[1] ?? "", "Internal Error (00h/06h)");
  assertStringIncludes(text, disables);
  assertEquals(virtual.first.controller.hostBehavior["etdas"], 1);
  // What is said does it.
  await runCommand(featureSet, ["host-behavior", "--set", "etdas=0"], { drive });
  assertEquals(virtual.first.controller.hostBehavior["etdas"], 0);
  const again = await runCommand(telemetry, words, { drive });
  assertEquals([again.report.exit, again.report.json["not_restored"]], [undefined, null]);
  assertEquals(again.context.notices, []);
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
