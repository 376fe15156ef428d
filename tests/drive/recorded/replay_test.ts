// Tests of replayed drives: a clone answers as its source did, byte for byte, until something
// changes it.

import { assert, assertEquals } from "@std/assert";
import { recordDrive } from "../../../src/controller/clone.ts";
import { Drive } from "../../../src/controller/drive.ts";
import { type Personality, preset, presetNames } from "../../../src/drive/mod.ts";
import { personalityOf } from "../../../src/drive/recorded/personality.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { ErrorLog } from "../../../src/spec/log/error.ts";
import { PersistentEventPage } from "../../../src/spec/log/persistent_event.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { answerText, parseAnswer } from "../../../src/spec/recording.ts";
import { Bench, type BenchCommand, INVALID_FIELD, OK } from "../bench.ts";

const IDENTIFY = 0x06;
const GET_LOG_PAGE = 0x02;
const GET_FEATURES = 0x0a;

/** A clone of a drive of that kind, as everything that was written down of it. */
async function cloneOf(kind: string | Personality, telemetry = false): Promise<Personality> {
  const source = new Bench(kind);
  const drive = new Drive(source.transport);
  const { recording } = await recordDrive(drive, { telemetry, more: [] });
  return personalityOf(structuredClone(recording));
}

type Question = readonly [opcode: number, command: BenchCommand];

/** Every structure, for each kind of namespace identifier. */
function identifyQuestions(): readonly Question[] {
  const nsids = [0, 1, 2, 3, 4, 5, 9, 16, 77, 0xffffffff];
  const structures = [...Array.from({ length: 0x24 }, (_, cns) => cns), 0xc0];
  return structures.flatMap((cns) =>
    nsids.map((nsid) => [IDENTIFY, { nsid, cdw10: cns, length: 4096 }] as const)
  );
}

/** Every log page from its start and from a later place, but those that come out of the model. */
function logQuestions(without: readonly number[]): readonly Question[] {
  const lids = Array.from({ length: 256 }, (_, lid) => lid).filter((lid) => !without.includes(lid));
  return lids.flatMap((lid): readonly Question[] => [
    [GET_LOG_PAGE, { nsid: 0xffffffff, cdw10: 0x3ff_8000 | lid, length: 4096 }],
    [GET_LOG_PAGE, { nsid: 0, cdw10: 0xf_8000 | lid, cdw12: 64, length: 64 }],
  ]);
}

/** Every feature in each selection, and each temperature threshold. */
function featureQuestions(): readonly Question[] {
  const fids = Array.from({ length: 256 }, (_, fid) => fid);
  const plain = fids.flatMap((fid) =>
    [0, 1, 2, 3, 4].flatMap((select) =>
      [0, 1, 77].map((nsid) =>
        [GET_FEATURES, { nsid, cdw10: fid | select << 8, length: 4096 }] as const
      )
    )
  );
  const thresholds = [0, 1, 2, 3, 9].flatMap((sensor) =>
    [0, 1, 2].map((type) =>
      [GET_FEATURES, { cdw10: 4, cdw11: sensor << 16 | type << 20, length: 0 }] as const
    )
  );
  return [...plain, ...thresholds];
}

/** The page's header is of now; the events in it are those of the source. */
const PERSISTENT_EVENTS = 0x0d;
const SMART = 0x02;

for (const name of presetNames()) {
  Deno.test(`a clone of virtual:${name} answers everything as it does, byte for byte`, async () => {
    const source = new Bench(name);
    const clone = new Bench(await cloneOf(name));
    // That a health log never changes cannot be seen by looking once: the clone's counts refusals.
    const stiff = preset(name)?.fixedSmart !== undefined;
    const questions: readonly Question[] = [
      [GET_LOG_PAGE, { nsid: 0xffffffff, cdw10: 0x7f_8002, length: 512 }],
      ...identifyQuestions(),
      ...logQuestions([PERSISTENT_EVENTS, ...stiff ? [SMART] : []]),
      ...featureQuestions(),
    ];
    for (const [opcode, command] of questions) {
      const label = `${opcode.toString(16)}h ${JSON.stringify(command)}`;
      const expected = await source.admin(opcode, command);
      const found = await clone.admin(opcode, command);
      assertEquals(found.status, expected.status, label);
      assertEquals(found.dw0, expected.dw0, label);
      assertEquals(found.data.toHex(), expected.data.toHex(), label);
    }
  });
}

