// Tests of the features whose value is a data structure.

import { assertEquals } from "@std/assert";
import { setConnectedHost } from "../../../src/drive/feature/data_features.ts";
import { PowerTransitionData } from "../../../src/spec/feature/data.ts";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const SET = 0x09;
const GET = 0x0a;
const SAVE = 0x8000_0000;
const SEQUENCE = "00h/0Ch";
const HOST_ID_FORMAT = "00h/18h";

Deno.test("Autonomous Power State Transition keeps its table and whether it is enabled", async () => {
  const bench = new Bench();
  const out = PowerTransitionData.encode({
    entries: Array.from({ length: 32 }, (_, at) => at < 3 ? { itps: 3, itpt: 500 } : {}),
  });
  const { status } = await bench.admin(SET, { cdw10: (SAVE | 0x0c) >>> 0, cdw11: 1, out });
  assertEquals(status, OK);
  bench.drive.first.reset();
  const kept = await bench.admin(GET, { cdw10: 0x0c, length: 256 });
  assertEquals([kept.dw0, kept.data], [1, out]);
  const initial = await bench.admin(GET, { cdw10: 0x10c, length: 256 });
  assertEquals([initial.dw0, initial.data], [0, new Uint8Array(256)]);
});

Deno.test("Autonomous transitions lead to states without I/O only", async () => {
  const bench = new Bench();
  for (const itps of [1, 5, 31]) {
    const out = PowerTransitionData.encode({
      entries: Array.from({ length: 32 }, (_, at) => at === 0 ? { itps, itpt: 10 } : {}),
    });
    const { status } = await bench.admin(SET, { cdw10: 0x0c, cdw11: 1, out });
    assertEquals(status, INVALID_FIELD, `to power state ${itps}`);
  }
});

Deno.test("Host Identifier has 8 bytes or 16, and is gone after a reset", async () => {
  const bench = new Bench();
  const out = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
  await bench.admin(SET, { cdw10: 0x81, cdw11: 1, out });
  const long = await bench.admin(GET, { cdw10: 0x81, cdw11: 1, length: 16 });
  assertEquals([long.dw0, long.data], [1, out]);
  const short = await bench.admin(GET, { cdw10: 0x81, length: 16 });
  assertEquals([short.dw0, short.data.subarray(0, 8)], [0, out.subarray(0, 8)]);
  assertEquals(short.data.subarray(8), new Uint8Array(8));
  bench.drive.first.reset();
  const after = await bench.admin(GET, { cdw10: 0x81, cdw11: 1, length: 16 });
  assertEquals(after.data, new Uint8Array(16));
});

Deno.test("Host Identifier of a connected host is the one of Connect, and stays", async () => {
  const bench = new Bench();
  const hostId = Uint8Array.from({ length: 16 }, (_, at) => 0xf0 + at);
  setConnectedHost(bench.drive.first, hostId);
  assertEquals((await bench.admin(GET, { cdw10: 0x81, cdw11: 1, length: 16 })).data, hostId);
  const out = new Uint8Array(16);
  assertEquals((await bench.admin(SET, { cdw10: 0x81, cdw11: 1, out })).status, SEQUENCE);
  assertEquals((await bench.admin(GET, { cdw10: 0x81, length: 16 })).status, HOST_ID_FORMAT);
  setConnectedHost(bench.drive.first, undefined);
  assertEquals((await bench.admin(SET, { cdw10: 0x81, cdw11: 1, out })).status, OK);
});
