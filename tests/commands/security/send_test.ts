// nvmectl security send: confirmed for the whole drive, and sent as it is.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { securitySend } from "../../../src/commands/security/send.ts";
import { SafetyError, StatusError, UsageError } from "../../../src/errors.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";
import { scriptedTransport } from "../../support/scripted.ts";

const BYTES = Uint8Array.of(1, 2, 3);
const WORDS = ["--protocol", "1", "--specific", "0x7ffe", "--in", "session.bin"];
const FILES = { "session.bin": BYTES, "empty.bin": new Uint8Array(0) };

Deno.test("security send confirms, and sends the bytes of the file", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({ oacs: { ssrs: true } }) },
    { expect: { opcode: 0x81, cdw10: 0x017f_fe00, cdw11: 3, direction: "out", sent: BYTES } },
  ]);
  const { context, report, text } = await runCommand(securitySend, WORDS, {
    drive: transport,
    files: FILES,
  });
  transport.done();
  const [plan] = context.confirmed;
  assertStringIncludes(plan?.action ?? "", "TCG 1 (storage), which may lock or erase the drive");
  assertEquals([plan?.namespaces, plan?.keepsData], ["all", undefined]);
  assertEquals(report.json["length"], 3);
  assertStringIncludes(text, "3 bytes");
  assertEquals(securitySend.effect, "destroy");
});

Deno.test("what is not confirmed is not sent", async () => {
  const transport = scriptedTransport([]);
  await assertRejects(
    () =>
      runCommand(securitySend, WORDS, {
        drive: transport,
        files: FILES,
        confirm: () => {
          throw new SafetyError("Cannot send: no");
        },
      }),
    SafetyError,
  );
  assertEquals(transport.commands.length, 0);
});

Deno.test("security send needs a protocol, and a file with something in it", async () => {
  const refusals: readonly (readonly [words: readonly string[], message: string])[] = [
    [["--in", "session.bin"], "--protocol is missing"],
    [["--protocol", "1"], "--in FILE is missing"],
    [["--protocol", "1", "--in", "empty.bin"], "it is empty"],
  ];
  for (const [words, message] of refusals) {
    await assertRejects(
      () => runCommand(securitySend, words, { files: FILES }),
      UsageError,
      message,
    );
  }
});

Deno.test("a drive that takes nothing refuses it", async () => {
  await assertRejects(
    () => runCommand(securitySend, WORDS, { drive: virtualDrive().transport, files: FILES }),
    StatusError,
    "Cannot send to security protocol 01h",
  );
});
