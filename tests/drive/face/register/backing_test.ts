// A register-level driver at work on a virtual drive, and a host that writes nonsense.

import { assert, assertEquals } from "@std/assert";
import { registerBacking, type VirtualBacking } from "../../../../src/drive/mod.ts";
import type { Personality } from "../../../../src/drive/personality.ts";
import { nextRandom } from "../../../../src/drive/random.ts";
import { CC, CSTS, NSSR_RESET, REGISTERS } from "../../../../src/spec/registers.ts";
import { IdentifyController } from "../../../../src/spec/identify/identify_controller.ts";
import { RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, OK, personality } from "../../bench.ts";

const NO_LIMIT: Personality = {
  ...personality(""),
  limits: { ...personality("").limits, mdts: 0 },
};

function pattern(length: number, seed: number): Uint8Array {
  const random = { random: seed };
  return Uint8Array.from({ length }, () => Math.floor(nextRandom(random) * 256));
}

Deno.test("a driver brings the drive up and identifies it", () => {
  const bench = new Bench({ ...personality(""), readyMs: 1200 });
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing, { wait: () => bench.advance(500) });
  using memory = backing.dma.allocate(4096);
  const { status } = driver.admin.execute({ opcode: 0x06, prp1: memory.iova, cdw10: 1 });
  assertEquals(status, OK);
  assertEquals(IdentifyController.decode(memory.bytes).mn, personality("").model);
});

Deno.test("data written through chained PRP lists is read back, whatever its size and offset", () => {
  const bench = new Bench(NO_LIMIT);
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  const queue = driver.createQueue(1, 64);
  let slba = 0;
  for (const kibibytes of [4, 8, 12, 128, 512, 1024, 2048, 2056, 4096]) {
    for (const offset of [0, 512, 4092]) {
      const bytes = kibibytes * 1024;
      using from = backing.dma.allocate(bytes + 4096);
      using to = backing.dma.allocate(bytes + 4096);
      const data = pattern(bytes, kibibytes + offset);
      from.bytes.set(data, offset);
      const write = { iova: from.iova + BigInt(offset), bytes, slba };
      assertEquals(driver.transfer(queue, "write", write).status, OK);
      const read = { iova: to.iova + BigInt(offset), bytes, slba };
      assertEquals(driver.transfer(queue, "read", read).status, OK);
      assertEquals(to.bytes.subarray(offset, offset + bytes), data, `${kibibytes}+${offset}`);
      assert(to.bytes.subarray(0, offset).every((byte) => byte === 0));
      assert(to.bytes.subarray(offset + bytes).every((byte) => byte === 0));
      slba += bytes / 512;
    }
  }
});

Deno.test("two queues wrap many times without losing or repeating a completion", () => {
  const bench = new Bench();
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  const queues = [driver.createQueue(1, 5), driver.createQueue(2, 16)];
  using memory = backing.dma.allocate(4096);
  const random = { random: 7 };
  for (let round = 0; round < 2000; round++) {
    for (const queue of queues) {
      const count = 1 + Math.floor(nextRandom(random) * (queue.entries - 1));
      const cids = Array.from(
        { length: count },
        () => queue.put({ opcode: 0x02, nsid: 1, prp1: memory.iova, cdw10: round }),
      );
      queue.ring();
      const found = queue.poll();
      assertEquals(found.map(({ cid }) => cid), cids);
      assert(found.every(({ status, sqid }) => status === OK && sqid === queue.qid));
      assertEquals(found.at(-1)?.sqhd, queue.tail);
    }
  }
});

Deno.test("doorbells stand as far apart as CAP.DSTRD says", () => {
  const bench = new Bench({ ...personality(""), doorbellStride: 4 });
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  const queue = driver.createQueue(3, 8);
  using memory = backing.dma.allocate(4096);
  assertEquals(
    driver.transfer(queue, "read", { iova: memory.iova, bytes: 4096, slba: 0 }).status,
    OK,
  );
});

