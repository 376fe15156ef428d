// Doorbells in memory, through a driver that rings only when the drive asks for it.

import { assertEquals } from "@std/assert";
import { registerBacking } from "../../../../src/drive/mod.ts";
import { fitsShadow } from "../../../../src/drive/face/register/shadow_doorbells.ts";
import { IdentifyController } from "../../../../src/spec/identify/identify_controller.ts";
import { CAP, REGISTERS, shadowDoorbellOffset } from "../../../../src/spec/registers.ts";
import type { DmaMemory } from "../../../../src/transport/polled/backing.ts";
import { HostQueue, RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK, personality } from "../../bench.ts";

const PAGE = 4096;
const CONFIGURE = 0x7c;
const PRP_OFFSET = "00h/13h";
const FLUSH = { opcode: 0x00, nsid: 1 };

/** Whether going from one value to another passes what the drive asked for, with wrapping. */
function passes(asked: number, { from, to }: { readonly from: number; readonly to: number }) {
  return ((to - asked - 1) & 0xffff) < ((to - from) & 0xffff);
}

interface Buffers {
  readonly doorbells: DmaMemory;
  readonly eventIndexes: DmaMemory;
  readonly dstrd: number;
}

/** A queue whose doorbells are in memory. */
class ShadowQueue extends HostQueue {
  /** How often the registers were written. */
  rings = { submission: 0, completion: 0 };

  constructor(queue: HostQueue, readonly buffers: Buffers) {
    super(queue.backing, queue.qid, queue.entries, queue.sq, queue.cq, buffers.dstrd);
  }

  override ring(): void {
    if (this.tell("submission", this.tail)) super.ring();
  }

  override acknowledge(): void {
    if (this.tell("completion", this.head)) super.acknowledge();
  }

  /** Writes a shadow doorbell; whether the register is to be written, too. */
  tell(queue: "submission" | "completion", to: number): boolean {
    const at = shadowDoorbellOffset({ queue, qid: this.qid }, this.buffers.dstrd);
    const doorbells = new DataView(this.buffers.doorbells.bytes.buffer);
    const eventIndexes = new DataView(this.buffers.eventIndexes.bytes.buffer);
    const from = doorbells.getUint32(at, true);
    doorbells.setUint32(at, to, true);
    const demanded = passes(eventIndexes.getUint32(at, true), { from, to });
    if (demanded) this.rings[queue]++;
    return demanded;
  }
}

function open(kind = personality("")): {
  readonly bench: Bench;
  readonly driver: RegisterDriver;
  readonly buffers: Buffers;
} {
  const bench = new Bench(kind);
  const backing = registerBacking(bench.drive, "virtual:");
  const driver = RegisterDriver.open(backing);
  const { dstrd } = CAP.parse(backing.bar0.read64(REGISTERS.CAP.offset));
  const [doorbells, eventIndexes] = [backing.dma.allocate(PAGE), backing.dma.allocate(PAGE)];
  return { bench, driver, buffers: { doorbells, eventIndexes, dstrd } };
}

function configure({ driver, buffers }: Pick<ReturnType<typeof open>, "driver" | "buffers">) {
  const { doorbells, eventIndexes } = buffers;
  const entry = { opcode: CONFIGURE, prp1: doorbells.iova, prp2: eventIndexes.iova };
  assertEquals(driver.admin.execute(entry).status, OK);
}

Deno.test("Doorbell Buffer Config is there, and announced, just where there are doorbells", async () => {
  const { driver } = open();
  const { bytes, iova } = driver.backing.dma.allocate(PAGE);
  assertEquals(driver.admin.execute({ opcode: 0x06, prp1: iova, cdw10: 1 }).status, OK);
  assertEquals(IdentifyController.decode(bytes).oacs.dbcs, true);
  const direct = new Bench();
  const { oacs } = IdentifyController.decode((await direct.identify(0x01)).data);
  assertEquals(oacs.dbcs, false);
  await direct.refuses("admin", CONFIGURE, {}, { status: INVALID_OPCODE, byte: 0 });
  const old = open(personality("old"));
  assertEquals(old.driver.admin.execute({ opcode: CONFIGURE }).status, INVALID_OPCODE);
  // Doorbells that are too far apart for a page cannot be in one.
  assertEquals(fitsShadow(personality("")), true);
  assertEquals(fitsShadow({ ...personality(""), doorbellStride: 15 }), false);
});

