// Tests of personalities made of recordings: what the model goes by is what the drive said.

import { assertEquals, assertThrows } from "@std/assert";
import { recordDrive } from "../../../src/controller/clone.ts";
import { Drive } from "../../../src/controller/drive.ts";
import { presetNames } from "../../../src/drive/mod.ts";
import { personalityOf } from "../../../src/drive/recorded/personality.ts";
import { answerText, parseAnswer, type Recording } from "../../../src/spec/recording.ts";
import { SanitizeLog } from "../../../src/spec/log/sanitize.ts";
import { checkPersonality } from "../../../src/open/drive_file/personality_shape.ts";
import { Bench, OK, personality } from "../bench.ts";

async function recordingOf(bench: Bench): Promise<Recording> {
  const choice = { telemetry: false, more: [] };
  return (await recordDrive(new Drive(bench.transport), choice)).recording;
}

for (const name of presetNames()) {
  Deno.test(`the personality of virtual:${name} comes back from what it answers`, async () => {
    const source = personality(name);
    const found = personalityOf(await recordingOf(new Bench(name)));
    const same = ["version", "vendorId", "oui", "firmwareSlot"] as const;
    for (const field of same) assertEquals(found[field], source[field], field);
    // A bench has no doorbells, so that nobody there hears of a buffer for them.
    const asked = source.commands.filter((command) => command !== "doorbell-buffer");
    assertEquals(found.commands.toSorted(), asked.toSorted());
    for (const field of ["identify", "logs", "features"] as const) {
      assertEquals(found[field], source[field].toSorted((one, other) => one - other), field);
    }
    assertEquals(found.limits, source.limits);
    assertEquals(found.powerStates, source.powerStates);
    assertEquals(found.formatting, source.formatting);
    // Formats beyond the sixteenth have to be asked for.
    assertEquals(found.formats, source.formats.slice(0, 16));
    assertEquals(
      found.namespaces.map(({ nsid, format, attached, protection }) =>
        [nsid, format, attached, protection] as const
      ),
      source.namespaces.map(({ nsid, format, attached = true, protection = 0 }) =>
        [nsid, format, attached, protection] as const
      ),
    );
  });
}

Deno.test("settings of the source are those that the clone goes by", async () => {
  const source = new Bench("");
  assertEquals((await source.admin(0x09, { cdw10: 4, cdw11: 0x1_0000 | 350 })).status, OK);
  assertEquals((await source.admin(0x09, { cdw10: 2, cdw11: 1 })).status, OK);
  assertEquals(personalityOf(await recordingOf(source)).savedFeatures, {
    "02": 1,
    "04:over.1": 350,
  });
});

Deno.test("a sanitize operation that runs at the source does not run at the clone", async () => {
  const source = new Bench("");
  assertEquals((await source.admin(0x84, { cdw10: 2 })).status, OK);
  const recording = await recordingOf(source);
  const log = SanitizeLog.decode(parseAnswer(recording.answers["log 81"] ?? "").data);
  assertEquals(log.status.operation, 2);
  const clone = new Bench(personalityOf(recording));
  const { data } = await clone.log(0x81, 512);
  assertEquals(SanitizeLog.decode(data).status.operation, 0);
});

Deno.test("protection that blocks have no place for is none in the clone", async () => {
  const recording = await recordingOf(new Bench(""));
  const key = "identify 00 nsid=1";
  const { dw0, data } = parseAnswer(recording.answers[key] ?? "");
  // DPS: type 1.
  data[29] = 1;
  const answers = { ...recording.answers, [key]: answerText({ status: 0, dw0, data }) };
  const clone = personalityOf({ ...recording, answers });
  assertEquals(clone.namespaces.map(({ protection }) => protection), [0]);
  checkPersonality(clone, "personality");
});

Deno.test("what is no recording of a drive is refused", () => {
  const wrong: readonly (readonly [Recording["answers"], new (text: string) => Error])[] = [
    [{}, RangeError],
    [{ "identify 01": "refused 2" }, RangeError],
    [{ "identify 01": "0 12 0:AAAA" }, RangeError],
    [{ "identify 01": "nonsense" }, SyntaxError],
    [{ "delete all": "0 0" }, SyntaxError],
  ];
  for (const [answers, kind] of wrong) {
    assertThrows(() => personalityOf({ controller: 1, answers }), kind);
  }
});

for (const name of presetNames()) {
  Deno.test(`a drive file can hold the personality of a recorded virtual:${name}`, async () => {
    checkPersonality(personalityOf(await recordingOf(new Bench(name))), "personality");
  });
}
