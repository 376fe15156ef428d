// Creating and deleting queues: what is refused, with which status, and what then still works.

import { assertEquals } from "@std/assert";
import { registerBacking } from "../../../../src/drive/mod.ts";
import { CC, REGISTERS } from "../../../../src/spec/registers.ts";
import { EffectsLog } from "../../../../src/spec/log/effects.ts";
import { type Entry, RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK, personality } from "../../bench.ts";

const INVALID_QUEUE = "01h/01h";
const INVALID_SIZE = "01h/02h";
const INVALID_VECTOR = "01h/08h";
const INVALID_DELETION = "01h/0Ch";
const INVALID_COMPLETION_QUEUE = "01h/00h";
const PRP_OFFSET = "00h/13h";
const SMALL = {
  ...personality(""),
  queueEntries: 256,
  limits: { ...personality("").limits, queues: 4 },
};

function open(): { readonly bench: Bench; readonly driver: RegisterDriver; readonly page: bigint } {
  const bench = new Bench(SMALL);
  const backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  return { bench, driver, page: backing.dma.allocate(65_536).iova };
}

function size(qid: number, entries: number): number {
  return (((entries - 1) << 16) | qid) >>> 0;
}

function refused(driver: RegisterDriver, status: string, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const label = JSON.stringify(
      entry,
      (_, value) => typeof value === "bigint" ? `${value}` : value,
    );
    assertEquals(driver.admin.execute(entry).status, status, label);
  }
}

Deno.test("a completion queue needs a free identifier, a possible size, a page and a vector", () => {
  const { driver, page } = open();
  const create: Entry = { opcode: 0x05, prp1: page, cdw10: size(1, 16), cdw11: 1 };
  refused(driver, OK, [create]);
  refused(driver, INVALID_QUEUE, [
    create,
    { ...create, cdw10: size(0, 16) },
    { ...create, cdw10: size(5, 16) },
    { ...create, cdw10: size(0xffff, 16) },
  ]);
  const second = { ...create, cdw10: size(2, 16) };
  refused(driver, INVALID_SIZE, [
    { ...create, cdw10: size(2, 1) },
    { ...create, cdw10: size(2, 257) },
    { ...create, cdw10: size(2, 0x10000) },
  ]);
  refused(driver, INVALID_FIELD, [{ ...second, cdw11: 0 }, { ...second, nsid: 1 }]);
  refused(driver, PRP_OFFSET, [{ ...second, prp1: page + 8n }, { ...second, prp1: page + 2048n }]);
  // Without MSI-X there is one vector.
  refused(driver, INVALID_VECTOR, [{ ...second, cdw11: 0x0001_0003 }]);
  driver.backing.config.write(0x52, 2, 0x8000);
  refused(driver, INVALID_VECTOR, [{ ...second, cdw11: 0x0005_0003 }]);
  refused(driver, OK, [{ ...second, cdw11: 0x0004_0003 }]);
  refused(driver, OK, [{ ...create, cdw10: size(3, 256) }, { ...create, cdw10: size(4, 2) }]);
});

Deno.test("the log of commands lists those of queues just where the drive has queues", async () => {
  const { bench, driver } = open();
  const { bytes, iova } = driver.backing.dma.allocate(EffectsLog.size);
  const { prp1, prp2 } = driver.prps(iova, EffectsLog.size);
  const cdw10 = ((EffectsLog.size / 4 - 1) << 16) | 0x05;
  const read: Entry = { opcode: 0x02, nsid: 0xffff_ffff, prp1, prp2, cdw10 };
  const missing = (opcode: number) =>
    driver.admin.execute({ opcode, nsid: 0xffff_fffe }).status === INVALID_OPCODE;
  assertEquals(driver.admin.execute(read).status, OK);
  const { admin } = EffectsLog.decode(bytes);
  for (const opcode of [0x00, 0x01, 0x04, 0x05]) {
    const { supported, controllerScope } = admin[opcode] ?? {};
    assertEquals([supported, controllerScope, missing(opcode)], [true, true, false], `${opcode}`);
  }
  const listed = admin.flatMap(({ supported }, opcode) => supported ? [opcode] : []);
  for (let opcode = 0; opcode < 256; opcode++) {
    // One that waits for an event does not come back.
    if (opcode !== 0x0c) assertEquals(listed.includes(opcode), !missing(opcode), `${opcode}`);
  }
  const other = new Bench(SMALL);
  const direct = EffectsLog.decode((await other.log(0x05, EffectsLog.size)).data);
  assertEquals([0, 1, 4, 5].map((opcode) => direct.admin[opcode]?.supported), Array(4).fill(false));
  assertEquals(bench.drive.first.faceCommands.length > 0, true);
});

