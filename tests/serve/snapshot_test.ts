// Tests of drives as they are now, in files of their own.

import { assertEquals } from "@std/assert";
import { powerOnHours } from "../../src/drive/model/health.ts";
import { parseInjection } from "../../src/drive/scenario/parse.ts";
import { DriveFile } from "../../src/open/drive_file/drive_file.ts";
import { snapshotDrive } from "../../src/serve/snapshot.ts";
import { Bench, OK } from "../drive/bench.ts";
import { MemoryDisk } from "../support/memory_disk.ts";

const PATH = "copy.json";
const HOUR = 3_600_000;

function snapshot(bench: Bench): DriveFile {
  const disk = new MemoryDisk();
  snapshotDrive(bench.drive, PATH, disk);
  return new DriveFile(PATH, { now: () => bench.time, disk });
}

Deno.test("a snapshot has all hours that the drive was on, and goes on from there", () => {
  const bench = new Bench();
  bench.advance(10 * HOUR);
  const hours = powerOnHours(bench.drive.first);
  const file = snapshot(bench);
  assertEquals(powerOnHours(file.drive.first), hours);
  bench.advance(2 * HOUR);
  assertEquals(powerOnHours(file.drive.first), hours + 2);
  assertEquals(file.drive.state.counters, bench.drive.state.counters);
  file.close();
});

Deno.test("a snapshot has what the host made unreadable, and not the faults over it", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, out: new Uint8Array(16 * 512).fill(7), cdw12: 15 });
  await bench.io(0x04, { nsid: 1, cdw10: 0, cdw12: 7 });
  await bench.io(0x01, { nsid: 1, cdw10: 3, out: new Uint8Array(512).fill(8) });
  const { create } = parseInjection("unrecovered-read:lba=1,blocks=15");
  await bench.drive.plugins.load(create(bench.drive), { name: "fault", seed: 1 });
  await bench.io(0x01, { nsid: 1, cdw10: 2, out: new Uint8Array(512).fill(9) });
  const file = snapshot(bench);
  const { media } = file.drive.store.find(1) ?? {};
  assertEquals(media?.damaged(0, 100), [
    { lba: 0, count: 2, damage: "written" },
    { lba: 4, count: 4, damage: "written" },
  ]);
  const first = (lba: number) => media?.read(lba, 1).data[0];
  assertEquals([2, 3, 15, 16].map(first), [9, 8, 7, 0]);
  assertEquals((await bench.io(0x02, { nsid: 1, cdw10: 2, length: 512 })).status, OK);
  file.close();
});
