// Doorbells, full queues, wrong memory: the queues when not everything goes well.

import { assert, assertEquals } from "@std/assert";
import { registerBacking } from "../../../../src/drive/mod.ts";
import type { CommandTap, RegisterTap } from "../../../../src/drive/tap/verdict.ts";
import { AQA, CC, CSTS, REGISTERS } from "../../../../src/spec/registers.ts";
import type { Backing } from "../../../../src/transport/polled/backing.ts";
import { type Completion, RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, OK } from "../../bench.ts";

const FLUSH = { opcode: 0x00, nsid: 1 };
const TRANSFER_ERROR = "00h/04h";
const INVALID_REGISTER = 0x01_00_00;
const INVALID_VALUE = 0x01_01_00;

interface Setup {
  readonly bench: Bench;
  readonly backing: Backing;
  readonly driver: RegisterDriver;
}

function open(): Setup {
  const bench = new Bench();
  const backing = registerBacking(bench.drive, "virtual:");
  return { bench, backing, driver: RegisterDriver.open(backing) };
}

function status({ backing }: Setup): ReturnType<typeof CSTS.parse> {
  return CSTS.parse(backing.bar0.read32(REGISTERS.CSTS.offset));
}

/** The events that an access raises, of requests that wait for them. */
function events({ driver }: Setup, action: () => void): readonly number[] {
  driver.admin.put({ opcode: 0x0c });
  driver.admin.ring();
  action();
  return driver.admin.poll().map(({ dw0 }: Completion) => dw0);
}

Deno.test("a full completion queue holds commands back until the host has read", () => {
  const { driver, bench } = open();
  const queue = driver.createQueue(1, 4);
  const seen: number[] = [];
  bench.drive.taps.attach(
    "nvme:io:fetch",
    (context) => void seen.push((context as CommandTap).cid),
  );
  // Three fill the queue; the fourth has no room for its completion, the fifth is not fetched.
  for (const count of [3, 2]) {
    for (let at = 0; at < count; at++) queue.put(FLUSH);
    queue.ring();
  }
  assertEquals(seen, [1, 2, 3, 4]);
  const first = queue.poll({ acknowledge: false });
  assertEquals(first.map(({ cid }) => cid), [1, 2, 3]);
  assertEquals(queue.poll({ acknowledge: false }), []);
  queue.acknowledge();
  assertEquals(seen, [1, 2, 3, 4, 5]);
  assertEquals(queue.poll().map(({ cid }) => cid), [4, 5]);
});

Deno.test("a doorbell of a queue that does not exist raises an event", () => {
  const setup = open();
  const { bar0 } = setup.backing;
  assertEquals(events(setup, () => bar0.write32(0x1008, 1)), [INVALID_REGISTER]);
  // The type is masked until the log page was read.
  assertEquals(events(setup, () => bar0.write32(0x100c, 1)), []);
});

for (
  const [what, offset, values] of [
    ["a tail beyond the queue", 0x1008, [8]],
    ["a tail that is where it was", 0x1008, [0]],
    ["more commands than there is room for", 0x1008, [3, 3]],
    ["a head beyond the queue", 0x100c, [0xffff]],
    ["a head that is where it was", 0x100c, [0]],
    ["more completions than there are", 0x100c, [1]],
  ] as const
) {
  Deno.test(`${what} raises an event and is ignored`, () => {
    const setup = open();
    setup.driver.createQueue(1, 8);
    const raised = events(setup, () => {
      for (const value of values) setup.backing.bar0.write32(offset, value);
    });
    assertEquals(raised, [INVALID_VALUE]);
    assertEquals(status(setup).cfs, false);
  });
}

Deno.test("after a wrong tail no command is taken from the queue until it is made anew", () => {
  const setup = open();
  const { driver, backing } = setup;
  const queue = driver.createQueue(1, 8);
  backing.bar0.write32(0x1008, 9);
  queue.put(FLUSH);
  queue.ring();
  assertEquals(queue.poll(), []);
  assertEquals(driver.admin.execute({ opcode: 0x00, cdw10: 1 }).status, OK);
  assertEquals(driver.admin.execute({ opcode: 0x04, cdw10: 1 }).status, OK);
  assertEquals(driver.createQueue(1, 8).execute(FLUSH).status, OK);
});

