// Tests of the faults of the drive as a whole.

import { assertEquals, assertThrows } from "@std/assert";
import { directTransport } from "../../../src/drive/mod.ts";
import { groupState } from "../../../src/drive/model/ana.ts";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { UsageError } from "../../../src/errors.ts";
import { createDriveFile, DriveFile } from "../../../src/open/drive_file/drive_file.ts";
import { SelfTestLog } from "../../../src/spec/log/self_test.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";
import { Bench, OK, START } from "../bench.ts";

async function inject(bench: Bench, text: string): Promise<Bench> {
  const { scenario, create } = parseInjection(text);
  await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed: 1 });
  return bench;
}

const read = async (bench: Bench, lba: number): Promise<string> =>
  (await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 })).status;

Deno.test("unrecovered-read makes blocks bad until they are written, or the fault is over", async () => {
  const bench = new Bench();
  await bench.io(0x01, { nsid: 1, cdw10: 5, out: new Uint8Array(512).fill(3) });
  await inject(bench, "unrecovered-read:lba=5,blocks=2");
  assertEquals([await read(bench, 4), await read(bench, 5)], [OK, "02h/81h"]);
  await bench.io(0x01, { nsid: 1, cdw10: 6, out: new Uint8Array(512) });
  assertEquals(await read(bench, 6), OK);
  bench.drive.plugins.unloadAll();
  const { status, data } = await bench.io(0x02, { nsid: 1, cdw10: 5, length: 512 });
  assertEquals([status, data[0]], [OK, 3]);
});

Deno.test("unrecovered-read leaves a host's Write Uncorrectable, from before or meanwhile", async () => {
  const bench = new Bench();
  const damage = (lba: number) => bench.io(0x04, { nsid: 1, cdw10: lba });
  await damage(4);
  await inject(bench, "unrecovered-read:lba=4,blocks=3,for=5s");
  await damage(5);
  const bad = "02h/81h";
  const states = async () => [await read(bench, 4), await read(bench, 5), await read(bench, 6)];
  assertEquals(await states(), [bad, bad, bad]);
  bench.advance(5000);
  assertEquals(await states(), [bad, bad, OK]);
});

Deno.test("what a host made unreadable outlives unrecovered-read in a drive file", async () => {
  const disk = new MemoryDisk();
  const path = "drive.json";
  createDriveFile(path, { preset: "healthy" }, { disk });
  const open = () => new DriveFile(path, { now: () => START, disk, after: () => () => {} });
  const io = async (file: DriveFile, command: Partial<Command>) => {
    const transport = directTransport(file.drive, "virtual:");
    const data = transport.allocate(command.opcode === 0x04 ? 0 : 512);
    const { status } = await transport.submit({
      queue: "io",
      opcode: 0x02,
      nsid: 1,
      ...command,
      data,
    });
    return status & 0x7ff;
  };
  for (const ends of ["cleared", "closed"]) {
    const file = open();
    await io(file, { opcode: 0x01, direction: "out", cdw10: 12 });
    await io(file, { opcode: 0x04, cdw12: 7 });
    const { create } = parseInjection("unrecovered-read:lba=0,blocks=16");
    await file.drive.plugins.load(create(file.drive), { name: "fault", seed: 1 });
    assertEquals([await io(file, {}), await io(file, { cdw10: 12 })], [0x281, 0x281]);
    if (ends === "cleared") file.drive.plugins.unloadAll();
    file.close();
    const again = open();
    assertEquals([await io(again, {}), await io(again, { cdw10: 12 })], [0x281, 0], ends);
    again.close();
  }
});

Deno.test("unrecovered-read refuses blocks that are not there", () => {
  const { create } = parseInjection("unrecovered-read:nsid=7");
  assertThrows(() => create(new Bench().drive), UsageError, "no such namespace");
});

Deno.test("self-test-failing fails the next self-test at its segment and block", async () => {
  const bench = await inject(new Bench(), "self-test-failing:percent=50,segment=4,lba=99");
  await bench.admin(0x14, { nsid: 1, cdw10: 1 });
  const { durationMs = 0 } = bench.drive.state.selfTest ?? {};
  bench.advance(durationMs / 2);
  const { current, results } = SelfTestLog.decode((await bench.log(0x06, 564)).data);
  const [newest] = results;
  assertEquals(current.operation, 0);
  assertEquals([newest?.status.result, newest?.segment, newest?.failingLba], [7, 4, 99n]);
});

Deno.test("sanitize-failing leaves a drive that refuses I/O until a sanitize succeeds", async () => {
  const bench = await inject(new Bench(), "sanitize-failing:percent=50");
  await bench.admin(0x84, { cdw10: 2 });
  const { durationMs } = bench.drive.state.sanitize;
  bench.advance(durationMs / 2);
  assertEquals(await read(bench, 0), "00h/1Ch");
  await bench.admin(0x84, { cdw10: 2 });
  bench.advance(durationMs);
  assertEquals(await read(bench, 0), OK);
});

Deno.test("ana-flip puts groups back where they were", async () => {
  const bench = new Bench("multipath");
  const states = (): readonly string[] => [1, 2].map((id) => groupState(bench.drive.state, 1, id));
  const before = states();
  await inject(bench, "ana-flip:controller=1,time=5s");
  assertEquals(states(), ["inaccessible", before[1] ?? ""]);
  assertEquals(await read(bench, 0), "03h/02h");
  bench.advance(5000);
  assertEquals(states(), before);
});

Deno.test("ana-flip comes to an end also when another one began before that", async () => {
  const bench = new Bench("multipath");
  const states = (): readonly string[] => [1, 2].map((id) => groupState(bench.drive.state, 1, id));
  const before = states();
  const { create } = parseInjection("ana-flip:time=5s");
  await bench.drive.plugins.load(create(bench.drive), { name: "first", seed: 1 });
  bench.advance(3000);
  await bench.drive.plugins.load(create(bench.drive), { name: "second", seed: 1 });
  bench.advance(5000);
  assertEquals(states(), before);
});

Deno.test("ana-flip refuses what the drive does not have", () => {
  const refused = (text: string, kind: string, message: string): void => {
    const { drive } = new Bench(kind);
    assertThrows(() => parseInjection(text).create(drive), UsageError, message);
  };
  refused("ana-flip", "", "ANA");
  refused("ana-flip:group=99", "multipath", "there is no ANA group 99, the drive has 1 to 2");
  refused("ana-flip:controller=9", "multipath", "there is no controller 9, the drive has 1, 2");
});

Deno.test("persistent-error and event-storm complete what waits for events", async () => {
  const bench = new Bench();
  const waiting = bench.admin(0x0c);
  await inject(bench, "persistent-error");
  bench.advance(0);
  assertEquals((await waiting).dw0, 0x010300);
  const next = bench.admin(0x0c);
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x100 });
  await inject(bench, "event-storm:count=3,every=10ms");
  bench.advance(0);
  assertEquals((await next).dw0, 0x040002);
});
