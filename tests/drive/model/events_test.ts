// Tests of asynchronous events: held until there is one, one of a type at a time.

import { assertEquals } from "@std/assert";
import { EVENTS } from "../../../src/drive/model/event_kinds.ts";
import { raiseControllerEvent, raiseEvent } from "../../../src/drive/model/events.ts";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const REQUEST = 0x0c;
const LIMIT_EXCEEDED = "01h/05h";
const ABORTED = "00h/07h";
const RETAIN = 0x8000;

/** Sends a request and keeps what becomes of it. */
function request(bench: Bench): { answer?: { readonly status: string; readonly dw0: number } } {
  const held: ReturnType<typeof request> = {};
  bench.admin(REQUEST).then((answer) => held.answer = answer);
  return held;
}

/** Lets promises that are settled be heard of. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function configure(bench: Bench, events: number): Promise<void> {
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: events });
}

Deno.test("Asynchronous Event Request is held, up to the limit", async () => {
  const bench = new Bench();
  const held = Array.from({ length: 4 }, () => request(bench));
  const { status } = await bench.admin(REQUEST);
  assertEquals(status, LIMIT_EXCEEDED);
  await turn();
  assertEquals(held.map(({ answer }) => answer), Array(4).fill(undefined));
  assertEquals(bench.drive.first.outstanding.asyncEvents.length, 4);
});

Deno.test("Abort ends a held request and no other command", async () => {
  const bench = new Bench();
  const held = request(bench);
  const [exchange] = bench.drive.first.outstanding.asyncEvents;
  const cid = exchange?.entry.cid ?? 0;
  assertEquals((await bench.admin(0x08, { cdw10: ((cid + 1) << 16) >>> 0 })).dw0, 1);
  assertEquals((await bench.admin(0x08, { cdw10: (cid << 16) | 1 })).dw0, 1);
  const aborted = await bench.admin(0x08, { cdw10: (cid << 16) >>> 0 });
  assertEquals([aborted.status, aborted.dw0], [OK, 0]);
  await turn();
  assertEquals(held.answer?.status, ABORTED);
  assertEquals(bench.drive.state.errors, []);
  await bench.refuses("admin", 0x08, { nsid: 1 }, { status: INVALID_FIELD, byte: 4 });
});

Deno.test("A temperature beyond its threshold is announced once per log reading", async () => {
  const bench = new Bench();
  await configure(bench, 0x02);
  const first = request(bench);
  const second = request(bench);
  const threshold = (kelvin: number): Promise<unknown> =>
    bench.admin(0x09, { cdw10: 0x04, cdw11: kelvin });
  await threshold(300);
  await turn();
  assertEquals([first.answer?.status, first.answer?.dw0], [OK, 0x0002_0101]);
  await threshold(400);
  await threshold(300);
  await turn();
  assertEquals(second.answer, undefined);
  await bench.log(0x02, 512, { cdw10: 0x007f_0002 | RETAIN });
  await turn();
  assertEquals(second.answer, undefined);
  await bench.log(0x02, 512);
  await turn();
  assertEquals(second.answer?.dw0, 0x0002_0101);
});

Deno.test("Events that the host did not ask for are not announced", async () => {
  const bench = new Bench("critical");
  const held = request(bench);
  await bench.identify(0x01);
  await turn();
  assertEquals(held.answer, undefined);
  await configure(bench, 0x01);
  await turn();
  assertEquals(held.answer?.dw0, 0x0002_0201);
});

Deno.test("A format is announced as a changed namespace", async () => {
  const bench = new Bench();
  await configure(bench, 0x100);
  const first = request(bench);
  const second = request(bench);
  await bench.admin(0x80, { nsid: 1 });
  await bench.admin(0x80, { nsid: 1 });
  await turn();
  assertEquals([first.answer?.dw0, second.answer], [0x0004_0002, undefined]);
  await bench.log(0x04, 4096);
  await turn();
  assertEquals(second.answer, undefined);
  await bench.admin(0x80, { nsid: 1 });
  await turn();
  assertEquals(second.answer?.dw0, 0x0004_0002);
});

Deno.test("An event that nobody waits for is told with the next request", async () => {
  const bench = new Bench();
  raiseEvent(bench.drive, EVENTS.persistentInternalError);
  raiseEvent(bench.drive, EVENTS.persistentInternalError);
  const first = request(bench);
  const second = request(bench);
  await turn();
  assertEquals([first.answer?.dw0, second.answer], [0x0001_0300, undefined]);
});

Deno.test("A type is masked until the log page of what was told is read", async () => {
  const bench = new Bench();
  await configure(bench, 0x600);
  const held = [request(bench), request(bench), request(bench), request(bench)];
  raiseEvent(bench.drive, EVENTS.firmwareActivation);
  raiseEvent(bench.drive, EVENTS.telemetryChanged);
  raiseEvent(bench.drive, EVENTS.sanitizeCompleted);
  await turn();
  assertEquals(held.map(({ answer }) => answer?.dw0), [
    0x0003_0102,
    0x0081_0106,
    undefined,
    undefined,
  ]);
  await bench.log(0x03, 512, { cdw10: 0x007f_0003 | RETAIN });
  await turn();
  assertEquals(held[2]?.answer, undefined);
  await bench.log(0x03, 512);
  await turn();
  assertEquals(held[2]?.answer?.dw0, 0x0008_0202);
});

Deno.test("Reading a log page clears an event before it is told, a reset clears all", async () => {
  const bench = new Bench();
  raiseEvent(bench.drive, EVENTS.invalidDoorbellValue);
  raiseEvent(bench.drive, EVENTS.sanitizeCompleted);
  await bench.log(0x01, 64);
  const first = request(bench);
  await turn();
  assertEquals(first.answer?.dw0, 0x0081_0106);
  raiseEvent(bench.drive, EVENTS.invalidDoorbellValue);
  bench.drive.first.reset();
  const second = request(bench);
  await turn();
  assertEquals(second.answer, undefined);
});

Deno.test("Events that are not enabled when they happen are never told", async () => {
  const bench = new Bench();
  raiseEvent(bench.drive, EVENTS.telemetryChanged);
  await configure(bench, 0x400);
  const held = request(bench);
  await turn();
  assertEquals(held.answer, undefined);
  raiseEvent(bench.drive, EVENTS.telemetryChanged);
  await turn();
  assertEquals(held.answer?.dw0, 0x0008_0202);
});

Deno.test("An immediate event is told at once or not at all, and masks nothing", async () => {
  const bench = new Bench();
  bench.drive.first.controller.features["0b"] = 0x8000;
  raiseEvent(bench.drive, EVENTS.subsystemShutdown);
  const held = [request(bench), request(bench), request(bench)];
  await turn();
  assertEquals(held[0]?.answer, undefined);
  raiseEvent(bench.drive, EVENTS.subsystemShutdown);
  raiseEvent(bench.drive, EVENTS.subsystemShutdown);
  await turn();
  assertEquals(held.map(({ answer }) => answer?.dw0), [0x0000_0003, 0x0000_0003, undefined]);
});

Deno.test("The queue of events is bounded", () => {
  const bench = new Bench();
  for (let information = 0; information < 256; information++) {
    raiseEvent(bench.drive, { type: 7, information, lid: 0xc0 });
  }
  assertEquals(bench.drive.first.controller.pendingEvents.length, 64);
});

Deno.test("An event of one controller is not told by another; a tap sees each telling", async () => {
  const bench = new Bench("multipath");
  const seen: string[] = [];
  bench.drive.taps.attach("nvme:aer:writeback", (context) => {
    if (context.kind === "event") seen.push(`${context.controller} ${context.event}`);
  });
  const held = request(bench);
  const [, second] = bench.drive.controllers;
  if (second) raiseControllerEvent(second, EVENTS.invalidDoorbellRegister);
  await turn();
  assertEquals(held.answer, undefined);
  raiseEvent(bench.drive, EVENTS.persistentInternalError);
  await turn();
  assertEquals(held.answer?.dw0, 0x0001_0300);
  assertEquals(seen, ["1 persistentInternalError"]);
});