Deno.test("larger memory pages are taken from CC.MPS", () => {
  const bench = new Bench(NO_LIMIT);
  using backing = registerBacking(bench.drive, "virtual:");
  // Allocations are only aligned to 4 KiB: take one that can hold an aligned page of 64 KiB.
  const { config, bar0, dma } = backing;
  config.write(0x04, 2, 0x0006);
  const arena = dma.allocate(0x100_000);
  const aligned = (arena.iova + 0xffffn) & ~0xffffn;
  bar0.write32(REGISTERS.AQA.offset, 0x000f_000f);
  bar0.write64(REGISTERS.ASQ.offset, aligned);
  bar0.write64(REGISTERS.ACQ.offset, aligned + 0x10000n);
  bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true, mps: 4, iosqes: 6, iocqes: 4 }));
  assert(CSTS.parse(bar0.read32(REGISTERS.CSTS.offset)).rdy);
  const at = Number(aligned - arena.iova);
  const view = new DataView(arena.bytes.buffer);
  // Identify Controller across the end of a 4 KiB page, which is not the end of a page here.
  view.setUint32(at, 0x0001_0006, true);
  view.setBigUint64(at + 24, aligned + 0x20000n + 2048n, true);
  view.setUint32(at + 40, 1, true);
  bar0.write32(0x1000, 1);
  assertEquals(view.getUint32(at + 0x10000 + 12, true) >>> 16, 1);
  const identify = arena.bytes.slice(at + 0x20800, at + 0x21800);
  assertEquals(IdentifyController.decode(identify).mn, personality("").model);
});

Deno.test("a reset takes the queues away, and the drive can be brought up again", () => {
  const bench = new Bench();
  using backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  driver.admin.put({ opcode: 0x0c });
  driver.admin.ring();
  const queue = driver.createQueue(1, 8);
  backing.bar0.write32(REGISTERS.CC.offset, 0);
  queue.put({ opcode: 0x00, nsid: 1 });
  queue.ring();
  assertEquals(queue.poll(), []);
  assertEquals(backing.bar0.read64(REGISTERS.ASQ.offset), driver.admin.sq.iova);
  backing.reset();
  assertEquals(backing.bar0.read64(REGISTERS.ASQ.offset), 0n);
  const again = RegisterDriver.open(backing);
  assertEquals(again.createQueue(1, 8).execute({ opcode: 0x00, nsid: 1 }).status, OK);
});

Deno.test("a reset of the subsystem takes the function off the bus until it is configured", () => {
  const bench = new Bench();
  using backing = registerBacking(bench.drive, "virtual:");
  RegisterDriver.open(backing);
  backing.bar0.write32(REGISTERS.NSSR.offset, NSSR_RESET);
  assertEquals(backing.bar0.read32(REGISTERS.CSTS.offset), 0xffff_ffff);
  RegisterDriver.open(backing);
  assert(CSTS.parse(backing.bar0.read32(REGISTERS.CSTS.offset)).nssro);
});

Deno.test("the second controller of a drive has registers and queues of its own", () => {
  const bench = new Bench({ ...personality(""), controllers: 2 });
  const [, second] = bench.drive.controllers;
  assert(second);
  using one = registerBacking(bench.drive, "virtual:");
  using other = registerBacking(bench.drive, "virtual:", { controller: second });
  const drivers = [RegisterDriver.open(one), RegisterDriver.open(other)];
  using memory = other.dma.allocate(4096);
  const identify = { opcode: 0x06, prp1: memory.iova, cdw10: 1 };
  assertEquals(drivers[1]?.admin.execute(identify).status, OK);
  assertEquals(IdentifyController.decode(memory.bytes).cntlid, 2);
  one.bar0.write32(REGISTERS.CC.offset, 0);
  assert(CSTS.parse(other.bar0.read32(REGISTERS.CSTS.offset)).rdy);
});

Deno.test("an unused function that is closed does not hear of resets any more", () => {
  const bench = new Bench();
  const backing = registerBacking(bench.drive, "virtual:");
  RegisterDriver.open(backing);
  backing.close();
  bench.drive.resetSubsystem();
  assertEquals(backing.config.read(0x04, 2), 0x0006);
});

const NOISE_OPERATIONS = 200_000;
/** How often the noise is interrupted by somebody who brings the drive up again. */
const NOISE_ROUND = 250;

