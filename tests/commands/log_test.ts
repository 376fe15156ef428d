// Tests of nvmectl log: names, numbers, and the command dwords that they become.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { log } from "../../src/commands/log.ts";
import { preset } from "../../src/drive/mod.ts";
import { captureTelemetry } from "../../src/drive/model/telemetry.ts";
import { EXIT, StatusError, UnsupportedError, UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { LOG_PAGES } from "../../src/spec/log/registry.ts";
import { TelemetryHostLog } from "../../src/spec/log/telemetry.ts";
import { type Ran, runCommand, virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const EXTENDED_DATA = 0x04;

function run(preset: string, ...words: string[]): Promise<Ran> {
  const [name = "", ...rest] = words;
  return runCommand(log, [name, `virtual:${preset}`, ...rest], {
    drive: virtualDrive(preset).transport,
  });
}

/** Runs on a drive that identifies itself with `lpa` and then expects the script. */
async function scripted(
  script: readonly Exchange[],
  words: readonly string[],
  controller: Parameters<typeof IdentifyController.encode>[0] = { lpa: EXTENDED_DATA },
): Promise<Ran> {
  const [name = "", ...rest] = words;
  const drive = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 1 }, data: IdentifyController.encode(controller) },
    ...script,
  ]);
  const ran = await runCommand(log, [name, "/dev/nvme9", ...rest], { drive });
  drive.done();
  return ran;
}

Deno.test("log decodes every registered page by name and by number", async () => {
  const has = preset("")?.logs ?? [];
  for (const { name, lid, title } of LOG_PAGES.filter(({ lid }) => has.includes(lid))) {
    const byName = await run("", name);
    const byNumber = await run("", `0x${lid.toString(16)}`);
    assertEquals(byName.report.json["lid"], { value: lid, text: title });
    assertEquals(byNumber.report.json["name"], name);
    assertStringIncludes(byName.text, title);
    await run("", name, "-v");
  }
});

Deno.test("log takes a page's other names, and numbers as the specification writes them", async () => {
  for (const word of ["error-log", "errors", "ERROR", "1", "0x01", "01h", "01H"]) {
    assertEquals((await run("", word)).report.json["name"], "error");
  }
});

Deno.test("log gives the bytes of a page as the drive sent them", async () => {
  const { report } = await run("", "smart", "-o", "raw");
  assertEquals(report.raw?.length, 512);
});

Deno.test("log without a name lists the pages and opens no drive", async () => {
  const { text, report } = await runCommand(log, []);
  for (const { name } of LOG_PAGES) assertMatch(text, new RegExp(`^..h +${name} `, "m"));
  assertEquals((report.json["log_pages"] as unknown[]).length, LOG_PAGES.length);
  await assertRejects(() => runCommand(log, ["-o", "raw"]), UsageError);
});

Deno.test("log of a number without a layout reads 512 bytes and shows them in hexadecimal", async () => {
  const data = new Uint8Array(512).fill(0xab);
  const { text, report } = await scripted([
    { expect: { opcode: 0x02, nsid: 0xffffffff, cdw10: 0x007f00ca, cdw11: 0, length: 512 }, data },
  ], ["0xca"]);
  assertStringIncludes(text, "Log page CAh: Vendor specific");
  assertStringIncludes(text, "00000000  ab ab ab ab");
  assertEquals([report.json["length"], report.json["data"]], [512, "ab".repeat(512)]);
  assertEquals(report.raw, data);
});

Deno.test("log puts every option into its command dword", async () => {
  await scripted([{
    expect: {
      nsid: 5,
      cdw10: 0x0001_bf81,
      cdw11: 0x1234_0000,
      cdw12: 0x0000_0010,
      cdw13: 0x0000_0001,
      cdw14: 0x0200_0003,
      length: 8,
    },
  }], [
    ..."0x81 --length 8 --offset 0x100000010 --lsp 0x3f --lsi 0x1234 --rae".split(" "),
    ..."--uuid-index 3 --csi 2 --namespace 5".split(" "),
  ]);
});

Deno.test("log reads in pieces of 4 KiB and retains the event until the last", async () => {
  await scripted([
    { expect: { cdw10: 0x03ff_80ca, cdw12: 0, length: 4096 } },
    { expect: { cdw10: 0x03ff_80ca, cdw12: 4096, length: 4096 } },
    { expect: { cdw10: 0x0003_00ca, cdw12: 8192, length: 16 } },
  ], ["0xca", "--length", "8208"]);
});

Deno.test("log looks at the controller's telemetry without letting the drive drop it", async () => {
  const { drive, transport } = virtualDrive();
  captureTelemetry(drive.first, "panic");
  for (const words of [["telemetry-controller"], ["0x08", "--length", "1024"]]) {
    await runCommand(log, words, { drive: transport, format: "json" });
    await runCommand(log, words, { drive: transport, format: "raw" });
  }
  const { report } = await runCommand(log, ["telemetry-controller"], { drive: transport });
  const shown = report.json["log"] as { readonly controller_available: { readonly value: number } };
  assertEquals(shown.controller_available.value, 1);
  assertEquals(drive.first.state.telemetry.available, true);
});

