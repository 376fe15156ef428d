// Tests of namespace write protection: its states, and what they forbid.

import { assertEquals } from "@std/assert";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import { Bench, INVALID_FIELD, OK } from "../bench.ts";

const SET = 0x09;
const GET = 0x0a;
const FID = 0x84;
const ALL = 0xffff_ffff;
const PROTECTED = "00h/20h";
const NOT_CHANGEABLE = "01h/0Eh";

function protect(bench: Bench, cdw11: number, nsid = 1): Promise<{ readonly status: string }> {
  return bench.admin(SET, { nsid, cdw10: FID, cdw11 });
}

async function state(bench: Bench, nsid = 1): Promise<number> {
  return (await bench.admin(GET, { nsid, cdw10: FID })).dw0;
}

function write(bench: Bench, nsid = 1): Promise<{ readonly status: string }> {
  return bench.io(0x01, { nsid, out: new Uint8Array(512) });
}

Deno.test("A write protected namespace is read and not written, and says so", async () => {
  const bench = new Bench();
  const { nwpc } = IdentifyController.decode((await bench.identify(0x01)).data);
  assertEquals([nwpc.nwpwps, nwpc.wpupcs, nwpc.pwps], [true, true, true]);
  assertEquals((await protect(bench, 1)).status, OK);
  assertEquals((await write(bench)).status, PROTECTED);
  assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, OK);
  const { nsattr } = IdentifyNamespace.decode((await bench.identify(0x00, { nsid: 1 })).data);
  assertEquals(nsattr.cwp, true);
  assertEquals((await bench.admin(0x80, { nsid: 1 })).status, PROTECTED);
  assertEquals((await protect(bench, 0)).status, OK);
  assertEquals((await write(bench)).status, OK);
});

Deno.test("Protection outlives resets and power cycles; one state ends with the power", async () => {
  const bench = new Bench();
  await protect(bench, 1);
  bench.drive.first.reset();
  bench.drive.powercut();
  assertEquals([await state(bench), (await write(bench)).status], [1, PROTECTED]);
  await protect(bench, 2);
  bench.drive.first.reset();
  assertEquals([await state(bench), (await write(bench)).status], [2, PROTECTED]);
  bench.drive.powercut();
  assertEquals([await state(bench), (await write(bench)).status], [0, OK]);
});

Deno.test("No command leads out of the states that are not left by command", async () => {
  for (const final of [2, 3]) {
    const bench = new Bench();
    await protect(bench, final);
    for (const other of [0, 1, 5 - final]) {
      const command = { nsid: 1, cdw10: FID, cdw11: other };
      await bench.refuses("admin", SET, command, { status: NOT_CHANGEABLE, byte: 44 });
    }
    assertEquals((await protect(bench, final)).status, OK);
  }
});

Deno.test("Reserved protection states are refused, and all namespaces take one at once", async () => {
  const bench = new Bench("namespaces");
  const reserved = { nsid: 1, cdw10: FID, cdw11: 4 };
  await bench.refuses("admin", SET, reserved, { status: INVALID_FIELD, byte: 44 });
  await protect(bench, 1, ALL);
  assertEquals([await state(bench, 1), await state(bench, 9)], [1, 1]);
  await protect(bench, 3, 9);
  assertEquals((await protect(bench, 0, ALL)).status, NOT_CHANGEABLE);
});