Deno.test("a submission queue needs a completion queue besides", () => {
  const { driver, page } = open();
  refused(driver, OK, [{ opcode: 0x05, prp1: page, cdw10: size(2, 16), cdw11: 1 }]);
  const create: Entry = {
    opcode: 0x01,
    prp1: page + 4096n,
    cdw10: size(1, 16),
    cdw11: 0x0002_0001,
  };
  refused(driver, INVALID_QUEUE, [
    { ...create, cdw10: size(0, 16) },
    { ...create, cdw10: size(5, 16) },
    // The admin completion queue, and one that cannot be.
    { ...create, cdw11: 0x0000_0001 },
    { ...create, cdw11: 0x0005_0001 },
  ]);
  refused(driver, INVALID_COMPLETION_QUEUE, [{ ...create, cdw11: 0x0003_0001 }]);
  refused(driver, INVALID_SIZE, [
    { ...create, cdw10: size(1, 1) },
    { ...create, cdw10: size(1, 257) },
  ]);
  refused(driver, INVALID_FIELD, [{ ...create, cdw11: 0x0002_0000 }]);
  refused(driver, PRP_OFFSET, [{ ...create, prp1: page + 64n }]);
  refused(driver, OK, [create]);
  refused(driver, INVALID_QUEUE, [create]);
});

Deno.test("queues are deleted in the right order only, and can be made again", () => {
  const { driver } = open();
  const queue = driver.createQueue(1, 8);
  refused(driver, INVALID_DELETION, [{ opcode: 0x04, cdw10: 1 }]);
  refused(driver, INVALID_QUEUE, [
    { opcode: 0x04, cdw10: 0 },
    { opcode: 0x04, cdw10: 2 },
    { opcode: 0x00, cdw10: 0 },
    { opcode: 0x00, cdw10: 2 },
  ]);
  assertEquals(queue.execute({ opcode: 0x00, nsid: 1 }).status, OK);
  refused(driver, OK, [{ opcode: 0x00, cdw10: 1 }, { opcode: 0x04, cdw10: 1 }]);
  refused(driver, INVALID_QUEUE, [{ opcode: 0x00, cdw10: 1 }, { opcode: 0x04, cdw10: 1 }]);
  assertEquals(driver.createQueue(1, 4).execute({ opcode: 0x00, nsid: 1 }).status, OK);
});

Deno.test("several submission queues share a completion queue", () => {
  const { driver, page } = open();
  const first = driver.createQueue(1, 8);
  const second: Entry = { opcode: 0x01, prp1: page, cdw10: size(2, 8), cdw11: 0x0001_0001 };
  refused(driver, OK, [second]);
  refused(driver, OK, [{ opcode: 0x00, cdw10: 1 }]);
  refused(driver, INVALID_DELETION, [{ opcode: 0x04, cdw10: 1 }]);
  // A flush of zeros is one of namespace 0, which does not exist.
  driver.backing.bar0.write32(0x1010, 1);
  assertEquals(first.poll().map(({ sqid, status }) => [sqid, status]), [[2, "00h/0Bh"]]);
});

Deno.test("deleting a submission queue ends what was under way on it without a word", () => {
  const { bench, driver } = open();
  bench.drive.taps.attach("nvme:io:decode", () => ({ kind: "delay", ms: 100 }));
  const queue = driver.createQueue(1, 8);
  queue.put({ opcode: 0x00, nsid: 1 });
  queue.ring();
  assertEquals(queue.poll(), []);
  refused(driver, OK, [{ opcode: 0x00, cdw10: 1 }]);
  bench.advance(1000);
  assertEquals(queue.poll(), []);
  assertEquals(bench.drive.first.outstanding.find(1, 1), undefined);
});

Deno.test("no more queues than Set Features agreed to", () => {
  const { driver, page } = open();
  const agreed = driver.admin.execute({ opcode: 0x09, cdw10: 7, cdw11: 0x0001_0000 });
  assertEquals([agreed.status, agreed.dw0], [OK, 0x0001_0000]);
  driver.createQueue(1, 4);
  refused(driver, OK, [{ opcode: 0x05, prp1: page, cdw10: size(2, 4), cdw11: 1 }]);
  refused(driver, INVALID_QUEUE, [
    { opcode: 0x05, prp1: page, cdw10: size(3, 4), cdw11: 1 },
    { opcode: 0x01, prp1: page, cdw10: size(2, 4), cdw11: 0x0002_0001 },
  ]);
});

Deno.test("without entry sizes in CC there are no I/O queues", () => {
  const { driver, page } = open();
  const { bar0 } = driver.backing;
  bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true, iosqes: 6 }));
  refused(driver, INVALID_SIZE, [{ opcode: 0x05, prp1: page, cdw10: size(1, 4), cdw11: 1 }]);
  bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true, iosqes: 5, iocqes: 4 }));
  refused(driver, OK, [{ opcode: 0x05, prp1: page, cdw10: size(1, 4), cdw11: 1 }]);
  refused(driver, INVALID_SIZE, [{ opcode: 0x01, prp1: page, cdw10: size(1, 4), cdw11: 0x10001 }]);
});
