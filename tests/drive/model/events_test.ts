// Tests of asynchronous events: held until there is one, one of a type at a time.

import { assertEquals } from "@std/assert";
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
