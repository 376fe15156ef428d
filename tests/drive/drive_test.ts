// Tests of the virtual drive as a whole: its state, its resets, what it must not reach for.

import { assert, assertEquals } from "@std/assert";
import { directTransport, variant, VirtualDrive } from "../../src/drive/mod.ts";
import { SelfTestLog } from "../../src/spec/log/self_test.ts";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { Bench, OK, personality, START } from "./bench.ts";

/** Whether a value is made of plain data only: no class but Object and Array, no function. */
function isPlain(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === "object") {
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
  }
  return ["number", "bigint", "string", "boolean"].includes(typeof value);
}

Deno.test("VirtualDrive.state is plain data, whatever happened", async () => {
  const bench = new Bench("namespaces");
  assert(isPlain(bench.drive.state));
  await bench.admin(0x14, { nsid: 1, cdw10: 1 });
  await bench.admin(0x80, { nsid: 1, cdw10: 1 });
  await bench.admin(0x14, { nsid: 0, cdw10: 2 });
  await bench.admin(0x09, { cdw10: 0x16, out: Uint8Array.of(1) });
  await bench.admin(0x09, { cdw10: 0x8000_0004, cdw11: 300 });
  await bench.admin(0xff);
  assert(isPlain(bench.drive.state));
  assertEquals(structuredClone(bench.drive.state), bench.drive.state);
});

Deno.test("VirtualDrive goes on from the state of an earlier one", async () => {
  const bench = new Bench();
  await bench.admin(0x80, { nsid: 1, cdw10: 1 });
  await bench.admin(0x14, { nsid: 1, cdw10: 2 });
  const state = structuredClone(bench.drive.state);
  const drive = new VirtualDrive({
    personality: personality(""),
    now: () => START + 30_000,
    seed: 9,
    state,
  });
  assertEquals(drive.first.namespaces.find(1)?.blockBytes, 4096);
  const transport = directTransport(drive, "virtual:");
  using data = transport.allocate(564);
  await transport.submit({ queue: "admin", opcode: 0x02, cdw10: 0x008c_0006, data });
  const { current, completion } = SelfTestLog.decode(data.bytes);
  assertEquals([current.operation, completion.percent], [2, 50]);
});

Deno.test("VirtualDrive answers the same for the same seed and clock", async () => {
  const run = async (): Promise<readonly Uint8Array[]> => {
    const bench = new Bench("", 42);
    const pages: Uint8Array[] = [];
    for (let round = 0; round < 5; round++) {
      bench.time += 60_000;
      await bench.admin(0xc0 + round);
      pages.push((await bench.log(0x02, 512)).data, (await bench.log(0x01, 4096)).data);
    }
    pages.push((await bench.identify(0x01)).data, (await bench.identify(0, { nsid: 1 })).data);
    return pages;
  };
  assertEquals(await run(), await run());
});

Deno.test("VirtualDrive.freeCid() passes over identifiers in use, and FFFFh", async () => {
  const { drive, transport } = new Bench();
  transport.submit({ queue: "admin", opcode: 0x0c }).catch(() => {});
  const seen = new Set(Array.from({ length: 0xffff }, () => drive.first.freeCid(0)));
  const [held] = drive.first.outstanding.asyncEvents;
  assertEquals(seen.has(held?.entry.cid ?? 0), false);
  assertEquals(seen.has(0xffff), false);
  await transport[Symbol.asyncDispose]();
});

const WRITE = 0x01;
const READ = 0x02;

async function smartOf(bench: Bench) {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

async function writeBlock(bench: Bench, lba: number, value: number): Promise<void> {
  const out = new Uint8Array(512).fill(value);
  assertEquals((await bench.io(WRITE, { nsid: 1, cdw10: lba, out })).status, OK);
}

async function readBlock(bench: Bench, lba: number): Promise<number | undefined> {
  return (await bench.io(READ, { nsid: 1, cdw10: lba, length: 512 })).data[0];
}

Deno.test("VirtualDrive.powercut() loses the cache, resets controllers and counts", async () => {
  const bench = new Bench();
  const events: string[] = [];
  for (const tap of ["nvme:power:event", "nvme:reset:event"]) {
    bench.drive.taps.attach(tap, (context) => {
      if (context.kind === "event") events.push(context.event);
    });
  }
  const before = await smartOf(bench);
  await writeBlock(bench, 1, 1);
  await bench.io(0x00, { nsid: 1 });
  await writeBlock(bench, 1, 2);
  await writeBlock(bench, 2, 3);
  await bench.admin(0x09, { cdw10: 0x04, cdw11: 300 });
  assertEquals(bench.drive.powercut(), 2);
  assertEquals([await readBlock(bench, 1), await readBlock(bench, 2)], [1, 0]);
  assertEquals(bench.drive.first.controller.features, {});
  const after = await smartOf(bench);
  assertEquals(after.powerCycles, before.powerCycles + 1n);
  assertEquals(after.unsafeShutdowns, before.unsafeShutdowns + 1n);
  assertEquals(events, ["lost", "reset", "restored"]);
});

Deno.test("VirtualDrive.powercut() can lose a part, which the seed decides block by block", async () => {
  const survivors = async (seed: number): Promise<readonly number[]> => {
    const bench = new Bench("", seed);
    for (let lba = 0; lba < 40; lba++) await writeBlock(bench, lba, 7);
    const lost = bench.drive.powercut({ cached: "partly-lost" });
    const kept: number[] = [];
    for (let lba = 0; lba < 40; lba++) if (await readBlock(bench, lba) === 7) kept.push(lba);
    assertEquals(kept.length, 40 - lost);
    return kept;
  };
  const kept = await survivors(5);
  assert(kept.length > 5 && kept.length < 35, `${kept.length}`);
  assertEquals(await survivors(5), kept);
  assert((await survivors(6)).join() !== kept.join());
});

Deno.test("VirtualDrive.shutdown() stores everything, and the power may go after it", async () => {
  const bench = new Bench();
  const before = await smartOf(bench);
  await writeBlock(bench, 1, 1);
  bench.drive.shutdown();
  assertEquals((await smartOf(bench)).powerCycles, before.powerCycles);
  bench.drive.shutdown();
  assertEquals(bench.drive.powercut(), 0);
  assertEquals(await readBlock(bench, 1), 1);
  const after = await smartOf(bench);
  assertEquals(after.unsafeShutdowns, before.unsafeShutdowns);
  assertEquals(after.powerCycles, before.powerCycles + 1n);
});

Deno.test("VirtualDrive keeps at most its cache size of what hosts wrote", async () => {
  const bench = new Bench(variant(personality(""), { cacheBytes: 64 * 1024 }));
  for (let lba = 0; lba < 1024; lba++) await writeBlock(bench, lba, 1);
  const lost = bench.drive.powercut();
  assert(lost > 0 && lost <= 128, `${lost} blocks were in the cache`);
});

Deno.test("256 drives of a terabyte run in one process, in less than a quarter of a megabyte each", async () => {
  const before = Deno.memoryUsage().heapUsed;
  const drives = Array.from({ length: 256 }, (_, seed) => new Bench("", seed));
  for (const [at, bench] of drives.entries()) {
    await writeBlock(bench, at, at % 250 + 1);
    assertEquals((await bench.identify(0x01)).status, OK);
  }
  for (const [at, bench] of drives.entries()) {
    assertEquals(await readBlock(bench, at), at % 250 + 1);
  }
  const bytes = Deno.memoryUsage().heapUsed - before;
  assert(bytes < 256 * 256 * 1024, `${bytes} bytes for 256 drives`);
});