/** A recording with other answers in it, as drives give that no model knows. */
async function altered(
  kind: string,
  change: (answers: Record<string, string>) => void,
): Promise<Bench> {
  const { recorded } = await cloneOf(kind);
  const answers = { ...recorded?.answers };
  change(answers);
  return new Bench(personalityOf({ controller: recorded?.controller ?? 1, answers }));
}

const page = (length: number, fill: number): string =>
  answerText({ status: 0, dw0: 0, data: new Uint8Array(length).fill(fill) });

Deno.test("a clone has what only its source's vendor knows", async () => {
  const bench = await altered("", (answers) => {
    answers["log c0"] = page(512, 0xc0);
    answers["identify c1"] = page(4096, 0xc1);
    answers["feature d0"] = answerText({ status: 0, dw0: 0xd0, data: new Uint8Array(0) });
    answers["feature d1"] = answerText({ status: 0, dw0: 1, data: Uint8Array.of(1, 2, 3, 4) });
    answers["identify 06"] = "refused 4015";
  });
  const log = await bench.log(0xc0, 1024);
  assertEquals([log.status, log.data[511], log.data[512]], [OK, 0xc0, 0]);
  assertEquals((await bench.log(0xc0, 64, { cdw12: 448 })).data[63], 0xc0);
  assertEquals((await bench.log(0xc0, 64, { cdw12: 1024 })).status, INVALID_FIELD);
  assertEquals((await bench.identify(0xc1)).data[4095], 0xc1);
  assertEquals((await bench.admin(GET_FEATURES, { cdw10: 0xd0 })).dw0, 0xd0);
  const data = await bench.admin(GET_FEATURES, { cdw10: 0xd1, length: 4 });
  assertEquals([...data.data], [1, 2, 3, 4]);
  assertEquals((await bench.identify(0x06)).status, "00h/15h");
  assertEquals((await bench.log(0xc1, 512)).status, "01h/09h");
});

Deno.test("reserved and vendor specific bytes stay when fields beside them change", async () => {
  const bench = await altered("", (answers) => {
    const { data } = parseAnswer(answers["identify 00 nsid=1"] ?? "");
    data.fill(0xee, 384);
    answers["identify 00 nsid=1"] = answerText({ status: 0, dw0: 0, data });
  });
  // To 4096-byte blocks.
  assertEquals((await bench.admin(0x80, { nsid: 1, cdw10: 1 })).status, OK);
  const { data } = await bench.identify(0x00, { nsid: 1 });
  const { flbas, nsze, vs } = IdentifyNamespace.decode(data);
  assertEquals([flbas.fidxl, nsze], [1, 244_190_646n]);
  assert(vs.every((byte) => byte === 0xee));
});

Deno.test("counters of a clone go on from those of its source", async () => {
  const bench = await altered("warning", (answers) => {
    const smart = { ...SmartLog.decode(parseAnswer(answers["log 02"] ?? "").data) };
    const most = { ...smart, hostReadCommands: 2n ** 100n, powerCycles: 2n ** 128n - 1n };
    answers["log 02"] = answerText({ status: 0, dw0: 0, data: SmartLog.encode(most) });
  });
  await bench.io(0x02, { nsid: 1, length: 512 });
  const smart = SmartLog.decode((await bench.log(SMART, 512)).data);
  assertEquals([smart.hostReadCommands, smart.powerCycles], [2n ** 100n + 1n, 2n ** 128n - 1n]);
  assertEquals(smart.mediaErrors, 3n);
});

