// Tests of Write Zeroes, Dataset Management and Flush.

import { assert, assertEquals } from "@std/assert";
import { DatasetRanges } from "../../../src/drive/nvm/erase.ts";
import { variant } from "../../../src/drive/mod.ts";
import { IdentifyControllerNvm } from "../../../src/spec/identify/identify_controller_nvm.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import {
  Bench,
  INVALID_FIELD,
  INVALID_NAMESPACE,
  INVALID_OPCODE,
  OK,
  personality,
} from "../bench.ts";

const FLUSH = 0x00;
const WRITE = 0x01;
const READ = 0x02;
const WRITE_ZEROES = 0x08;
const DATASET_MANAGEMENT = 0x09;
const WRITE_UNCORRECTABLE = 0x04;
const COMPARE = 0x05;
const VERIFY = 0x0c;
const UNRECOVERED_READ = "02h/81h";
const WRITE_PROTECTED = "00h/20h";
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

Deno.test("Dataset Management of a drive with limits leaves alone what is beyond them", async () => {
  const base = personality("");
  const dataset = { ranges: 2, rangeBlocks: 3, blocks: 4 };
  const bench = new Bench(variant(base, { dataset }));
  const { data } = await bench.identify(0x06);
  const { dmrl, dmrsl, dmsl } = IdentifyControllerNvm.decode(data);
  assertEquals([dmrl, dmrsl, dmsl], [2, 3, 4n]);
  const out = new Uint8Array(16 * 512).fill(0x5a);
  await bench.io(WRITE, { nsid: 1, cdw12: 15, out });
  const ranges = DatasetRanges.encode([
    { blocks: 5, lba: 0n },
    { blocks: 5, lba: 5n },
    { blocks: 1, lba: 15n },
  ]);
  const command = { nsid: 1, cdw10: 2, cdw11: DEALLOCATE, out: ranges };
  assertEquals((await bench.io(DATASET_MANAGEMENT, command)).status, OK);
  // Three of the first range; none of the second, before which lie five of the four in all.
  assertEquals(await filled(bench, 16), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
});

Deno.test("Write Uncorrectable makes blocks unreadable until they are written", async () => {
  const bench = await written(8);
  assertEquals((await bench.io(WRITE_UNCORRECTABLE, { nsid: 1, cdw10: 3, cdw12: 1 })).status, OK);
  for (const [opcode, data] of [[READ, 4096], [COMPARE, 4096], [VERIFY, 0]] as const) {
    const command = { nsid: 1, cdw12: 7, out: new Uint8Array(data) };
    assertEquals((await bench.io(opcode, command)).status, UNRECOVERED_READ);
    assertEquals((await bench.lastError()).lba, 3n);
  }
  assertEquals((await bench.io(READ, { nsid: 1, cdw12: 2, length: 1536 })).status, OK);
  const before = SmartLog.decode((await bench.log(0x02, 512)).data).mediaErrors;
  assertEquals(before, 3n);
  await bench.io(WRITE, { nsid: 1, cdw10: 3, out: new Uint8Array(512) });
  await bench.io(WRITE_ZEROES, { nsid: 1, cdw10: 4 });
  assertEquals((await bench.io(READ, { nsid: 1, cdw12: 7, length: 4096 })).status, OK);
});

Deno.test("Write Uncorrectable refuses blocks that are not there and drives that lack it", async () => {
  await new Bench().refuses("io", WRITE_UNCORRECTABLE, { nsid: 1, cdw11: 1 }, {
    status: LBA_OUT_OF_RANGE,
    byte: 40,
  });
  await new Bench("old").refuses("io", WRITE_UNCORRECTABLE, { nsid: 1 }, {
    status: INVALID_OPCODE,
    byte: 0,
  });
});

Deno.test("Commands that change blocks refuse a write protected namespace, others do not", async () => {
  const bench = await written(1);
  const [state] = bench.drive.state.namespaces;
  if (state) state.writeProtection = 1;
  const ranges = DatasetRanges.encode([{ blocks: 1, lba: 0n }]);
  for (
    const [opcode, command] of [
      [WRITE, { out: new Uint8Array(512) }],
      [WRITE_ZEROES, {}],
      [WRITE_UNCORRECTABLE, {}],
      [DATASET_MANAGEMENT, { cdw11: DEALLOCATE, out: ranges }],
    ] as const
  ) {
    assertEquals((await bench.io(opcode, { nsid: 1, ...command })).status, WRITE_PROTECTED);
  }
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).data[0], 0x5a);
  assertEquals((await bench.io(FLUSH, { nsid: 1 })).status, OK);
});

Deno.test("Flush stores what waits in the cache: of a namespace, or of all", async () => {
  const bench = new Bench("namespaces");
  const isDirty = (): readonly boolean[] =>
    [1, 2].map((nsid) => bench.drive.store.find(nsid)?.media.isDirty === true);
  const write = async (): Promise<void> => {
    await bench.io(WRITE, { nsid: 1, out: new Uint8Array(512) });
    await bench.io(WRITE, { nsid: 2, out: new Uint8Array(4096) });
  };
  await write();
  assertEquals(isDirty(), [true, true]);
  await bench.io(FLUSH, { nsid: 1 });
  assertEquals(isDirty(), [false, true]);
  await write();
  await bench.io(FLUSH, { nsid: 0xffffffff });
  assertEquals(isDirty(), [false, false]);
});