Deno.test("log follows the length that a page states, and decodes it; a part of it is bytes", async () => {
  const data = TelemetryHostLog.encode({ lid: 7, area3LastBlock: 1 });
  const controller = { lpa: EXTENDED_DATA | 0x08 };
  const { report } = await scripted(
    [
      { expect: { cdw10: 0x007f_8107, length: 512 }, data },
      { expect: { cdw10: 0x007f_8007, cdw12: 512, length: 512 } },
      { expect: { cdw10: 0x007f_0007, cdw12: 0, length: 512 }, data },
    ],
    ["telemetry-host", "--lsp", "1"],
    controller,
  );
  assertEquals([report.json["length"], report.raw?.length], [1024, 1024]);
  assertEquals((report.json["log"] as JsonObject)["data_bytes"], 512);
  const part = await scripted([{ expect: { cdw10: 0x007f_0007, length: 512 }, data }], [
    "telemetry-host",
    "--length",
    "512",
  ], controller);
  assertEquals([part.report.json["length"], part.report.json["log"]], [512, undefined]);
});

Deno.test("log of a part of a known page is bytes; of all of it, whatever the options, decoded", async () => {
  const part = await run("", "smart", "--length", "32");
  assertEquals([part.report.json["length"], part.report.json["log"]], [32, undefined]);
  assertEquals((await run("", "smart", "--offset", "4")).report.json["offset"], 4);
  const whole = await run("", "smart", "--length", "512", "--rae");
  assertEquals((whole.report.json["log"] as JsonObject)["available_spare"], 100);
});

Deno.test("log refuses, before it asks, a named page that the drive says it does not have", async () => {
  const error = await assertRejects(
    () => scripted([], ["selftest"], { oacs: 0x02 }),
    UnsupportedError,
    "OACS 0x0002",
  );
  assertEquals(error.exitCode, EXIT.refused);
});

Deno.test("log asks for a numbered page whatever the drive claims", async () => {
  await assertRejects(() => run("no-selftest", "6"), StatusError, "06h (Device Self-test)");
});

Deno.test("log refuses an offset on a drive that would ignore it", async () => {
  for (const words of [["0xca", "--offset", "512"], ["0xca", "--length", "8192"]]) {
    await assertRejects(() => scripted([], words, { lpa: 0 }), UnsupportedError, "no offsets");
  }
  await scripted([{ expect: { length: 4096 } }], ["0xca", "--length", "4096"], { lpa: 0 });
});

Deno.test("log error on a drive without offsets shows as many entries as it can, and says so", async () => {
  const controller = { lpa: 0, elpe: 127 };
  const { text, context } = await scripted([{ expect: { length: 4096 } }], ["error"], controller);
  assertStringIncludes(text, "64 entries");
  assertStringIncludes(context.notices.join(), "first 4096 of 8192 bytes");
});

Deno.test("log --namespace is for pages that a namespace can have", async () => {
  await assertRejects(() => run("", "error", "--namespace", "1"), UsageError, "as a whole");
  await assertRejects(() => run("", "smart", "--namespace", "1"), UnsupportedError, "LPA 0x");
  await scripted([{ expect: { nsid: 1, cdw10: 0x007f0002 } }], ["smart", "--namespace", "1"], {
    lpa: 0x01,
  });
});

Deno.test("log of an unknown name names the nearest and all that there are", async () => {
  const error = await assertRejects(() => run("", "smrt"), UsageError, '"smrt"');
  assertStringIncludes(error.next ?? "", "Did you mean smart?");
  assertStringIncludes(error.next ?? "", "changed-namespaces");
});

Deno.test("log of a name whose layout is not known says how to read its bytes", async () => {
  const error = await assertRejects(() => run("", "lockdown"), UsageError, "Lockdown");
  assertStringIncludes(error.next ?? "", "log 0x14");
});

Deno.test("log with only a target says that the page comes first", async () => {
  await assertRejects(() => runCommand(log, ["/dev/nvme0"]), UsageError, "comes first");
});

Deno.test("log ana --groups-only leaves the namespaces out, and is of that page alone", async () => {
  const drive = virtualDrive("multipath").transport;
  const lengths = [];
  for (const words of [["ana"], ["ana", "--groups-only"], ["0x0c", "--lsp", "1"]]) {
    lengths.push((await runCommand(log, words, { drive })).report.raw?.length);
  }
  assertEquals(lengths, [88, 80, 80]);
  await assertRejects(
    () => runCommand(log, ["smart", "--groups-only"], { drive }),
    UsageError,
    "only the ANA page",
  );
});

Deno.test("log refuses numbers out of range and bytes that are no whole dwords", async () => {
  const wrong = [
    ["0x100"],
    ["0xca", "--length", "6"],
    ["0xca", "--length", "0"],
    ["0xca", "--offset", "3"],
    ["0xca", "--lsp", "128"],
    ["0xca", "--csi", "256"],
  ];
  for (const [name = "", ...rest] of wrong) {
    await assertRejects(() => run("", name, ...rest), UsageError, "Cannot");
  }
});
