// Admin queue registers and the controller memory buffer, as a host finds them.

import { assert, assertEquals } from "@std/assert";
import { registerBacking, type VirtualBacking } from "../../../../src/drive/mod.ts";
import { CAP, CC, CMBLOC, CMBSZ, REGISTERS } from "../../../../src/spec/registers.ts";
import { RegisterDriver } from "../../../support/register_driver.ts";
import { Bench, OK, personality } from "../../bench.ts";

const { AQA, ASQ, ACQ, CMBMSC, CMBSTS, CMBLOC: LOC, CMBSZ: SZ } = REGISTERS;
const MEMORY = 5 * 4096;
const BASE = 0x7_0000_0000n;

function open(memoryBufferBytes = MEMORY, version = 0x020100): VirtualBacking {
  const bench = new Bench({ ...personality(""), memoryBufferBytes, version });
  const backing = registerBacking(bench.drive, "virtual:");
  backing.config.write(0x04, 2, 0x0006);
  return backing;
}

Deno.test("admin queue registers keep what a host may write, while the controller is disabled", () => {
  const { bar0 } = open();
  bar0.write32(AQA.offset, 0xffff_ffff);
  bar0.write64(ASQ.offset, 0xffff_ffff_ffff_ffffn);
  bar0.write32(ACQ.offset, 0x1234_5678);
  bar0.write32(ACQ.offset + 4, 0x9);
  assertEquals(bar0.read32(AQA.offset), 0x0fff_0fff);
  assertEquals(bar0.read64(ASQ.offset), 0xffff_ffff_ffff_f000n);
  assertEquals(bar0.read64(ACQ.offset), 0x9_1234_5000n);
  bar0.write32(REGISTERS.CC.offset, CC.compose({ en: true }));
  bar0.write32(AQA.offset, 0);
  bar0.write64(ASQ.offset, 0n);
  bar0.write64(ACQ.offset, 0n);
  assertEquals(bar0.read32(AQA.offset), 0x0fff_0fff);
  assertEquals(bar0.read64(ASQ.offset), 0xffff_ffff_ffff_f000n);
  assertEquals(bar0.read64(ACQ.offset), 0x9_1234_5000n);
});

Deno.test("the controller memory buffer shows itself when the host asks", () => {
  const { bar0 } = open();
  assert(CAP.parse(bar0.read64(0)).cmbs);
  assertEquals([bar0.read32(LOC.offset), bar0.read32(SZ.offset)], [0, 0]);
  bar0.write64(CMBMSC.offset, 1n);
  const { sz, szu, sqs, cqs, lists, rds, wds } = CMBSZ.parse(bar0.read32(SZ.offset));
  assertEquals({ sz, szu }, { sz: 5, szu: 0 });
  assert(sqs && cqs && lists && rds && wds);
  const { bir, ofst } = CMBLOC.parse(bar0.read32(LOC.offset));
  assertEquals(bir, 0);
  const at = ofst * 4096;
  bar0.write32(at, 0x1111_2222);
  bar0.write64(at + MEMORY - 8, 0x3333_4444_5555_6666n);
  assertEquals(bar0.read64(at), 0x1111_2222n);
  assertEquals(bar0.read64(at + MEMORY - 8), 0x3333_4444_5555_6666n);
  assertEquals(bar0.read32(at + MEMORY), 0);
});

Deno.test("a host may put queues, lists and data into controller memory", () => {
  const backing = open();
  const { bar0, dma } = backing;
  bar0.write64(CMBMSC.offset, BASE | 3n);
  const at = CMBLOC.parse(bar0.read32(LOC.offset)).ofst * 4096;
  const driver = RegisterDriver.open(backing);
  const queue = driver.createQueue(1, 8);
  using memory = dma.allocate(3 * 4096);
  memory.bytes.fill(0x61);
  // The list is in controller memory, and so is the last page.
  for (const [entry, address] of [memory.iova + 4096n, BASE + 4096n].entries()) {
    bar0.write64(at + 8 * entry, address);
  }
  bar0.write64(at + 4096, 0x0102_0304_0506_0708n);
  const command = { nsid: 1, prp1: memory.iova, prp2: BASE, cdw12: 23 };
  assertEquals(queue.execute({ opcode: 0x01, ...command }).status, OK);
  bar0.write64(at + 4096, 0n);
  assertEquals(queue.execute({ opcode: 0x02, ...command }).status, OK);
  assertEquals(bar0.read64(at + 4096), 0x0102_0304_0506_0708n);
  bar0.write64(CMBMSC.offset, BASE | 1n);
  assertEquals(queue.execute({ opcode: 0x02, ...command }).status, "00h/04h");
});

Deno.test("controller memory stays where it is over a reset, except one of the subsystem", () => {
  const backing = open();
  const { bar0, config } = backing;
  bar0.write64(CMBMSC.offset, BASE | 3n);
  RegisterDriver.open(backing);
  backing.reset();
  assertEquals(bar0.read64(CMBMSC.offset), BASE | 3n);
  bar0.write32(REGISTERS.NSSR.offset, 0x4e56_4d65);
  config.write(0x04, 2, 0x0006);
  assertEquals(bar0.read64(CMBMSC.offset), 0n);
});

Deno.test("an address that controller memory cannot be at is reported", () => {
  const { bar0 } = open();
  bar0.write64(CMBMSC.offset, 0xffff_ffff_ffff_f003n);
  assertEquals(bar0.read32(CMBSTS.offset), 1);
  bar0.write64(CMBMSC.offset, BASE | 3n);
  assertEquals(bar0.read32(CMBSTS.offset), 0);
});

Deno.test("a drive without controller memory, or from before its time, has no such registers", () => {
  for (const { bar0 } of [open(0), open(MEMORY, 0x010300)]) {
    assert(!CAP.parse(bar0.read64(0)).cmbs);
    bar0.write64(CMBMSC.offset, BASE | 3n);
    assertEquals(bar0.read64(CMBMSC.offset), 0n);
    assertEquals(bar0.read32(SZ.offset), 0);
  }
});