Deno.test("Doorbell Buffer Config needs two pages of memory", () => {
  const { driver, buffers: { doorbells: { iova } } } = open();
  const status = (prp1: bigint, prp2: bigint) =>
    driver.admin.execute({ opcode: CONFIGURE, prp1, prp2 }).status;
  assertEquals(status(iova + 8n, iova), PRP_OFFSET);
  assertEquals(status(iova, iova + 2048n), PRP_OFFSET);
  assertEquals(status(1n << 50n, iova), INVALID_FIELD);
  assertEquals(status(iova, 1n << 50n), INVALID_FIELD);
  // Doorbells are still those of the drive.
  assertEquals(driver.createQueue(1, 4).execute(FLUSH).status, OK);
});

Deno.test("a driver with doorbells in memory rings when it is asked to, round and round", () => {
  const { driver, buffers } = open();
  configure({ driver, buffers });
  const queue = new ShadowQueue(driver.createQueue(1, 8), buffers);
  const data = driver.backing.dma.allocate(PAGE);
  for (let count = 1; count <= 30; count++) {
    data.bytes.fill(count);
    const place = { iova: data.iova, bytes: PAGE, slba: 8 * count };
    assertEquals(driver.transfer(queue, "write", place).status, OK);
    data.bytes.fill(0);
    assertEquals(driver.transfer(queue, "read", place).status, OK);
    assertEquals(data.bytes[PAGE - 1], count);
  }
  // Admin commands go on, of a driver that only rings for them.
  assertEquals(driver.admin.execute({ opcode: 0x0a, cdw10: 0x07 }).status, OK);
  driver.createQueue(2, 4);
});

Deno.test("while the drive cannot go on it need not be told of commands", () => {
  const { driver, buffers } = open();
  configure({ driver, buffers });
  const queue = new ShadowQueue(driver.createQueue(1, 4), buffers);
  for (let count = 0; count < 4; count++) {
    queue.put(FLUSH);
    queue.ring();
  }
  assertEquals(queue.rings, { submission: 4, completion: 0 });
  // Three completions fill the queue, the fourth waits: the drive wants to hear of nothing else.
  queue.put(FLUSH);
  queue.ring();
  assertEquals(queue.rings.submission, 4);
  assertEquals(queue.poll().map(({ cid }) => cid), [1, 2, 3]);
  assertEquals(queue.rings.completion, 1);
  assertEquals(queue.poll().map(({ cid, status }) => [cid, status]), [[4, OK], [5, OK]]);
});

Deno.test("a queue with a shadow doorbell goes by that, and stops when it makes no sense", () => {
  const { driver, buffers } = open();
  configure({ driver, buffers });
  const plain = driver.createQueue(1, 4);
  plain.put(FLUSH);
  plain.ring();
  assertEquals(plain.poll(), [], "the register only says that there is something to see");
  const queue = new ShadowQueue(plain, buffers);
  queue.tell("submission", 1);
  plain.ring();
  assertEquals(queue.poll().length, 1);
  queue.tell("submission", 99);
  plain.ring();
  queue.tell("submission", 2);
  plain.ring();
  assertEquals(queue.poll(), []);
  const other = new ShadowQueue(driver.createQueue(2, 4), buffers);
  assertEquals(other.execute(FLUSH).status, OK);
});

Deno.test("a reset makes doorbells what they were", () => {
  const { driver, buffers } = open();
  configure({ driver, buffers });
  driver.createQueue(1, 4);
  const again = RegisterDriver.open(driver.backing);
  assertEquals(again.createQueue(1, 4).execute(FLUSH).status, OK);
});
