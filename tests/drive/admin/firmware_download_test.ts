// Tests of Firmware Image Download.

import { assertEquals } from "@std/assert";
import { DEFAULT_FIRMWARE } from "../../../src/drive/model/abilities.ts";
import { variant } from "../../../src/drive/personality.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK, personality } from "../bench.ts";

const DOWNLOAD = 0x11;
const OVERLAP = "01h/14h";

function piece(bench: Bench, offset: number, bytes: number): Promise<{ readonly status: string }> {
  return bench.admin(DOWNLOAD, {
    out: new Uint8Array(bytes),
    cdw10: bytes / 4 - 1,
    cdw11: offset / 4,
  });
}

Deno.test("Firmware Image Download refuses pieces that do not fit the granularity", async () => {
  const bench = new Bench();
  const length = { status: INVALID_FIELD, byte: 40 };
  const offset = { status: INVALID_FIELD, byte: 44 };
  await bench.refuses("admin", DOWNLOAD, { cdw10: 511, cdw11: 0 }, length);
  await bench.refuses("admin", DOWNLOAD, { cdw10: 1023, cdw11: 512 }, offset);
  await bench.refuses("admin", DOWNLOAD, { cdw10: 1023, cdw11: 0x0100_0000 }, offset);
  const free = { ...DEFAULT_FIRMWARE, granularity: 255 };
  const other = new Bench(variant(personality(""), { firmwareUpdates: free }));
  assertEquals((await piece(other, 4, 8)).status, OK);
});

Deno.test("Firmware Image Download notices overlaps, until the image is discarded", async () => {
  const bench = new Bench();
  assertEquals((await piece(bench, 8192, 8192)).status, OK);
  assertEquals((await piece(bench, 0, 8192)).status, OK);
  assertEquals((await piece(bench, 4096, 8192)).status, OVERLAP);
  assertEquals((await piece(bench, 8192, 4096)).status, OVERLAP);
  await bench.admin(0x10, { cdw10: 3 });
  assertEquals((await piece(bench, 8192, 4096)).status, OK);
  bench.drive.first.reset();
  assertEquals((await piece(bench, 8192, 4096)).status, OK);
});

Deno.test("Identify Controller says how firmware is updated, of drives where it can be", async () => {
  const { frmw, mtfa, fwug, oacs } = IdentifyController.decode(
    (await new Bench().identify(0x01)).data,
  );
  assertEquals([frmw.ffsro, frmw.nofs, frmw.fawr, mtfa, fwug], [true, 7, true, 50, 1]);
  assertEquals(oacs.fwds, true);
  const old = new Bench("old");
  const other = IdentifyController.decode((await old.identify(0x01)).data);
  assertEquals([other.frmw.nofs, other.frmw.fawr, other.oacs.fwds], [2, false, false]);
  const expected = { status: INVALID_OPCODE, byte: 0 };
  await old.refuses("admin", DOWNLOAD, {}, expected);
});
