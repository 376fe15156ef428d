// Tests of Get Log Page: what may be asked for, and which part of a page comes back.

import { assert, assertEquals } from "@std/assert";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const INVALID_LOG_PAGE = "01h/09h";
const COMMAND_SET_NOT_SUPPORTED = "01h/29h";

Deno.test("Get Log Page reads every page of the drive", async () => {
  const bench = new Bench();
  for (const lid of [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x12, 0x13]) {
    assertEquals((await bench.log(lid, 512)).status, OK, `log ${lid}`);
  }
});

Deno.test("Get Log Page refuses pages that the drive does not have", async () => {
  const bench = new Bench();
  for (const lid of [0x0a, 0x10, 0x15, 0x80, 0xc0, 0xff]) {
    const expected = { status: INVALID_LOG_PAGE, byte: 40 };
    await bench.refuses("admin", 0x02, { cdw10: 0x007f_0000 | lid, nsid: 0xffffffff }, expected);
  }
  await new Bench("no-selftest").refuses("admin", 0x02, { cdw10: 0x06 }, {
    status: INVALID_LOG_PAGE,
    byte: 40,
  });
});

Deno.test("Get Log Page takes the namespaces that mean the controller and no other", async () => {
  const bench = new Bench();
  for (const nsid of [0, 0xffffffff]) {
    assertEquals((await bench.log(0x02, 512, { nsid })).status, OK);
  }
  const cdw10 = 0x007f_0002;
  for (const nsid of [1, 33]) {
    await bench.refuses("admin", 0x02, { cdw10, nsid }, { status: INVALID_FIELD, byte: 4 });
  }
});

Deno.test("Get Log Page reads from an offset within the page, a multiple of 4", async () => {
  const bench = new Bench();
  const whole = await bench.log(0x02, 512);
  const part = await bench.log(0x02, 256, { cdw12: 128 });
  assertEquals(part.data, whole.data.slice(128, 384));
  assertEquals((await bench.log(0x02, 4, { cdw12: 512 })).status, OK);
  const cdw10 = 0x0000_0002;
  const wrong = { status: INVALID_FIELD, byte: 48 };
  for (const [cdw12, cdw13] of [[516, 0], [0, 1], [2, 0], [1, 0]] as const) {
    await bench.refuses("admin", 0x02, { cdw10, cdw12, cdw13 }, wrong);
  }
});

Deno.test("Get Log Page leaves what lies beyond the end of a page alone", async () => {
  const bench = new Bench();
  const { data } = await bench.log(0x02, 4096);
  assertEquals(data.slice(0, 512), (await bench.log(0x02, 512)).data);
  assert(data.slice(512).every((byte) => byte === 0));
});

Deno.test("Get Log Page refuses an index, and more than the largest transfer", async () => {
  const bench = new Bench();
  const cdw10 = 0x007f_0002;
  await bench.refuses("admin", 0x02, { cdw10, cdw14: 1 << 23 }, {
    status: INVALID_FIELD,
    byte: 58,
    bit: 7,
  });
  await bench.refuses("admin", 0x02, { cdw10: 0xffff_0002, cdw11: 0xffff }, {
    status: INVALID_FIELD,
    byte: 42,
  });
});

Deno.test("Get Log Page minds the command set where the page depends on it", async () => {
  const bench = new Bench();
  const other = { cdw14: 0x0200_0000 };
  assertEquals((await bench.log(0x02, 512, other)).status, OK);
  await bench.refuses("admin", 0x02, { cdw10: 0x03ff_0005, ...other }, {
    status: COMMAND_SET_NOT_SUPPORTED,
    byte: 59,
  });
});

Deno.test("Get Log Page of an old drive knows neither offsets nor long lengths", async () => {
  const bench = new Bench("old");
  const first = await bench.log(0x02, 512);
  const shifted = await bench.log(0x02, 512, { cdw12: 128, cdw11: 0xffff });
  assertEquals(shifted.status, OK);
  assertEquals(shifted.data, first.data);
});
