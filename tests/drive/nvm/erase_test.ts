// Tests of Write Zeroes, Dataset Management and Flush.

import { assert, assertEquals } from "@std/assert";
import { DatasetRanges } from "../../../src/drive/nvm/erase.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, OK } from "../bench.ts";

const WRITE = 0x01;
const READ = 0x02;
const WRITE_ZEROES = 0x08;
const DATASET_MANAGEMENT = 0x09;
const DEALLOCATE = 4;
const LBA_OUT_OF_RANGE = "00h/80h";

async function written(blocks: number): Promise<Bench> {
  const bench = new Bench();
  const out = new Uint8Array(blocks * 512).fill(0x5a);
  await bench.io(WRITE, { nsid: 1, cdw12: blocks - 1, out });
  return bench;
}

/** Which of the first blocks are not all zero. */
async function filled(bench: Bench, blocks: number): Promise<readonly number[]> {
  const { data } = await bench.io(READ, { nsid: 1, cdw12: blocks - 1, length: blocks * 512 });
  return Array.from({ length: blocks }, (_, at) => at)
    .filter((at) => data.slice(at * 512, (at + 1) * 512).some((byte) => byte !== 0));
}

Deno.test("Write Zeroes zeroes blocks and leaves them allocated", async () => {
  const bench = await written(6);
  assertEquals((await bench.io(WRITE_ZEROES, { nsid: 1, cdw10: 2, cdw12: 1 })).status, OK);
  assertEquals(await filled(bench, 6), [0, 1, 4, 5]);
  assertEquals(bench.drive.first.namespaces.find(1)?.media.allocatedBlocks, 6);
});

Deno.test("Write Zeroes with Deallocate deallocates", async () => {
  const bench = await written(6);
  await bench.io(WRITE_ZEROES, { nsid: 1, cdw10: 2, cdw12: 0x0200_0001 });
  assertEquals(await filled(bench, 6), [0, 1, 4, 5]);
  assertEquals(bench.drive.first.namespaces.find(1)?.media.allocatedBlocks, 4);
});

Deno.test("Dataset Management deallocates its ranges where it is told to", async () => {
  const bench = await written(8);
  const out = DatasetRanges.encode([
    { blocks: 1, lba: 1n },
    { blocks: 3, lba: 4n },
    { blocks: 0, lba: 7n },
  ]);
  const command = { nsid: 1, cdw10: 2, out };
  assertEquals((await bench.io(DATASET_MANAGEMENT, { ...command, cdw11: 3 })).status, OK);
  assertEquals((await filled(bench, 8)).length, 8);
  assertEquals((await bench.io(DATASET_MANAGEMENT, { ...command, cdw11: DEALLOCATE })).status, OK);
  assertEquals(await filled(bench, 8), [0, 2, 3, 7]);
});

Deno.test("Dataset Management refuses all of its ranges for one that is outside", async () => {
  const bench = await written(4);
  const out = DatasetRanges.encode([
    { blocks: 4, lba: 0n },
    { blocks: 1, lba: 2n ** 63n },
  ]);
  const command = { nsid: 1, cdw10: 1, cdw11: DEALLOCATE, out };
  assertEquals((await bench.io(DATASET_MANAGEMENT, command)).status, LBA_OUT_OF_RANGE);
  assertEquals((await bench.lastError()).lba, 2n ** 63n);
  assertEquals((await filled(bench, 4)).length, 4);
});

Deno.test("Flush takes one namespace or all of them", async () => {
  const bench = new Bench("namespaces");
  for (const nsid of [1, 9, 0xffffffff]) assertEquals((await bench.io(0, { nsid })).status, OK);
  await bench.refuses("io", 0x00, { nsid: 0 }, { status: INVALID_NAMESPACE, byte: 4 });
  await bench.refuses("io", 0x00, { nsid: 5 }, { status: INVALID_FIELD, byte: 4 });
  assert(bench.drive.state.errors.length === 2);
});
