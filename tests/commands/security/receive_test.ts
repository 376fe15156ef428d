// nvmectl security receive on virtual drives.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { securityReceive } from "../../../src/commands/security/receive.ts";
import { StatusError, UsageError } from "../../../src/errors.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";
import { scriptedTransport } from "../../support/scripted.ts";

function receive(...words: readonly string[]) {
  return runCommand(securityReceive, words, { drive: virtualDrive().transport });
}

Deno.test("security receive lists the protocols of the drive", async () => {
  const { text, report } = await receive("--protocol", "0");
  assertMatch(text, /^01h +TCG 1 \(storage\)$/m);
  assertEquals(report.json["protocols"], [
    { value: 0, text: "security protocol information" },
    { value: 1, text: "TCG 1 (storage)" },
  ]);
  assertEquals(report.raw?.length, 512);
});

Deno.test("security receive decodes Level 0 Discovery", async () => {
  const { text, report } = await receive("--protocol", "1", "--specific", "1");
  assertMatch(text, /^0001h {2}TPer, version 1$/m);
  assertMatch(text, /^Communication +synchronous protocol, streaming$/m);
  const { features } = report.json["level_0_discovery"] as {
    features: { feature: { value: number }; flags: { encryption?: boolean } }[];
  };
  assertEquals(features.map(({ feature }) => feature.value), [1, 2]);
  assertEquals(features[1]?.flags.encryption, true);
});

Deno.test("descriptors that are not known are bytes", async () => {
  const answer = new Uint8Array(4096);
  // 48 bytes of header, without the 4 of the length, and a descriptor of 2 bytes.
  answer.set([0, 0, 0, 50, 0, 0, 0, 1]);
  answer.set([0xc0, 0x01, 0x20, 2, 0xab, 0xcd], 48);
  const transport = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({ oacs: { ssrs: true } }) },
    { expect: { opcode: 0x82, cdw10: 0x0100_0100, cdw11: 4096 }, data: answer },
  ]);
  const words = ["--protocol", "1", "--specific", "1"];
  const { report, text } = await runCommand(securityReceive, words, { drive: transport });
  assertStringIncludes(text, "c001h");
  assertEquals((report.json["level_0_discovery"] as { features: unknown[] }).features, [
    { feature: { value: 0xc001, text: "unknown (0xc001)" }, version: 2, data: "c0012002abcd" },
  ]);
});

Deno.test("security receive of any other answer is bytes, also into a file", async () => {
  const transport = () =>
    scriptedTransport([
      { expect: { opcode: 0x06 }, data: IdentifyController.encode({ oacs: { ssrs: true } }) },
      {
        expect: { opcode: 0x82, nsid: 1, cdw10: 0xea00_0102, cdw11: 16, length: 16 },
        data: Uint8Array.of(0xde, 0xad),
      },
    ]);
  const words = ["--protocol", "0xea", "--specific", "1", "--nssf", "2", "--nsid", "1"];
  const shown = await runCommand(securityReceive, [...words, "--length", "16"], {
    drive: transport(),
  });
  assertStringIncludes(shown.text, "de ad 00");
  assertMatch(shown.text, /^NVMe specific +02h$/m);
  const saved = await runCommand(
    securityReceive,
    [...words, "--length", "16", "--out", "answer.bin"],
    { drive: transport() },
  );
  assertEquals(saved.context.written.get("answer.bin")?.length, 16);
  assertEquals(saved.report.json["data_saved"], "answer.bin");
  assertEquals(saved.text.includes("de ad 00"), false);
});

Deno.test("security receive without a protocol, or with one that the drive does not have", async () => {
  const error = await assertRejects(() => receive(), UsageError, "--protocol is missing");
  assertStringIncludes(error.next ?? "", "--protocol 0 lists");
  await assertRejects(() => receive("--protocol", "0xef"), StatusError, "Invalid Field");
});
