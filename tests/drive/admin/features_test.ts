// Tests of Get Features and Set Features.

import { assert, assertEquals } from "@std/assert";
import { TimestampData } from "../../../src/spec/feature/data.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, OK, START } from "../bench.ts";

const GET = 0x0a;
const SET = 0x09;
const SAVE = 0x8000_0000;
const NOT_SAVEABLE = "01h/0Dh";
const NOT_PER_NAMESPACE = "01h/0Fh";

/** The value by SEL: 0 current, 1 default, 2 saved, 3 capabilities. */
async function value(bench: Bench, fid: number, select = 0, more = {}): Promise<number> {
  const { status, dw0 } = await bench.admin(GET, { cdw10: (select << 8) | fid, ...more });
  assertEquals(status, OK, `feature ${fid}`);
  return dw0;
}

Deno.test("Set Features changes the current value and leaves default and saved alone", async () => {
  const bench = new Bench();
  assertEquals((await bench.admin(SET, { cdw10: 0x01, cdw11: 0x0706_0503 })).status, OK);
  assertEquals(await value(bench, 0x01), 0x0706_0503);
  assertEquals(await value(bench, 0x01, 1), 0);
  assertEquals(await value(bench, 0x01, 2), 0);
});

Deno.test("Set Features with Save outlives a reset, without it does not", async () => {
  const bench = new Bench();
  await bench.admin(SET, { cdw10: (SAVE | 0x08) >>> 0, cdw11: 0x1234 });
  await bench.admin(SET, { cdw10: 0x0a, cdw11: 1 });
  assertEquals(await value(bench, 0x08, 2), 0x1234);
  bench.drive.first.reset();
  assertEquals([await value(bench, 0x08), await value(bench, 0x0a)], [0x1234, 0]);
});

Deno.test("Get Features tells what can be done with each feature", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x01, 3), 0b101);
  assertEquals(await value(bench, 0x05, 3, { nsid: 1 }), 0b111);
  assertEquals(await value(bench, 0x07, 3), 0b100);
  assertEquals(await value(bench, 0x0e, 3), 0b100);
});

Deno.test("Get and Set Features refuse features that the drive does not have", async () => {
  const bench = new Bench();
  for (const fid of [0x00, 0x0d, 0x13, 0x14, 0x1a, 0x1d, 0x82, 0x83, 0xc1]) {
    const expected = { status: INVALID_FIELD, byte: 40 };
    await bench.refuses("admin", GET, { cdw10: fid }, expected);
    await bench.refuses("admin", SET, { cdw10: fid }, expected);
  }
});

Deno.test("Get Features refuses reserved selections, Set Features impossible saves", async () => {
  const bench = new Bench();
  const select = { status: INVALID_FIELD, byte: 41 };
  for (let sel = 4; sel < 8; sel++) {
    await bench.refuses("admin", GET, { cdw10: (sel << 8) | 1 }, select);
  }
  for (const fid of [0x07, 0x0e, 0x0f, 0x16]) {
    const expected = { status: NOT_SAVEABLE, byte: 43, bit: 7 };
    await bench.refuses("admin", SET, { cdw10: (SAVE | fid) >>> 0 }, expected);
  }
  const plain = new Bench("no-selftest");
  assertEquals(await value(plain, 0x06, 7), 1);
  await plain.refuses("admin", SET, { cdw10: (SAVE | 1) >>> 0 }, {
    status: INVALID_FIELD,
    byte: 43,
    bit: 7,
  });
});

Deno.test("Features of the controller take no namespace when set, any when read", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x01, 0, { nsid: 1 }), 0);
  assertEquals(await value(bench, 0x01, 0, { nsid: 0xffffffff }), 0);
  const cdw10 = 0x01;
  await bench.refuses("admin", SET, { cdw10, nsid: 1 }, { status: NOT_PER_NAMESPACE, byte: 4 });
  for (const opcode of [GET, SET]) {
    const expected = { status: INVALID_NAMESPACE, byte: 4 };
    await bench.refuses("admin", opcode, { cdw10, nsid: 33 }, expected);
    await bench.refuses("admin", opcode, { cdw10: 0x0e, nsid: 33 }, expected);
  }
});

Deno.test("Error Recovery is each namespace's own", async () => {
  const bench = new Bench("namespaces");
  await bench.admin(SET, { cdw10: 0x05, nsid: 2, cdw11: 0x1_0005 });
  assertEquals(await value(bench, 0x05, 0, { nsid: 2 }), 0x1_0005);
  assertEquals(await value(bench, 0x05, 0, { nsid: 1 }), 0);
  await bench.admin(SET, { cdw10: 0x05, nsid: 0xffffffff, cdw11: 9 });
  assertEquals(await value(bench, 0x05, 0, { nsid: 9 }), 9);
  const cdw10 = 0x05;
  for (const nsid of [0, 17, 0xffffffff]) {
    const expected = { status: INVALID_NAMESPACE, byte: 4 };
    await bench.refuses("admin", GET, { cdw10, nsid }, expected);
  }
  await bench.refuses("admin", SET, { cdw10, nsid: 5 }, { status: INVALID_FIELD, byte: 4 });
});

Deno.test("Power Management takes the power states that there are", async () => {
  const bench = new Bench();
  await bench.admin(SET, { cdw10: 0x02, cdw11: 0x24 });
  assertEquals(await value(bench, 0x02), 0x24);
  const expected = { status: INVALID_FIELD, byte: 44 };
  await bench.refuses("admin", SET, { cdw10: 0x02, cdw11: 5 }, expected);
});