Deno.test("doorbells are not heard before the controller is enabled, nor between two of them", () => {
  const bench = new Bench();
  const backing = registerBacking(bench.drive, "virtual:");
  backing.config.write(0x04, 2, 0x0006);
  backing.bar0.write32(0x1000, 1);
  const driver = RegisterDriver.open(backing);
  assertEquals(driver.admin.poll(), []);
  assertEquals(driver.admin.execute({ opcode: 0x0a, cdw10: 7 }).status, OK);
  assertEquals(backing.bar0.read32(0x1000), 0);
});

Deno.test("data in memory that the host did not give is an error of that command only", () => {
  const { driver, backing } = open();
  const queue = driver.createQueue(1, 8);
  using memory = backing.dma.allocate(8192);
  const end = memory.iova + 8192n;
  for (
    const [prp1, prp2, blocks] of [
      [0n, 0n, 1],
      [end, 0n, 1],
      [memory.iova, end, 16],
      [memory.iova + 4096n, 0n, 16],
      [memory.iova, end, 32],
      [0xffff_ffff_ffff_f000n, 0n, 1],
    ] as const
  ) {
    for (const opcode of [0x01, 0x02]) {
      const { status } = queue.execute({ opcode, nsid: 1, prp1, prp2, cdw12: blocks - 1 });
      assertEquals(status, TRANSFER_ERROR, `${opcode} ${prp1} ${prp2}`);
    }
  }
  const gone = backing.dma.allocate(4096);
  const read = { opcode: 0x02, nsid: 1, prp1: gone.iova };
  assertEquals(queue.execute(read).status, OK);
  gone[Symbol.dispose]();
  assertEquals(queue.execute(read).status, TRANSFER_ERROR);
});

Deno.test("a refused write leaves the blocks as they were, and an entry in the error log", async () => {
  const { driver, backing, bench } = open();
  const queue = driver.createQueue(1, 8);
  using memory = backing.dma.allocate(4096);
  memory.bytes.fill(0x5a);
  assertEquals(queue.execute({ opcode: 0x01, nsid: 1, prp1: memory.iova }).status, OK);
  const { status, cid } = queue.execute({ opcode: 0x01, nsid: 1, prp1: memory.iova + 4096n });
  assertEquals(status, TRANSFER_ERROR);
  const entry = await bench.lastError();
  assertEquals([entry.cid, entry.parameterErrorLocation.byte], [cid, 24]);
  memory.bytes.fill(0);
  assertEquals(queue.execute({ opcode: 0x02, nsid: 1, prp1: memory.iova }).status, OK);
  assert(memory.bytes.subarray(0, 512).every((byte) => byte === 0x5a));
});

for (const [what, asq, acq] of [["submission", 0n, 1n], ["completion", 1n, 0n]] as const) {
  Deno.test(`an admin ${what} queue outside of memory is a fatal error`, () => {
    const bench = new Bench();
    const backing = registerBacking(bench.drive, "virtual:");
    const { bar0, config, dma } = backing;
    config.write(0x04, 2, 0x0006);
    const memory = dma.allocate(4096);
    bar0.write32(REGISTERS.AQA.offset, 0x000f_000f);
    bar0.write64(REGISTERS.ASQ.offset, memory.iova * asq);
    bar0.write64(REGISTERS.ACQ.offset, memory.iova * acq);
    bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true }));
    bar0.write32(0x1000, 1);
    assertEquals(CSTS.parse(bar0.read32(REGISTERS.CSTS.offset)).cfs, true);
    bar0.write32(REGISTERS.CC.offset, 0);
    RegisterDriver.open(backing);
  });
}

Deno.test("admin queues without a second entry are a fatal error", () => {
  for (const aqa of [AQA.compose({ asqs: 3 }), AQA.compose({ acqs: 3 })]) {
    const bench = new Bench();
    const { bar0, config } = registerBacking(bench.drive, "virtual:");
    config.write(0x04, 2, 0x0006);
    bar0.write32(REGISTERS.AQA.offset, aqa);
    bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true }));
    assertEquals(CSTS.parse(bar0.read32(REGISTERS.CSTS.offset)).cfs, true);
  }
});