Deno.test("self-tests of a clone push down the recorded results, which stay as they were", async () => {
  const clone = new Bench(await cloneOf("failing"));
  const before = (await clone.log(0x06, 564)).data.slice();
  assertEquals((await clone.admin(0x14, { nsid: 1, cdw10: 1 })).status, OK);
  clone.advance(300_000);
  const { data } = await clone.log(0x06, 564);
  assertEquals(data[4 + 28], before[4]);
  assertEquals(data.subarray(4 + 28).toHex(), before.subarray(4, 564 - 28).toHex());
});

Deno.test("a new error stands before the recorded ones", async () => {
  const clone = new Bench(await cloneOf("failing"));
  const before = (await clone.log(0x01, 512)).data.slice();
  assertEquals((await clone.identify(0xee)).status, INVALID_FIELD);
  const { data } = await clone.log(0x01, 576);
  assertEquals(ErrorLog.decode(data)[0]?.errorCount, 24n);
  assertEquals(data.subarray(64).toHex(), before.toHex());
});

Deno.test("a setting that is changed is as it was set, and its default as recorded", async () => {
  const bench = await altered("", (answers) => {
    answers["feature 02 select=1"] = answerText({ status: 0, dw0: 3, data: new Uint8Array(0) });
    answers["feature 02"] = answerText({ status: 0, dw0: 2, data: new Uint8Array(0) });
  });
  const get = async (select: number): Promise<number> =>
    (await bench.admin(GET_FEATURES, { cdw10: 2 | select << 8 })).dw0;
  assertEquals([await get(0), await get(1)], [2, 3]);
  assertEquals((await bench.admin(0x09, { cdw10: 2, cdw11: 4 })).status, OK);
  assertEquals([await get(0), await get(1)], [4, 3]);
});

Deno.test("telemetry and events of the past come with the clone where they were read", async () => {
  const source = new Bench("");
  await source.admin(0x80, { nsid: 1 });
  const drive = new Drive(source.transport);
  const { recording, leftOut } = await recordDrive(drive, { telemetry: true, more: [] });
  assertEquals(leftOut, []);
  const clone = new Bench(personalityOf(recording));
  const telemetry = parseAnswer(recording.answers["log 07"] ?? "").data;
  assert(telemetry.length > 512);
  const { data } = await clone.log(0x07, 1024);
  assertEquals(data.toHex(), telemetry.subarray(0, 1024).toHex());
  // A capture is a new one, of the same contents.
  const captured = await clone.log(0x07, 1024, { cdw10: 0xff_0107 });
  assertEquals(captured.data[381], (telemetry[381] ?? 0) + 1);
  assertEquals(captured.data.subarray(512).toHex(), telemetry.subarray(512, 1024).toHex());
  const events = PersistentEventPage.decode(
    (await clone.log(0x0d, 4096, {
      cdw10: 0x3ff_010d,
    })).data,
  );
  assert(events.events.some(({ type }) => type === 0x08), "the format of the source");
});

Deno.test("a clone over a fabric says what holds of the fabric, and keeps the rest", async () => {
  const bench = await altered("no-selftest", (answers) => {
    const { data } = parseAnswer(answers["identify 01"] ?? "");
    data.fill(0xaa, 3072);
    answers["identify 01"] = answerText({ status: 0, dw0: 0, data });
  });
  const subnqn = "nqn.2024-01.org.example:clone";
  bench.drive.fabrics = { subnqn, inCapsuleBytes: 8192 };
  const { data } = await bench.identify(0x01);
  const controller = IdentifyController.decode(data);
  assertEquals([controller.subnqn, controller.ioccsz], [subnqn, (64 + 8192) / 16]);
  assertEquals([controller.mn, data[4095]], ["nvmectl sparse virtual drive", 0xaa]);
});
