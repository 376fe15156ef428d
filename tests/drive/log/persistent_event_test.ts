// Tests of the persistent event log: its contexts, and the events that it has.

import { assert, assertEquals } from "@std/assert";
import { EVENTS_KEPT } from "../../../src/drive/model/persistent_events.ts";
import { buildFirmwareImage } from "../../../src/drive/model/firmware_image.ts";
import { captureTelemetry } from "../../../src/drive/model/telemetry.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import {
  EVENT_LOG_ACTION,
  EVENT_TYPE_NAMES,
  PersistentEventLog,
  PersistentEventPage,
} from "../../../src/spec/log/persistent_event.ts";
import { eventDetails } from "../../../src/spec/log/event_details.ts";
import { Bench, OK } from "../bench.ts";

const SEQUENCE_ERROR = "00h/0Ch";
const PIECE = 4096;

async function act(bench: Bench, action: number, length = 512): Promise<Uint8Array | string> {
  const { status, data } = await bench.log(0x0d, length, {
    cdw10: ((length / 4 - 1) << 16 | action << 8 | 0x0d) >>> 0,
  });
  return status === OK ? data : status;
}

/** The whole log, in pieces, out of a context of its own. */
async function events(bench: Bench): Promise<PersistentEventLog> {
  const header = await act(bench, EVENT_LOG_ACTION.establishAndReadHeader);
  assert(typeof header !== "string");
  const length = Number(PersistentEventLog.decode(header).length);
  const page = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += PIECE) {
    const size = Math.min(PIECE, Math.ceil((length - offset) / 4) * 4);
    const { data, status } = await bench.log(0x0d, size, { cdw12: offset });
    assertEquals(status, OK);
    page.set(data.subarray(0, length - offset), offset);
  }
  assertEquals(
    await act(bench, EVENT_LOG_ACTION.release).then((answer) => typeof answer),
    "object",
  );
  return PersistentEventPage.decode(page);
}

/** The types of the events, newest first. */
async function types(bench: Bench): Promise<readonly string[]> {
  const names: Readonly<Record<number, string>> = EVENT_TYPE_NAMES;
  return (await events(bench)).events.map(({ type }) => names[type] ?? `${type}`);
}

async function text(bench: Bench): Promise<string> {
  const [newest] = (await events(bench)).events;
  return newest ? eventDetails(newest.type, newest.data)?.text ?? "" : "";
}

Deno.test("The persistent event log is read out of a context, of which there is one", async () => {
  const bench = new Bench();
  assertEquals(await act(bench, EVENT_LOG_ACTION.read), SEQUENCE_ERROR);
  const first = await act(bench, EVENT_LOG_ACTION.establishAndReadHeader);
  assert(typeof first !== "string");
  const header = PersistentEventLog.decode(first);
  assertEquals([header.generation, header.context.existed], [1, false]);
  assertEquals([header.serialNumber, header.revision], ["VIRTUAL0001", 3]);
  assertEquals(header.supported.length, 13);
  assertEquals(await act(bench, EVENT_LOG_ACTION.establishAndRead), SEQUENCE_ERROR);
  const again = await act(bench, EVENT_LOG_ACTION.establishAndReadHeader);
  assert(typeof again !== "string");
  assertEquals(PersistentEventLog.decode(again).context.existed, true);
  await act(bench, EVENT_LOG_ACTION.release);
  const whole = await act(bench, EVENT_LOG_ACTION.establishAndRead, 2048);
  assert(typeof whole !== "string");
  assertEquals(PersistentEventLog.decode(whole).generation, 2);
});

Deno.test("A context shows the log as it was, whatever happens meanwhile", async () => {
  const bench = new Bench();
  await act(bench, EVENT_LOG_ACTION.establishAndReadHeader);
  const before = await act(bench, EVENT_LOG_ACTION.read, 1024);
  bench.drive.first.reset();
  assertEquals(await act(bench, EVENT_LOG_ACTION.read, 1024), before);
  await act(bench, EVENT_LOG_ACTION.release);
  assertEquals((await events(bench)).eventCount, 4);
});

Deno.test("The log begins with power and health, and has an entry for every reset", async () => {
  const bench = new Bench();
  assertEquals(await types(bench), ["SMART / health snapshot", "power-on or reset"]);
  bench.drive.first.reset();
  assertEquals((await types(bench)).length, 4);
});

Deno.test("The log knows formats, sanitize operations, features and telemetry", async () => {
  const bench = new Bench();
  await bench.admin(0x80, { nsid: 1, cdw10: 1 });
  await bench.admin(0x09, { cdw10: 0x06, cdw11: 0 });
  await bench.admin(0x09, { cdw10: 0x0e, out: new Uint8Array(8).fill(1) });
  await bench.admin(0x84, { cdw10: 4 });
  bench.advance(2_000);
  bench.drive.settle();
  captureTelemetry(bench.drive.first, "test");
  bench.drive.first.registers.fail();
  assertEquals(await types(bench), [
    "hardware error",
    "telemetry log created",
    "sanitize completion",
    "sanitize start",
    "timestamp change",
    "set feature",
    "format completion",
    "format start",
    "SMART / health snapshot",
    "power-on or reset",
  ]);
});

Deno.test("A power cut without a shutdown is a hardware error of the log, one after it is none", async () => {
  const bench = new Bench();
  await bench.admin(0x09, { cdw10: 0x06, cdw11: 0 });
  bench.drive.powercut();
  const events = await types(bench);
  assertEquals(events.filter((type) => type === "hardware error").length, 1, events.join());
  bench.drive.shutdown();
  bench.drive.powercut();
  const after = (await types(bench)).filter((type) => type === "hardware error");
  assertEquals(after.length, 1);
});

Deno.test("A firmware commit is in the log with what it did, refused or not", async () => {
  const bench = new Bench();
  await bench.admin(0x10, { cdw10: 3 });
  const [refused] = (await events(bench)).events;
  assertEquals(refused?.type, 0x02);
  assert((await text(bench)).includes("01h/07h"), await text(bench));
  const image = buildFirmwareImage({ revision: "2.0.0", activation: "withoutReset" });
  await bench.admin(0x11, { out: image, cdw10: 1023 });
  await bench.admin(0x10, { cdw10: 0x0b });
  assert((await text(bench)).includes("2.0.0"), await text(bench));
});

Deno.test("A drive that gets too hot enters it once", async () => {
  const bench = new Bench("warning");
  const before = (await types(bench)).filter((type) => type === "thermal excursion");
  assertEquals(before.length, 1);
  await bench.identify(0x01);
  assertEquals((await types(bench)).filter((type) => type === "thermal excursion").length, 1);
});

Deno.test("The log stays within its bounds and keeps the newest", async () => {
  const bench = new Bench();
  for (let round = 0; round < 300; round++) {
    await bench.admin(0x09, { cdw10: 0x06, cdw11: round & 1 });
  }
  const log = await events(bench);
  assertEquals([log.eventCount, log.events.length], [EVENTS_KEPT, EVENTS_KEPT]);
  for (let round = 0; round < 300; round++) bench.drive.first.reset();
  const long = await events(bench);
  const { pels } = IdentifyController.decode((await bench.identify(0x01)).data);
  assert(Number(long.length) <= pels * 65_536, `${long.length}`);
  assert(long.eventCount > 200 && long.events.length === long.eventCount);
});

Deno.test("A drive without the log keeps no events", async () => {
  const bench = new Bench("old");
  await bench.admin(0x80, { nsid: 1 });
  assertEquals(bench.drive.state.persistentEvents.events, []);
});