Deno.test("a plug-in's wrong, repeated and missing completions reach the queue", () => {
  const { driver, bench } = open();
  const queue = driver.createQueue(1, 16);
  let next: object = {};
  const detach = bench.drive.taps.attach("nvme:io:writeback", () => ({
    kind: "mutate",
    completion: next,
  }));
  const after = (completion: object): readonly unknown[] => {
    next = completion;
    queue.put({ ...FLUSH, cid: 0x77 });
    queue.ring();
    return queue.poll().map(({ cid, sqid }) => [cid, sqid]);
  };
  assertEquals(after({ cid: 0xbad }), [[0xbad, 1]]);
  assertEquals(after({ sqid: 9 }), [[0x77, 9]]);
  assertEquals(after({ copies: 3 }), [[0x77, 1], [0x77, 1], [0x77, 1]]);
  assertEquals(after({ copies: 0 }), []);
  detach();
  bench.drive.taps.attach("nvme:io:writeback", () => ({ kind: "drop" }));
  assertEquals(after({}), []);
});

Deno.test("a plug-in can make a command point elsewhere", () => {
  const { driver, backing, bench } = open();
  const queue = driver.createQueue(1, 8);
  using memory = backing.dma.allocate(8192);
  memory.bytes.fill(0x11, 0, 512).fill(0x22, 4096, 4608);
  const prp1 = memory.iova + 4096n;
  const detach = bench.drive.taps.attach("nvme:io:decode", () => ({
    kind: "mutate",
    command: { prp1 },
  }));
  assertEquals(queue.execute({ opcode: 0x01, nsid: 1, prp1: memory.iova }).status, OK);
  detach();
  assertEquals(queue.execute({ opcode: 0x02, nsid: 1, prp1: memory.iova }).status, OK);
  assertEquals(memory.bytes[0], 0x22);
  bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "mutate", command: { prp1: 0n } }));
  assertEquals(queue.execute({ opcode: 0x01, nsid: 1, prp1 }).status, TRANSFER_ERROR);
});

Deno.test("a doorbell can be lost or changed by a plug-in", () => {
  const { driver, bench } = open();
  const queue = driver.createQueue(1, 16);
  const detach = bench.drive.taps.attach("nvme:doorbell:decode", (context) => {
    assertEquals((context as RegisterTap).offset, 0x1008);
    return { kind: "drop" };
  });
  queue.put(FLUSH);
  queue.ring();
  assertEquals(queue.poll(), []);
  detach();
  bench.drive.taps.attach("nvme:doorbell:decode", (context) => {
    const { offset } = context as RegisterTap;
    return offset === 0x1008 ? { kind: "mutate", value: 1n } : undefined;
  });
  queue.put(FLUSH);
  queue.ring();
  assertEquals(queue.poll().length, 1);
});

Deno.test("a drive that is not bus master waits until it is", () => {
  const { driver, backing } = open();
  backing.config.write(0x04, 2, 0x0002);
  driver.admin.put({ opcode: 0x0a, cdw10: 7 });
  driver.admin.ring();
  assertEquals(driver.admin.poll(), []);
  backing.config.write(0x04, 2, 0x0006);
  assertEquals(driver.admin.poll().map(({ status }) => status), [OK]);
});

Deno.test("commands wait while processing is paused, and go on by themselves", () => {
  const setup = open();
  const { driver, bench } = setup;
  bench.drive.state.processingPausedUntil = bench.time + 200;
  driver.admin.put({ opcode: 0x0a, cdw10: 7 });
  driver.admin.ring();
  assertEquals(status(setup).pp, true);
  assertEquals(driver.admin.poll(), []);
  bench.advance(199);
  assertEquals(driver.admin.poll(), []);
  bench.advance(1);
  assertEquals(driver.admin.poll().map(({ status }) => status), [OK]);
});

Deno.test("a delayed command completes when its time has come", () => {
  const { driver, bench } = open();
  const queue = driver.createQueue(1, 8);
  bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "delay", ms: 50 }));
  queue.put(FLUSH);
  queue.put(FLUSH);
  queue.ring();
  assertEquals(queue.poll(), []);
  bench.advance(50);
  assertEquals(queue.poll().map(({ cid }) => cid), [1, 2]);
});

Deno.test("the number of queues stays as it is while there are I/O queues", () => {
  const { driver } = open();
  const set = { opcode: 0x09, cdw10: 0x07, cdw11: 0x0003_0003 };
  assertEquals(driver.admin.execute(set).status, OK);
  driver.createQueue(1, 4);
  assertEquals(driver.admin.execute(set).status, "00h/0Ch");
});
