// nvmectl feature get on virtual drives.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { featureGet } from "../../../src/commands/feature/get.ts";
import { StatusError, UnsupportedError, UsageError } from "../../../src/errors.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";
import { scriptedTransport } from "../../support/scripted.ts";

function get(...words: readonly string[]) {
  return runCommand(featureGet, words, { drive: virtualDrive().transport });
}

Deno.test("feature get shows every piece with its name and unit", async () => {
  const { text, report } = await get("temperature-threshold");
  assertStringIncludes(text, "04h  Temperature Threshold  current");
  assertMatch(text, /^tmpth +threshold: 82 °C \(355 K\)$/m);
  assertMatch(text, /^Dword 0 +0x00000163$/m);
  assertEquals(report.json["value"], 355);
  assertEquals(report.json["tmpth"], 355);
  assertEquals(report.raw, Uint8Array.of(0x63, 1, 0, 0));
});

Deno.test("feature get takes a name, an alias or a number", async () => {
  for (const word of ["volatile-write-cache", "vwc", "0x06", "06h", "6"]) {
    assertEquals((await get(word)).report.json["name"], "volatile-write-cache");
  }
  const error = await assertRejects(() => get("temperature-treshold"), UsageError);
  assertStringIncludes(error.next ?? "", "temperature-threshold");
  const swapped = await assertRejects(() => get("/dev/nvme0", "4"), UsageError);
  assertStringIncludes(swapped.message, "the feature comes first");
});

Deno.test("feature get picks one of several values by the fields of dword 11", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x0a, cdw10: 0x04, cdw11: 0x11_0000 }, result: 290n },
    { expect: { opcode: 0x0a, cdw10: 0x109, cdw11: 7 }, result: 0x1_0007n },
    { expect: { opcode: 0x0a, cdw10: 0x212, cdw11: 2 }, result: 4n },
  ]);
  const around = { drive: transport };
  const { text } = await runCommand(
    featureGet,
    ["temperature-threshold", "--which", "tmpsel=sensor-1", "--which", "thsel=under"],
    around,
  );
  assertStringIncludes(text, "17 °C (290 K)");
  await runCommand(featureGet, ["9", "--cdw11", "7", "--select", "default"], around);
  await runCommand(featureGet, ["0x12", "--which", "nvmsetid=2", "--select", "saved"], around);
  transport.done();
  await assertRejects(() => get("vwc", "--which", "wce=1"), UsageError, "there is one value only");
  await assertRejects(() => get("0xd0", "--which", "x=1"), UsageError);
});

Deno.test("feature get --select supported tells what can be done", async () => {
  const { text, report } = await get("error-recovery", "--select", "supported");
  assertMatch(text, /^Each namespace has its own +yes$/m);
  assertEquals(report.json["capabilities"], {
    value: 7,
    text: "change, save, per namespace",
    changeable: true,
    saveable: true,
    namespace_specific: true,
  });
  const drive = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({}) },
  ]);
  await assertRejects(
    () => runCommand(featureGet, ["vwc", "--select", "supported"], { drive }),
    UnsupportedError,
    "it does not say",
  );
});

Deno.test("feature get of a namespace's feature needs to know which one", async () => {
  const drive = virtualDrive("namespaces").transport;
  await assertRejects(
    () => runCommand(featureGet, ["write-protection"], { drive }),
    UsageError,
    "has 5",
  );
  const { text, report } = await runCommand(
    featureGet,
    ["write-protection", "--namespace", "4"],
    { drive },
  );
  assertStringIncludes(text, "namespace 4  current");
  assertEquals(report.json["wps"], { value: 0, text: "not protected" });
});

Deno.test("feature get of a data structure shows what it holds, and writes it raw", async () => {
  const { transport, clock } = virtualDrive();
  const empty = await runCommand(featureGet, ["timestamp"], { drive: transport });
  assertMatch(empty.text, /^Data +all zero$/m);
  clock.time += 0x1234;
  const { text, report } = await runCommand(featureGet, ["timestamp"], { drive: transport });
  assertMatch(text, /^timestamp +Milliseconds: 1970-01-01 00:00:04.660Z$/m);
  assertEquals(report.raw, Uint8Array.of(0x34, 0x12, 0, 0, 0, 0, 0, 0));
  assertEquals(report.json["data_hex"], "3412000000000000");
  assertEquals(report.json["text"], "4,660 ms after a reset");
});

Deno.test("feature get of a vendor's feature shows bytes", async () => {
  const { text, report } = await get("0xc0", "--length", "32");
  assertStringIncludes(text, "a feature that only its vendor knows");
  assertEquals(report.raw?.length, 32);
  assertEquals(report.json["fid"], {
    value: 0xc0,
    text: "not defined by the specification",
  });
});

Deno.test("feature get of what the drive does not have is its refusal", async () => {
  await assertRejects(() => get("keepalive"), UsageError);
  await assertRejects(() => get("data-placement"), StatusError, "Invalid Field");
});