Deno.test("Temperature Threshold has a value for each sensor and direction", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x04), 355);
  assertEquals(await value(bench, 0x04, 0, { cdw11: 1 << 16 }), 0xffff);
  assertEquals(await value(bench, 0x04, 0, { cdw11: 1 << 20 }), 0);
  await bench.admin(SET, { cdw10: 0x04, cdw11: (0xf << 16) | 400 });
  for (const sensor of [0, 1, 2]) {
    assertEquals(await value(bench, 0x04, 0, { cdw11: sensor << 16 }), 400);
  }
  assertEquals(await value(bench, 0x04, 0, { cdw11: 1 << 20 }), 0);
  const cdw10 = 0x04;
  for (
    const [opcode, cdw11, byte, bit] of [
      [GET, 3 << 16, 46, 0],
      [GET, 0xf << 16, 46, 0],
      [SET, 8 << 16, 46, 0],
      [SET, 2 << 20, 46, 4],
      [GET, 3 << 20, 46, 4],
    ] as const
  ) {
    await bench.refuses("admin", opcode, { cdw10, cdw11 }, { status: INVALID_FIELD, byte, bit });
  }
});

Deno.test("Volatile Write Cache is on, and missing without a cache", async () => {
  const bench = new Bench();
  assertEquals(await value(bench, 0x06), 1);
  await bench.admin(SET, { cdw10: 0x06, cdw11: 0 });
  assertEquals([await value(bench, 0x06), await value(bench, 0x06, 1)], [0, 1]);
});

Deno.test("Number of Queues answers with what it gives", async () => {
  const bench = new Bench();
  const ask = async (cdw11: number): Promise<number> =>
    (await bench.admin(SET, { cdw10: 0x07, cdw11 })).dw0;
  assertEquals(await ask(0x0003_0002), 0x0003_0002);
  assertEquals(await ask(0x1000_1000), 0x001f_001f);
  assertEquals(await value(bench, 0x07), 0x001f_001f);
  for (const [cdw11, byte] of [[0xffff, 44], [0xffff_0000, 46]] as const) {
    await bench.refuses("admin", SET, { cdw10: 0x07, cdw11 }, { status: INVALID_FIELD, byte });
  }
});

Deno.test("Asynchronous Event Configuration keeps the events that the drive has", async () => {
  const bench = new Bench();
  await bench.admin(SET, { cdw10: 0x0b, cdw11: 0xffff_ffff });
  assertEquals(await value(bench, 0x0b), 0x270f);
  const paths = new Bench("multipath");
  await paths.admin(SET, { cdw10: 0x0b, cdw11: 0xffff_ffff });
  assertEquals(await value(paths, 0x0b), 0x2f0f);
  const expected = { status: INVALID_FIELD, byte: 45, bit: 6 };
  const plain = new Bench("no-selftest");
  await plain.refuses("admin", SET, { cdw10: 0x0b, cdw11: 0x4000 }, expected);
});

Deno.test("Keep Alive Timer is rounded up to what the drive can time", async () => {
  const bench = new Bench();
  await bench.admin(SET, { cdw10: 0x0f, cdw11: 1_234 });
  assertEquals(await value(bench, 0x0f), 2_000);
  await bench.admin(SET, { cdw10: 0x0f, cdw11: 0xffff_ffff });
  assertEquals(await value(bench, 0x0f), 0xffff_ffff);
});

Deno.test("Over a fabric the Keep Alive Timer cannot be switched off", async () => {
  const bench = new Bench();
  bench.drive.fabrics = { subnqn: "nqn.2014-08.org.nvmexpress:x", inCapsuleBytes: 8192 };
  const expected = { status: "00h/1Ah", byte: 44 };
  await bench.refuses("admin", SET, { cdw10: 0x0f, cdw11: 0 }, expected);
  assertEquals((await bench.admin(SET, { cdw10: 0x0f, cdw11: 5_000 })).status, OK);
});

Deno.test("Timestamp counts on from what was set, and from zero after a reset", async () => {
  const bench = new Bench();
  const read = async (): Promise<readonly [number, number]> => {
    const { data } = await bench.admin(GET, { cdw10: 0x0e, length: 8 });
    const { timestamp, attributes } = TimestampData.decode(data);
    return [timestamp, attributes.origin];
  };
  bench.time = START + 500;
  assertEquals(await read(), [500, 0]);
  await bench.admin(SET, { cdw10: 0x0e, out: TimestampData.encode({ timestamp: START }) });
  bench.time += 1_234;
  assertEquals(await read(), [START + 1_234, 1]);
  bench.drive.first.reset();
  assertEquals(await read(), [0, 0]);
  const saved = await bench.admin(GET, { cdw10: 0x20e, length: 8 });
  assert(saved.data.every((byte) => byte === 0));
});

Deno.test("Host Behavior Support keeps its fields and refuses reserved values", async () => {
  const bench = new Bench();
  const out = Uint8Array.of(1, 0, 1);
  assertEquals((await bench.admin(SET, { cdw10: 0x16, out })).status, OK);
  const { data } = await bench.admin(GET, { cdw10: 0x16, length: 512 });
  assertEquals(data.slice(0, 4), Uint8Array.of(1, 0, 1, 0));
  const wrong = await bench.admin(SET, { cdw10: 0x16, out: Uint8Array.of(2) });
  assertEquals(wrong.status, INVALID_FIELD);
});
