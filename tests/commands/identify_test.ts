// Tests of nvmectl identify: the right structure for each option, and what it looks like.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { identify } from "../../src/commands/identify.ts";
import { StatusError, UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { type Ran, runCommand, virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

function run(preset: string, ...words: string[]): Promise<Ran> {
  return runCommand(identify, [`virtual:${preset}`, ...words], {
    drive: virtualDrive(preset).transport,
  });
}

function scripted(
  script: readonly Exchange[],
  words: readonly string[],
  nsid?: number,
): Promise<Ran> {
  const drive = scriptedTransport(script, nsid === undefined ? {} : { nsid });
  return runCommand(identify, ["/dev/nvme9", ...words], { drive });
}

Deno.test("identify shows what matters of the controller, without keys or bits", async () => {
  const { text, report } = await run("");
  assertMatch(text, /^Serial number +VIRTUAL0001$/m);
  assertEquals(text.includes("bit 0"), false);
  assertEquals(report.raw?.length, 4096);
});

Deno.test("identify -v shows every field with its bits, and the power states", async () => {
  const { text } = await run("", "-v");
  assertMatch(text, /^oacs +Optional Admin commands \(0x[0-9a-f]{4}\): .*Format NVM, Firmware/m);
  assertMatch(text, /^ {2}bit 4 +Device Self-test: yes$/m);
  assertMatch(text, /^ +3 {2}0\.05 W, non-operational +2,000 µs +3,000 µs +3 3 3 3$/m);
});

Deno.test("identify gives a machine every field, whether or not it is shown", async () => {
  const { report } = await run("");
  const controller = report.json["controller"] as JsonObject;
  assertEquals([controller["sn"], controller["rab"], report.json["cns"]], ["VIRTUAL0001", 4, 1]);
});

Deno.test("identify of a target that names a namespace shows the controller, and says so", async () => {
  const { text, context } = await scripted([{ expect: { cdw10: 0x01, nsid: 0 } }], [], 3);
  assertStringIncludes(text, "Controller /dev/nvme9");
  assertStringIncludes(context.notices.join(), "identify /dev/nvme9 --namespace 3");
});

Deno.test("identify --namespace shows sizes in bytes and marks the LBA format in use", async () => {
  const { text, report } = await run("namespaces", "--namespace", "3");
  assertMatch(text, /^Size +107 GB \([\d,]+ bytes, [\d,]+ blocks\)$/m);
  assertMatch(text, /^Block +4,096 bytes \+ 8 of metadata in a separate buffer$/m);
  assertMatch(text, /^ +7 +4,096 B +8 B +best +in use$/m);
  assertEquals(text.match(/in use/g)?.length, 1);
  assertEquals([report.json["lba_format"], report.json["active"]], [7, true]);
  assertEquals(report.raw?.length, 4096);
});

Deno.test("identify --namespace -v shows every field with its key", async () => {
  const { text } = await run("", "--namespace", "1", "-v");
  for (const { key } of IdentifyNamespace.fields(IdentifyNamespace.decode(new Uint8Array(4096)))) {
    if (key !== "lbaf") assertMatch(text, new RegExp(`^${key} `, "m"));
  }
});

Deno.test("identify of an inactive namespace says that it is, with exit status 0", async () => {
  const { text, report } = await run("namespaces", "--namespace", "5");
  assertStringIncludes(text, "Namespace 5 is not active");
  assertEquals([report.json["active"], report.exit], [false, undefined]);
});

Deno.test("identify of a namespace that cannot be is the drive's refusal", async () => {
  await assertRejects(() => run("", "--namespace", "77"), StatusError, "namespace 77");
});

Deno.test("identify --namespaces lists the active ones and counts the others", async () => {
  const { text, report } = await run("namespaces", "--namespaces");
  assertEquals(report.json["active"], [1, 2, 3, 4, 9]);
  assertEquals(report.json["allocated"], [1, 2, 3, 4, 5, 9]);
  assertStringIncludes(text, "1 more allocated");
});

Deno.test("identify --namespaces -v shows state and size of all of them", async () => {
  const { text } = await run("namespaces", "--namespaces", "-v");
  assertMatch(text, /^ +3 +active +107 GB +0 B +4096 \+ 8$/m);
  assertMatch(text, /^ +5 +allocated +107 GB +0 B +4096 \+ 0$/m);
});

Deno.test("identify --namespaces works on a drive that lists active ones only", async () => {
  const { text, report } = await run("old", "--namespaces", "-v");
  assertEquals(report.json["allocated"], null);
  assertStringIncludes(text, "does not list allocated namespaces");
});

Deno.test("identify --namespaces -o raw writes the first page of the list", async () => {
  const { report } = await run("namespaces", "--namespaces", "-o", "raw");
  const { buffer } = report.raw ?? new Uint8Array();
  assertEquals(report.raw?.length, 4096);
  assertEquals(Array.from(new Uint32Array(buffer, 0, 6)), [1, 2, 3, 4, 9, 0]);
});

Deno.test("identify --controllers lists the subsystem's, or those of a namespace", async () => {
  const all = await run("", "--controllers");
  assertEquals([all.report.json["controllers"], all.report.json["cns"]], [[1], 0x13]);
  const some = await run("", "--controllers", "--namespace", "1");
  assertEquals([some.report.json["controllers"], some.report.json["cns"]], [[1], 0x12]);
});

Deno.test("identify --descriptors shows the identifiers of the only namespace", async () => {
  const { text, report } = await run("", "--descriptors");
  assertMatch(text, /^UUID +[0-9a-f]{8}-/m);
  assertEquals(report.json["nsid"], 1);
});

Deno.test("identify --descriptors takes the namespace that the target names", async () => {
  const { text } = await scripted([{ expect: { cdw10: 0x03, nsid: 4 } }], ["--descriptors"], 4);
  assertStringIncludes(text, "the namespace has no identifiers");
});

Deno.test("identify --descriptors asks which of several namespaces is meant", async () => {
  await assertRejects(() => run("namespaces", "--descriptors"), UsageError, "has 5");
});

Deno.test("identify --command-set shows the controller's limits, or a namespace's two structures", async () => {
  const controller = await run("", "--command-set");
  assertStringIncludes(controller.text, "Write Zeroes size limit");
  const both = await run("", "--command-set", "--namespace", "1");
  assertStringIncludes(both.text, "NVM Command Set Identify Namespace");
  assertStringIncludes(both.text, "I/O Command Set Independent Identify Namespace");
  await assertRejects(
    () => run("", "--command-set", "--namespace", "1", "-o", "raw"),
    UsageError,
    "two structures",
  );
});

Deno.test("identify --command-set of a namespace shows the structure that the drive has", async () => {
  const words = ["--command-set", "--namespace", "1"];
  const { report, context } = await scripted([
    { expect: { cdw10: 0x05, nsid: 1 } },
    { expect: { cdw10: 0x08, nsid: 1 }, status: 0x0002 },
  ], words);
  assertEquals(report.json["independent"], null);
  assertStringIncludes(context.notices.join(), "command set independent data of namespace 1");
  const refused = [{ expect: {}, status: 0x000b }, { expect: {}, status: 0x0002 }];
  await assertRejects(() => scripted(refused, words), StatusError, "NVM Command Set data");
});

Deno.test("identify refuses two structures at once", async () => {
  await assertRejects(() => run("", "--namespaces", "--controllers"), UsageError, "--controllers");
  await assertRejects(() => run("", "--namespaces", "--namespace", "1"), UsageError, "all of them");
  await assertRejects(() => run("", "--namespace", "0"), UsageError, "1 to 0xffffffff");
});

Deno.test("identify writes hostile names harmlessly on a terminal, and unchanged for a machine", async () => {
  const { text, report } = await run("hostile");
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(text), false);
  assertStringIncludes(String((report.json["controller"] as JsonObject)["mn"]), "\x1b[31m");
});