/** A host that has gone mad: any access anywhere, sensible values among the nonsense. */
Deno.test("200,000 random accesses neither throw nor leave the drive unusable", () => {
  const bench = new Bench({ ...personality(""), memoryBufferBytes: 16_384, scatterGather: true });
  const { first } = bench.drive;
  let fetched = 0;
  first.observe({ fetched: () => void fetched++, completed: () => {}, dropped: () => {} });
  using backing = registerBacking(bench.drive, "virtual:");
  const random = { random: 0x5eed };
  const below = (bound: number): number => Math.floor(nextRandom(random) * bound);
  for (let operation = 0; operation < NOISE_OPERATIONS; operation += NOISE_ROUND) {
    backing.reset();
    backing.config.write(0x44, 1, 0);
    const driver = RegisterDriver.open(backing);
    driver.createQueue(1, 8);
    makeNoise({ bench, backing, driver, below });
    assert(first.outstanding.asyncEvents.length <= personality("").limits.asyncEvents);
    driver.admin.sq[Symbol.dispose]();
    driver.admin.cq[Symbol.dispose]();
  }
  // The noise reached what is behind the registers.
  assert(fetched > NOISE_OPERATIONS / 10, `${fetched} commands`);
});

/** What the mad host has in its hands. */
interface Hands {
  readonly bench: Bench;
  readonly backing: VirtualBacking;
  readonly driver: RegisterDriver;
  /** A random integer from 0 to below the bound. */
  below(bound: number): number;
}

function makeNoise({ bench, backing, driver, below }: Hands): void {
  const { bar0, config } = backing;
  using scratch = backing.dma.allocate(65_536);
  const value = (): number => {
    const pick = below(6);
    if (pick === 0) return Number(scratch.iova & 0xffff_ffffn) + 4096 * below(16);
    if (pick === 1) return CC.compose({ en: true, iosqes: 6, iocqes: 4 });
    if (pick === 2) return below(32);
    if (pick === 3) return below(0x1_0000) * 0x1_0001;
    return pick === 4 ? 0 : below(0x1_0000_0000);
  };
  const seldom = (one: number): boolean => below(one) === 0;
  const actions: readonly (() => unknown)[] = [
    () => seldom(20) && bar0.write32(4 * below(32), value()),
    () => bar0.write32(0x1000 + 4 * below(6), seldom(20) ? value() : below(32)),
    () => bar0.write32(0x1000, driver.admin.tail = (driver.admin.tail + 1) % 32),
    () => driver.admin.poll(),
    () => seldom(4) && bar0.write32(4 * below(bar0.length / 4 + 64), value()),
    () => seldom(10) && bar0.write64(below(bar0.length + 64), BigInt(value()) << 16n),
    () => bar0.read32(below(bar0.length + 64)),
    () => bar0.read64(8 * below(bar0.length / 8)),
    () => scratch.bytes.set(crazy(below, scratch.iova), 64 * below(1024)),
    () => driver.admin.sq.bytes.set(crazy(below, scratch.iova), 64 * below(32)),
    () => seldom(100) && config.write(below(256), 2, value() & 0xffff),
    () => config.read(below(5000), 4),
    () => seldom(100) && bench.advance(below(1000)),
  ];
  for (let operation = 0; operation < NOISE_ROUND; operation++) actions[below(actions.length)]?.();
}

/** An entry whose opcode is often one of those that make and delete queues. */
function crazy(below: (bound: number) => number, iova: bigint): Uint8Array {
  const entry = Uint8Array.from({ length: 64 }, () => below(4) === 0 ? below(256) : 0);
  entry[0] = [0x00, 0x01, 0x04, 0x05, 0x06, 0x02, 0x09, 0x0c, below(256)][below(9)] ?? 0;
  const view = new DataView(entry.buffer);
  if (below(2) === 0) view.setBigUint64(24, iova + BigInt(512 * below(128)), true);
  if (below(2) === 0) view.setBigUint64(32, iova + BigInt(512 * below(128)), true);
  if (below(2) === 0) view.setUint32(40, below(4) | (below(16) << 16), true);
  if (below(2) === 0) view.setUint32(44, below(8) | (below(3) << 16), true);
  return entry;
}
