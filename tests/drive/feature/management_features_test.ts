// Tests of the features by which a host manages power, heat, recovery, events and command sets.

import { assertEquals } from "@std/assert";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const SET = 0x09;
const GET = 0x0a;
const COMBINATION = "01h/2Bh";
const NOT_SAVEABLE = "01h/0Dh";

async function value(bench: Bench, fid: number, cdw11 = 0): Promise<number> {
  const { status, dw0 } = await bench.admin(GET, { cdw10: fid, cdw11 });
  assertEquals(status, OK);
  return dw0;
}

async function set(bench: Bench, fid: number, cdw11: number, cdw12 = 0): Promise<void> {
  assertEquals((await bench.admin(SET, { cdw10: fid, cdw11, cdw12 })).status, OK);
}

Deno.test("Interrupt Vector Configuration is each vector's own", async () => {
  const bench = new Bench();
  await set(bench, 0x09, 0x1_0003);
  assertEquals(await value(bench, 0x09, 3), 0x1_0003);
  assertEquals(await value(bench, 0x09, 2), 2);
  const expected = { status: INVALID_FIELD, byte: 44 };
  await bench.refuses("admin", SET, { cdw10: 0x09, cdw11: 33 }, expected);
});

Deno.test("Host Controlled Thermal Management takes two temperatures in order, or zero", async () => {
  const bench = new Bench();
  await set(bench, 0x10, (320 << 16) | 340);
  assertEquals(await value(bench, 0x10), (320 << 16) | 340);
  const light = { status: INVALID_FIELD, byte: 46 };
  const heavy = { status: INVALID_FIELD, byte: 44 };
  for (
    const [light1, heavy2, expected] of [
      [340, 340, light],
      [341, 340, light],
      [312, 340, light],
      [320, 359, heavy],
      [0, 312, heavy],
    ] as const
  ) {
    const cdw11 = (light1 << 16) | heavy2;
    await bench.refuses("admin", SET, { cdw10: 0x10, cdw11 }, expected);
  }
  await set(bench, 0x10, 0);
  assertEquals(await value(bench, 0x10), 0);
});

Deno.test("Read Recovery Level takes the levels that the drive has, in dword 12", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x12), 4);
  await set(bench, 0x12, 0, 15);
  assertEquals(await value(bench, 0x12), 15);
  const expected = { status: INVALID_FIELD, byte: 48 };
  await bench.refuses("admin", SET, { cdw10: 0x12, cdw12: 5 }, expected);
});

Deno.test("LBA Status Information Attributes keeps the drive's own poll interval", async () => {
  const bench = new Bench();
  const { dw0 } = await bench.admin(SET, { cdw10: 0x15, cdw11: 0x1234_0064 });
  assertEquals(dw0 & 0xffff, 100);
  assertEquals(await value(bench, 0x15), dw0);
  assertEquals(dw0 >>> 16, 36_000);
});

Deno.test("Endurance Group Events keep the warnings of a group that exists", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x18, 1), 1);
  await set(bench, 0x18, 0xff_0001);
  assertEquals(await value(bench, 0x18, 1), 0x0d_0001);
  for (const cdw11 of [0, 2]) {
    const expected = { status: INVALID_FIELD, byte: 44 };
    await bench.refuses("admin", SET, { cdw10: 0x18, cdw11 }, expected);
  }
});

Deno.test("I/O Command Set Profile takes the one combination that there is", async () => {
  const bench = new Bench();
  await set(bench, 0x19, 0);
  await bench.refuses("admin", SET, { cdw10: 0x19, cdw11: 1 }, { status: COMBINATION, byte: 44 });
});

Deno.test("What persists by itself outlives resets and power cycles, and is not saved", async () => {
  const bench = new Bench();
  await set(bench, 0x10, 320 << 16);
  await set(bench, 0x12, 0, 8);
  await set(bench, 0x17, 1);
  await set(bench, 0x80, 0x1ff);
  await set(bench, 0x11, 1);
  for (const again of [() => bench.drive.first.reset(), () => bench.drive.powercut()]) {
    again();
    assertEquals(await value(bench, 0x10), 320 << 16);
    assertEquals(await value(bench, 0x12), 8);
    assertEquals(await value(bench, 0x17), 1);
    assertEquals(await value(bench, 0x80), 0xff);
    assertEquals(await value(bench, 0x11), 0);
  }
  const save = { cdw10: 0x8000_0080 };
  await bench.refuses("admin", SET, save, { status: NOT_SAVEABLE, byte: 43, bit: 7 });
});
