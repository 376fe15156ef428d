// Which memory scatter-gather lists stand for, and which lists are refused.

import { assert, assertEquals } from "@std/assert";
import { HostMemory } from "../../../../src/drive/face/register/host_memory.ts";
import { sglRegions, type SglSupport } from "../../../../src/drive/face/register/sgl.ts";
import { registerBacking } from "../../../../src/drive/mod.ts";
import { Refusal } from "../../../../src/drive/refusal.ts";
import { IdentifyController } from "../../../../src/spec/identify/identify_controller.ts";
import type { DmaMemory } from "../../../../src/transport/polled/backing.ts";
import { RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, INVALID_FIELD, OK, personality } from "../../bench.ts";

const BLOCK = 0x00;
const BUCKET = 0x10;
const SEGMENT = 0x20;
const LAST = 0x30;

type Row = readonly [identifier: number, address: bigint, length: number];

function support(bits: { sgls: number; sbbds?: boolean; lldts?: boolean }): SglSupport {
  return IdentifyController.decode(IdentifyController.encode({ sgls: bits })).sgls;
}

const FULL = support({ sgls: 1, sbbds: true, lldts: true });

/** The data pointer that is this descriptor. */
function pointer([identifier, address, length]: Row): { prp1: bigint; prp2: bigint } {
  return { prp1: address, prp2: (BigInt(identifier) << 56n) | BigInt(length) };
}

function segment(memory: HostMemory | RegisterDriver, rows: readonly Row[]): DmaMemory {
  const list = memory instanceof HostMemory
    ? memory.allocate(4096)
    : memory.backing.dma.allocate(4096);
  const view = new DataView(list.bytes.buffer);
  for (const [at, row] of rows.entries()) {
    const { prp1, prp2 } = pointer(row);
    view.setBigUint64(16 * at, prp1, true);
    view.setBigUint64(16 * at + 8, prp2, true);
  }
  return list;
}

function outcome(
  memory: HostMemory,
  row: Row,
  length: number,
  use: { readonly toHost?: boolean; readonly support?: SglSupport } = {},
): string {
  const { toHost = true, support = FULL } = use;
  try {
    const regions = sglRegions(memory, pointer(row), { support, toHost, length });
    return regions.map((region) => `${region.byteOffset}+${region.length}`).join(" ");
  } catch (error) {
    if (error instanceof Refusal) return error.status.name;
    throw error;
  }
}

Deno.test("sglRegions() takes a block, a segment of blocks, and segments that lead on", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(8192);
  assertEquals(outcome(memory, [BLOCK, iova + 3n, 500], 500), "3+500");
  const last = segment(memory, [[BLOCK, iova, 100], [BLOCK, 0n, 0], [BLOCK, iova + 5000n, 50]]);
  assertEquals(outcome(memory, [LAST, last.iova, 48], 150), "0+100 0+0 5000+50");
  const first = segment(memory, [[BLOCK, iova + 1000n, 7], [LAST, last.iova, 48]]);
  assertEquals(outcome(memory, [SEGMENT, first.iova, 32], 157), "1000+7 0+100 0+0 5000+50");
});

Deno.test("sglRegions() throws data into a bucket on its way to the host only", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4096);
  const list = segment(memory, [[BLOCK, iova, 8], [BUCKET, 0n, 16], [BLOCK, iova + 64n, 8]]);
  assertEquals(outcome(memory, [LAST, list.iova, 48], 32), "0+8 0+16 64+8");
  assertEquals(outcome(memory, [LAST, list.iova, 48], 16, { toHost: false }), "0+8 64+8");
  const none = { support: support({ sgls: 1 }) };
  assertEquals(outcome(memory, [LAST, list.iova, 48], 32, none), "SGL Descriptor Type Invalid");
});

Deno.test("sglRegions() refuses lists that are shorter, or longer without the controller's consent", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4096);
  assertEquals(outcome(memory, [BLOCK, iova, 511], 512), "Data SGL Length Invalid");
  assertEquals(outcome(memory, [BLOCK, iova, 513], 512), "0+512");
  const exact = { support: support({ sgls: 1 }) };
  assertEquals(outcome(memory, [BLOCK, iova, 513], 512, exact), "Data SGL Length Invalid");
  assertEquals(outcome(memory, [BLOCK, iova, 512], 512, exact), "0+512");
});

