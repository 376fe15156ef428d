// Tests of Get LBA Status.

import { assertEquals } from "@std/assert";
import { decodeLbaStatus, type LbaStatus } from "../../../src/spec/lba_status.ts";
import { Bench, INVALID_FIELD, INVALID_NAMESPACE, INVALID_OPCODE, OK } from "../bench.ts";

const GET_LBA_STATUS = 0x86;
const WRITE = 0x01;
const READ = 0x02;
const WRITE_UNCORRECTABLE = 0x04;
const SCAN = 0x1000_0000;
const TRACKED = 0x1100_0000;
const LBA_OUT_OF_RANGE = "00h/80h";

async function ask(
  bench: Bench,
  { lba = 0, action = TRACKED, length = 0, dwords = 64 }: {
    lba?: number;
    action?: number;
    length?: number;
    dwords?: number;
  } = {},
): Promise<LbaStatus> {
  const { status, data } = await bench.admin(GET_LBA_STATUS, {
    nsid: 1,
    cdw10: lba,
    cdw12: dwords - 1,
    cdw13: (action | length) >>> 0,
    length: dwords * 4,
  });
  assertEquals(status, OK);
  return decodeLbaStatus(data);
}

function blocks({ ranges }: LbaStatus): readonly (readonly [number, number])[] {
  return ranges.map(({ start, blocks }) => [Number(start), blocks]);
}

Deno.test("Get LBA Status lists what Write Uncorrectable damaged, until it is written", async () => {
  const bench = new Bench();
  assertEquals(await ask(bench), { completion: 2, ranges: [] });
  await bench.io(WRITE_UNCORRECTABLE, { nsid: 1, cdw10: 100, cdw12: 9 });
  const status = await ask(bench);
  assertEquals(status, {
    completion: 2,
    ranges: [{ start: 100n, blocks: 10, unrecovered: true, writtenUncorrectable: true }],
  });
  await bench.io(WRITE, { nsid: 1, cdw10: 103, out: new Uint8Array(512) });
  assertEquals(blocks(await ask(bench)), [[100, 3], [104, 6]]);
});

Deno.test("Get LBA Status finds latent damage with a scan only, or after a read came upon it", async () => {
  const bench = new Bench();
  const media = bench.drive.store.find(1)?.media;
  media?.damage(10, 2, "latent");
  media?.damage(50, 1, "latent");
  assertEquals(blocks(await ask(bench)), []);
  assertEquals((await bench.io(READ, { nsid: 1, cdw10: 50, length: 512 })).status, "02h/81h");
  assertEquals(blocks(await ask(bench)), [[50, 1]]);
  assertEquals(blocks(await ask(bench, { action: SCAN, length: 20 })), [[10, 2]]);
  const [first] = (await ask(bench)).ranges;
  assertEquals([first?.start, first?.writtenUncorrectable], [10n, false]);
});

Deno.test("Get LBA Status looks at its range, and gives as many descriptors as fit", async () => {
  const bench = new Bench();
  for (const lba of [10, 20, 30]) {
    await bench.io(WRITE_UNCORRECTABLE, { nsid: 1, cdw10: lba, cdw12: 4 });
  }
  assertEquals(blocks(await ask(bench, { lba: 12, length: 10 })), [[12, 3], [20, 2]]);
  const cut = await ask(bench, { dwords: 11 });
  assertEquals([cut.completion, blocks(cut)], [1, [[10, 5], [20, 5]].slice(0, 2)]);
  const none = await ask(bench, { dwords: 2 });
  assertEquals([none.completion, none.ranges.length], [1, 0]);
});

Deno.test("Get LBA Status refuses other actions, ranges and namespaces", async () => {
  const bench = new Bench();
  const refuses = (command: Record<string, number>, status: string, byte: number) =>
    bench.refuses("admin", GET_LBA_STATUS, { nsid: 1, cdw13: TRACKED, ...command }, {
      status,
      byte,
    });
  await refuses({ cdw13: 0 }, INVALID_FIELD, 55);
  await refuses({ cdw13: 0x1200_0000 }, INVALID_FIELD, 55);
  await refuses({ cdw11: 1 }, LBA_OUT_OF_RANGE, 40);
  await refuses({ cdw10: 1_953_525_167, cdw13: TRACKED | 2 }, LBA_OUT_OF_RANGE, 40);
  await refuses({ cdw12: 0x0fff_ffff }, INVALID_FIELD, 48);
  await refuses({ nsid: 0xffffffff }, INVALID_FIELD, 4);
  await refuses({ nsid: 0 }, INVALID_NAMESPACE, 4);
  await new Bench("old").refuses("admin", GET_LBA_STATUS, { nsid: 1 }, {
    status: INVALID_OPCODE,
    byte: 0,
  });
});
