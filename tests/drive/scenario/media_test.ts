// Tests of the faults of the media: what a host reads afterwards.

import { assertEquals } from "@std/assert";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { Bench, OK } from "../bench.ts";

async function struck(bench: Bench, text: string): Promise<void> {
  const { scenario, create } = parseInjection(text);
  await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed: 1 });
}

async function write(bench: Bench, lba: number, value: number, blocks = 1): Promise<void> {
  const out = new Uint8Array(512 * blocks).fill(value);
  const { status } = await bench.io(0x01, { nsid: 1, cdw10: lba, cdw12: blocks - 1, out });
  assertEquals(status, OK);
}

async function read(bench: Bench, lba: number): Promise<Uint8Array> {
  const { status, data } = await bench.io(0x02, { nsid: 1, cdw10: lba, length: 512 });
  assertEquals(status, OK);
  return data;
}

function differingBits(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, byte, at) => {
    const difference = byte ^ (other[at] ?? 0);
    return sum + difference.toString(2).replaceAll("0", "").length;
  }, 0);
}

Deno.test("bit-flip changes one bit of what is read, and nothing of what is stored", async () => {
  const bench = new Bench();
  await write(bench, 3, 0xaa);
  await struck(bench, "bit-flip:count=1");
  const good = new Uint8Array(512).fill(0xaa);
  assertEquals(differingBits(await read(bench, 3), good), 1);
  assertEquals(await read(bench, 3), good);
});

Deno.test("bit-flip stays in the blocks that it is told", async () => {
  const bench = new Bench();
  await struck(bench, "bit-flip:count=0,lba=10,blocks=1");
  assertEquals(await read(bench, 9), new Uint8Array(512));
  assertEquals(differingBits(await read(bench, 10), new Uint8Array(512)), 1);
});

Deno.test("stale-read gives what was there before, until it is over", async () => {
  const bench = new Bench();
  await write(bench, 0, 1);
  await struck(bench, "stale-read");
  await write(bench, 0, 2);
  assertEquals((await read(bench, 0))[0], 1);
  bench.drive.plugins.unloadAll();
  assertEquals((await read(bench, 0))[0], 2);
});

Deno.test("misdirected-write stores at the wrong place", async () => {
  const bench = new Bench();
  await write(bench, 0, 1);
  await struck(bench, "misdirected-write:offset=4");
  await write(bench, 0, 2);
  assertEquals([(await read(bench, 0))[0], (await read(bench, 4))[0]], [1, 2]);
});

Deno.test("torn-write stores the beginning only", async () => {
  const bench = new Bench();
  await struck(bench, "torn-write:percent=50");
  await write(bench, 0, 7, 4);
  const values = await Promise.all([0, 1, 2, 3].map((lba) => read(bench, lba)));
  assertEquals(values.map(([first]) => first), [7, 7, 0, 0]);
});

Deno.test("lost-flush loses what was flushed when the power is cut", async () => {
  const bench = new Bench();
  const survives = async (): Promise<boolean> => {
    await write(bench, 0, 5);
    assertEquals((await bench.io(0x00, { nsid: 1 })).status, OK);
    bench.drive.powercut();
    return (await read(bench, 0))[0] === 5;
  };
  await struck(bench, "lost-flush");
  assertEquals(await survives(), false);
  bench.drive.plugins.unloadAll();
  assertEquals(await survives(), true);
});