Deno.test("sglRegions() refuses descriptors that are not allowed where they are", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4096);
  const block: Row = [BLOCK, iova, 8];
  const types: readonly Row[] = [[0x40, iova, 8], [0x50, iova, 8], [0x01, iova, 8], [0xf0, 0n, 0]];
  for (const row of types) {
    assertEquals(outcome(memory, row, 8), "SGL Descriptor Type Invalid", `${row[0]}`);
  }
  const inner = segment(memory, [block]);
  const last: Row = [LAST, inner.iova, 16];
  const bad: readonly Row[] = [
    [LAST, segment(memory, [block, last]).iova, 32],
    [SEGMENT, segment(memory, [last, block]).iova, 32],
    [SEGMENT, segment(memory, [block]).iova, 16],
    [LAST, inner.iova, 0],
    [LAST, inner.iova, 17],
    [LAST, inner.iova + 4n, 16],
  ];
  for (const [at, row] of bad.entries()) {
    assertEquals(outcome(memory, row, 8), "Invalid SGL Segment Descriptor", `${at}`);
  }
  assertEquals(outcome(memory, [BLOCK, 0n, 8], 8), "Data Transfer Error");
  assertEquals(outcome(memory, [LAST, iova, 8192], 8), "Data Transfer Error");
});

Deno.test("sglRegions() does not follow a chain that leads to itself for ever", () => {
  const memory = new HostMemory();
  const list = memory.allocate(4096);
  const { prp1, prp2 } = pointer([SEGMENT, list.iova, 16]);
  const view = new DataView(list.bytes.buffer);
  view.setBigUint64(0, prp1, true);
  view.setBigUint64(8, prp2, true);
  assertEquals(outcome(memory, [SEGMENT, list.iova, 16], 8), "Invalid Number of SGL Descriptors");
});

Deno.test("sglRegions() wants dwords of a controller that has no more", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4096);
  const dwords = { support: support({ sgls: 2 }) };
  assertEquals(outcome(memory, [BLOCK, iova + 4n, 8], 8, dwords), "4+8");
  for (const row of [[BLOCK, iova + 2n, 8], [BLOCK, iova, 10]] as const) {
    assertEquals(outcome(memory, row, 8, dwords), "SGL Data Block Granularity Invalid");
  }
});

Deno.test("I/O commands of a drive with SGLs use them, admin commands and other drives do not", () => {
  for (const scatterGather of [true, false]) {
    const bench = new Bench({ ...personality(""), scatterGather });
    using backing = registerBacking(bench.drive, "virtual:");
    const driver = RegisterDriver.open(backing);
    const queue = driver.createQueue(1, 8);
    using memory = backing.dma.allocate(4096);
    const list = segment(driver, [[BLOCK, memory.iova, 100], [BLOCK, memory.iova + 1000n, 412]]);
    const sgl = { flags: { psdt: 1 }, ...pointer([LAST, list.iova, 32]) };
    memory.bytes.fill(0x42, 0, 100).fill(0x43, 1000, 1412);
    const write = queue.execute({ opcode: 0x01, nsid: 1, ...sgl });
    assertEquals(write.status, scatterGather ? OK : INVALID_FIELD);
    const identify = driver.admin.execute({ opcode: 0x06, cdw10: 1, ...sgl });
    assertEquals(identify.status, INVALID_FIELD);
    if (!scatterGather) continue;
    const read = { opcode: 0x02, nsid: 1, prp1: memory.iova + 2048n };
    assertEquals(queue.execute(read).status, OK);
    const whole = memory.bytes.subarray(2048, 2560);
    assert(whole.every((byte, at) => byte === (at < 100 ? 0x42 : 0x43)));
    const segmented = queue.execute({ opcode: 0x02, nsid: 1, ...sgl, flags: { psdt: 2 } });
    assertEquals(segmented.status, INVALID_FIELD);
  }
});
