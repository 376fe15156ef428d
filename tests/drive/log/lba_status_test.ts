// Tests of log page 0Eh.

import { assertEquals } from "@std/assert";
import { lbaStatusAlertDue } from "../../../src/drive/model/lba_status.ts";
import { LbaStatusPage } from "../../../src/spec/log/lba_status_information.ts";
import { Bench } from "../bench.ts";

const WRITE = 0x01;
const WRITE_UNCORRECTABLE = 0x04;
/** Retain Asynchronous Event. */
const RETAIN = 0x8000;

async function read(bench: Bench, retain = false) {
  const numd = 1024 / 4 - 1;
  const cdw10 = ((numd << 16) | (retain ? RETAIN : 0) | 0x0e) >>> 0;
  const { data } = await bench.log(0x0e, 1024, { cdw10 });
  const { generation, unrecoverable, namespaces } = LbaStatusPage.decode(data);
  const ranges = namespaces.flatMap(({ nsid, ranges }) =>
    (ranges ?? []).map(({ start, blocks }) => [nsid, Number(start), blocks])
  );
  return { generation, unrecoverable, ranges };
}

async function damage(bench: Bench, lba: number, nsid = 1): Promise<void> {
  await bench.io(WRITE_UNCORRECTABLE, { nsid, cdw10: lba });
}

Deno.test("LBA Status Information names the tracked blocks and recommends action 11h", async () => {
  const bench = new Bench("namespaces");
  assertEquals(await read(bench), { generation: 0, unrecoverable: 0, ranges: [] });
  await damage(bench, 7);
  await damage(bench, 8);
  await damage(bench, 100, 2);
  bench.drive.store.find(1)?.media.damage(9, 1, "found");
  bench.drive.store.find(1)?.media.damage(50, 1, "latent");
  assertEquals(await read(bench), {
    generation: 1,
    unrecoverable: 4,
    ranges: [[1, 7, 3], [2, 100, 1]],
  });
  const { data } = await bench.log(0x0e, 1024);
  assertEquals(LbaStatusPage.decode(data).namespaces.map(({ action }) => action), [0x11, 0x11]);
});

Deno.test("LBA Status Information counts a generation for new blocks, not for fewer", async () => {
  const bench = new Bench();
  const generations: number[] = [];
  const look = async (): Promise<void> => void generations.push((await read(bench)).generation);
  await damage(bench, 7);
  await look();
  await look();
  await damage(bench, 9);
  await look();
  await bench.io(WRITE, { nsid: 1, cdw10: 7, out: new Uint8Array(512) });
  await look();
  await damage(bench, 7);
  await look();
  assertEquals(generations, [1, 1, 2, 2, 3]);
});

Deno.test("LBA Status Information stays as it is while a host reads it in pieces", async () => {
  const bench = new Bench();
  await damage(bench, 7);
  const first = await read(bench, true);
  await damage(bench, 9);
  assertEquals(await read(bench, true), first);
  assertEquals(await read(bench), {
    generation: 2,
    unrecoverable: 2,
    ranges: [[1, 7, 1], [1, 9, 1]],
  });
});

Deno.test("lbaStatusAlertDue() waits for damage and for the interval since the last read", async () => {
  const bench = new Bench();
  const machine = bench.drive.first;
  const seconds = 10;
  bench.advance(2 * seconds * 1000);
  assertEquals(lbaStatusAlertDue(machine, seconds * 10), false);
  await damage(bench, 7);
  assertEquals(lbaStatusAlertDue(machine, seconds * 10), true);
  assertEquals(lbaStatusAlertDue(machine, 0), false);
  await read(bench);
  assertEquals(lbaStatusAlertDue(machine, seconds * 10), false);
  bench.advance(seconds * 1000);
  assertEquals(lbaStatusAlertDue(machine, seconds * 10), true);
});
