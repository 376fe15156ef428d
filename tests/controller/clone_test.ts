// Tests of recording a drive: what is asked, in which order, and what is not.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { recordDrive } from "../../src/controller/clone.ts";
import { Drive } from "../../src/controller/drive.ts";
import { NvmectlError } from "../../src/errors.ts";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { parseAnswer } from "../../src/spec/recording.ts";
import { openPolled } from "../../src/transport/polled/mod.ts";
import { wrap } from "../../src/transport/transport.ts";
import { Bench } from "../drive/bench.ts";
import { PolledRig } from "../support/polled.ts";

/** A drive that is listened to: opcode and dword 10 of each command. */
function heard(kind: string): { readonly drive: Drive; readonly commands: [number, number][] } {
  const commands: [number, number][] = [];
  const transport = wrap(new Bench(kind).transport, {
    submit(command, next) {
      commands.push([command.opcode, command.cdw10 ?? 0]);
      return next(command);
    },
  });
  return { drive: new Drive(transport), commands };
}

const PLAIN = { telemetry: false, more: [] };

Deno.test("recording only reads, and keeps the events of the pages that it reads", async () => {
  const { drive, commands } = heard("");
  await recordDrive(drive, { ...PLAIN, telemetry: true });
  for (const [opcode, cdw10] of commands) {
    assert([0x02, 0x06, 0x0a].includes(opcode), opcode.toString(16));
    const release = (cdw10 & 0x7fff) === 0x020d;
    if (opcode === 0x02) assert((cdw10 & 0x8000) !== 0 || release, cdw10.toString(16));
  }
});

Deno.test("our own driver, which only reads, records what any other transport records", async () => {
  const rig = new PolledRig();
  const { backing, clock } = rig;
  await using drive = new Drive(await openPolled({ backing, clock, hostPageBytes: 4096 }));
  const polled = await recordDrive(drive, { ...PLAIN, telemetry: true });
  const direct = await recordDrive(heard("").drive, { ...PLAIN, telemetry: true });
  assertEquals(Object.keys(polled.recording.answers), Object.keys(direct.recording.answers));
  assertEquals([polled.refused, polled.leftOut], [direct.refused, direct.leftOut]);
  for (const [key, answer] of Object.entries(direct.recording.answers)) {
    // Where there are doorbells Identify Controller tells of Doorbell Buffer Config.
    if (!key.startsWith("identify") || key === "identify 01") continue;
    assertEquals(polled.recording.answers[key], answer, key);
  }
});

Deno.test("health is read before anything that the drive might refuse and count", async () => {
  const { drive } = heard("old");
  const { recording, refused } = await recordDrive(drive, PLAIN);
  assert(refused.length > 0);
  const smart = SmartLog.decode(parseAnswer(recording.answers["log 02"] ?? "").data);
  assertEquals(smart.errorLogEntries, 0n);
});

Deno.test("a drive that says what it has is asked for nothing else", async () => {
  const { drive } = heard("");
  const { refused, leftOut, recording } = await recordDrive(drive, PLAIN);
  assertEquals(refused, []);
  assertEquals(leftOut, [
    "log page 07h, Telemetry Host-Initiated",
    "log page 08h, Telemetry Controller-Initiated",
    "log page 0Dh, Persistent Event",
  ]);
  assertEquals(recording.controller, 1);
});

Deno.test("pages that nobody listed are read where they are named, at the length that goes", async () => {
  const { drive } = heard("");
  const { recording, refused } = await recordDrive(drive, { ...PLAIN, more: [0xc0] });
  assertEquals(refused, ["log c0"]);
  assertEquals(recording.answers["log c0"]?.startsWith("refused "), true);
});

Deno.test("every namespace is looked at, also one that is not active", async () => {
  const { drive } = heard("namespaces");
  const { recording: { answers } } = await recordDrive(drive, PLAIN);
  for (const nsid of [1, 2, 3, 4, 5, 9]) {
    assert((answers[`identify 11 nsid=${nsid}`]?.length ?? 0) > 20, `${nsid}`);
  }
  assertEquals(answers["identify 03 nsid=5"], undefined);
});

Deno.test("a drive that does not identify itself cannot be recorded", async () => {
  const { transport } = new Bench("");
  const mute = wrap(transport, {
    submit: (command, next) =>
      command.opcode === 0x06 ? Promise.resolve({ status: 6, result: 0n }) : next(command),
  });
  await assertRejects(() => recordDrive(new Drive(mute), PLAIN), NvmectlError);
});
