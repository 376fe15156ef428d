// Tests of the scenarios that strike commands: what the host is answered, and what is stored.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { UsageError } from "../../../src/errors.ts";
import { Bench, OK } from "../bench.ts";

const READ_ONLY = "01h/82h";

/** A drive with one scenario at work. */
async function struck(text: string, seed = 1): Promise<Bench> {
  const bench = new Bench();
  const { scenario, create } = parseInjection(text);
  await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed });
  return bench;
}

async function write(bench: Bench, lba: number, value = lba + 1): Promise<string> {
  const out = new Uint8Array(512).fill(value);
  return (await bench.io(0x01, { nsid: 1, cdw10: lba, out })).status;
}

async function read(bench: Bench, lba: number): Promise<number | undefined> {
  return (await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 })).data[0];
}

async function writes(bench: Bench, count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let lba = 0; lba < count; lba++) answers.push(await write(bench, lba));
  return answers;
}

Deno.test("no-writes stores the first ones, then succeeds without storing", async () => {
  const bench = await struck("no-writes:after=2");
  assertEquals(await writes(bench, 4), [OK, OK, OK, OK]);
  assertEquals(await Promise.all([0, 1, 2, 3].map((lba) => read(bench, lba))), [1, 2, 0, 0]);
});

Deno.test("no-writes-errors refuses what comes after the first ones, for good", async () => {
  const bench = await struck("no-writes-errors:after=2");
  assertEquals(await writes(bench, 4), [OK, OK, READ_ONLY, READ_ONLY]);
  assertEquals(
    (await bench.io(0x01, { nsid: 1, out: new Uint8Array(512) })).field & 0x4000,
    0x4000,
  );
});

Deno.test("temperamental stays read-only once it is, or strikes one write at a time", async () => {
  const latched = await writes(await struck("temperamental:probability=20", 5), 60);
  const first = latched.indexOf(READ_ONLY);
  assertEquals(latched.slice(first).every((status) => status === READ_ONLY), true);
  const unlatched = await writes(await struck("temperamental:probability=20,latch=no", 5), 60);
  assertEquals(unlatched.indexOf(READ_ONLY), first);
  assertEquals(unlatched.slice(first).includes(OK), true);
});

Deno.test("temperamental is over after as many writes, or as long, as it was given", async () => {
  const counted = await writes(await struck("temperamental:probability=50,count=3", 5), 60);
  const first = counted.indexOf(READ_ONLY);
  assertEquals(counted.slice(first, first + 4), [READ_ONLY, READ_ONLY, READ_ONLY, OK]);
  assertEquals(counted.filter((status) => status !== OK).length, 3);
  for (const count of [0, 100]) {
    const timed = await struck(`temperamental:probability=100,count=${count},for=5s`);
    assertEquals(await write(timed, 0), READ_ONLY);
    timed.advance(5000);
    assertEquals(await write(timed, 0), OK);
  }
});

Deno.test("slow-die refuses a die that there is not", () => {
  const { drive } = new Bench();
  const { create } = parseInjection("slow-die:die=8");
  assertThrows(() => create(drive), UsageError, "there is no die 8 of 0 to 7");
});

Deno.test("temperamental is the same again for the same seed", async () => {
  const run = async (seed: number): Promise<readonly string[]> =>
    await writes(await struck("temperamental:probability=30,latch=no", seed), 40);
  assertEquals(await run(3), await run(3));
});

Deno.test("reincarnation is good, bad for a while, and good again", async () => {
  const answers = await writes(await struck("reincarnation:after=2,count=3"), 7);
  assertEquals(answers, [OK, OK, READ_ONLY, READ_ONLY, READ_ONLY, OK, OK]);
});

Deno.test("sum adds, at C0h or wherever it is put, and leaves Format alone", async () => {
  const bench = await struck("sum");
  assertEquals((await bench.admin(0xc0, { cdw10: 10, cdw11: 5 })).dw0, 15);
  assertEquals((await bench.admin(0xc0, { cdw10: 0xffffffff, cdw11: 2 })).dw0, 1);
  const onFormat = await struck("sum:opcode=0x80");
  await write(onFormat, 0, 7);
  assertEquals((await onFormat.admin(0x80, { nsid: 0xffffffff, cdw10: 1, cdw11: 1 })).dw0, 2);
  assertEquals(await read(onFormat, 0), 7);
});

Deno.test("write-fault leaves Do Not Retry as it is told", async () => {
  const out = new Uint8Array(512);
  const retried = await (await struck("write-fault")).io(0x01, { nsid: 1, out });
  const final = await (await struck("write-fault:retry=no")).io(0x01, { nsid: 1, out });
  assertEquals([retried.status, final.status], ["02h/80h", "02h/80h"]);
  assertEquals([retried.field >> 14, final.field >> 14], [0, 1]);
});

Deno.test("a scenario is over when its time is", async () => {
  const bench = await struck("no-writes-errors:after=0,for=10s");
  assertEquals(await write(bench, 0), READ_ONLY);
  bench.time += 10_000;
  assertEquals(await write(bench, 0), OK);
});

Deno.test("hang-io and hang-admin hold commands, of one opcode if told so", async () => {
  const io = await struck("hang-io:count=1");
  const hung = io.io(0x00, { nsid: 1 });
  assertEquals((await io.io(0x00, { nsid: 1 })).status, OK);
  io.drive.first.reset();
  await assertRejects(() => hung, Error);
  const admin = await struck("hang-admin:opcode=6");
  const held = admin.identify(0x01);
  assertEquals((await admin.log(0x02, 512)).status, OK);
  admin.drive.first.reset();
  await assertRejects(() => held, Error);
});

Deno.test("latency and slow-die delay what they are told to delay", async () => {
  const bench = await struck("slow-die:dies=4,die=1,stripe=8,ms=30");
  assertEquals(await write(bench, 0), OK);
  let over = false;
  const slow = write(bench, 8).then((status) => {
    over = true;
    return status;
  });
  bench.advance(29);
  await Promise.resolve();
  assertEquals(over, false);
  bench.advance(1);
  assertEquals(await slow, OK);
});

Deno.test("short-data gives the beginning only", async () => {
  const bench = await struck("short-data:bytes=100");
  await write(bench, 0, 9);
  const { data, status } = await bench.io(0x02, { nsid: 1, length: 512 });
  assertEquals([status, data[99], data[100]], [OK, 9, 0]);
});

Deno.test("firmware-rejected refuses the commit", async () => {
  const bench = await struck("firmware-rejected");
  assertEquals((await bench.admin(0x10, { cdw10: 0x8 })).status, "01h/07h");
});

Deno.test("drop-connection ends the transport's command", async () => {
  const bench = await struck("drop-connection");
  await assertRejects(() => bench.io(0x00, { nsid: 1 }), Error, "connection was lost");
  assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
});
