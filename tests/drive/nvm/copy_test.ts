// Tests of Copy.

import { assertEquals } from "@std/assert";
import { type Personality, variant } from "../../../src/drive/mod.ts";
import { CopyRange0, CopyRange1 } from "../../../src/drive/nvm/copy_ranges.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../../src/spec/identify/identify_namespace.ts";
import {
  Bench,
  INVALID_FIELD,
  INVALID_NAMESPACE,
  INVALID_OPCODE,
  OK,
  personality,
} from "../bench.ts";

const WRITE = 0x01;
const READ = 0x02;
const WRITE_UNCORRECTABLE = 0x04;
const COPY = 0x19;
const SIZE_LIMIT = "01h/83h";
const LBA_OUT_OF_RANGE = "00h/80h";
const READ_ONLY = "01h/82h";
const UNRECOVERED_READ = "02h/81h";
const FORMAT_1 = 0x100;

type Range = readonly [lba: number, blocks: number];

function ranges(...list: readonly Range[]): Uint8Array {
  return joined(
    list.map(([lba, blocks]) => CopyRange0.encode({ lba: BigInt(lba), blocks: blocks - 1 })),
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Every block of the first twenty holds its own number, plus one. */
async function numbered(kind?: Personality): Promise<Bench> {
  const bench = new Bench(kind);
  const out = Uint8Array.from({ length: 20 * 512 }, (_, at) => (at >> 9) + 1);
  assertEquals((await bench.io(WRITE, { nsid: 1, cdw12: 19, out })).status, OK);
  return bench;
}

async function numbers(bench: Bench, lba: number, count: number): Promise<readonly number[]> {
  const read = { nsid: 1, cdw10: lba, cdw12: count - 1, length: count * 512 };
  const { data } = await bench.io(READ, read);
  return Array.from({ length: count }, (_, at) => data[at * 512] ?? -1);
}

Deno.test("Copy puts its source ranges one after the other", async () => {
  const bench = await numbered();
  const out = ranges([4, 2], [0, 1], [10, 3]);
  assertEquals((await bench.io(COPY, { nsid: 1, cdw10: 100, cdw12: 2, out })).status, OK);
  assertEquals(await numbers(bench, 100, 7), [5, 6, 1, 11, 12, 13, 0]);
});

Deno.test("Copy takes descriptors of format 1h where there is no protection information", async () => {
  const bench = await numbered();
  const out = joined([CopyRange1.encode({ lba: 3n, blocks: 1 })]);
  assertEquals((await bench.io(COPY, { nsid: 1, cdw10: 50, cdw12: FORMAT_1, out })).status, OK);
  assertEquals(await numbers(bench, 50, 3), [4, 5, 0]);
  await bench.refuses("io", COPY, { nsid: 1, cdw12: 0x200, out }, {
    status: INVALID_FIELD,
    byte: 49,
  });
});

Deno.test("Copy of overlapping ranges goes from the first range to the last", async () => {
  const bench = await numbered();
  await bench.io(COPY, { nsid: 1, cdw10: 1, cdw12: 1, out: ranges([0, 2], [1, 1]) });
  assertEquals(await numbers(bench, 0, 5), [1, 1, 2, 1, 5]);
});

Deno.test("Copy copies the ranges before a damaged one, and says which that is", async () => {
  const bench = await numbered();
  await bench.io(WRITE_UNCORRECTABLE, { nsid: 1, cdw10: 6 });
  const out = ranges([0, 2], [5, 2], [8, 1]);
  const answer = await bench.io(COPY, { nsid: 1, cdw10: 100, cdw12: 2, out });
  assertEquals([answer.status, answer.dw0], [UNRECOVERED_READ, 1]);
  assertEquals((await bench.lastError()).lba, 6n);
  assertEquals(await numbers(bench, 100, 4), [1, 2, 0, 0]);
});

Deno.test("Copy keeps to the limits that Identify Namespace gives", async () => {
  const copy = { rangeBlocks: 4, blocks: 6, ranges: 2 };
  const bench = await numbered(variant(personality(""), { copy }));
  const { mssrl, mcl, msrc } = IdentifyNamespace.decode(
    (await bench.identify(0, { nsid: 1 })).data,
  );
  assertEquals([mssrl, mcl, msrc], [4, 6, 1]);
  const { oncs, ocfs } = IdentifyController.decode((await bench.identify(1)).data);
  assertEquals([oncs.nvmcpys, ocfs.cdf0s, ocfs.cdf1s, ocfs.cdf2s], [true, true, true, false]);
  for (const list of [[[0, 5]], [[0, 4], [4, 3]], [[0, 1], [1, 1], [2, 1]]] as Range[][]) {
    const command = { nsid: 1, cdw10: 100, cdw12: list.length - 1, out: ranges(...list) };
    const { status, dw0 } = await bench.io(COPY, command);
    assertEquals([status, dw0], [SIZE_LIMIT, 0]);
  }
  const most = { nsid: 1, cdw10: 100, cdw12: 1, out: ranges([0, 4], [4, 2]) };
  assertEquals((await bench.io(COPY, most)).status, OK);
});

Deno.test("one Copy of a drive without limits of its own is at most 8 MiB in blocks of 4 KiB", async () => {
  const bench = await numbered();
  const identify = IdentifyNamespace.decode((await bench.identify(0, { nsid: 1 })).data);
  const { mssrl, mcl, msrc } = identify;
  assertEquals([mssrl, mcl, msrc], [256, 2048, 127]);
  assertEquals(mcl * 4096, 8 * 2 ** 20);
  const copy = (list: readonly Range[]) => {
    const command = { nsid: 1, cdw10: 10_000, cdw12: list.length - 1, out: ranges(...list) };
    return bench.io(COPY, command);
  };
  const most = Array.from({ length: 8 }, (): Range => [0, mssrl]);
  assertEquals((await copy(most)).status, OK);
  assertEquals(await numbers(bench, 10_000 + 7 * mssrl, 3), [1, 2, 3]);
  assertEquals((await copy([...most, [0, 1]])).status, SIZE_LIMIT);
  assertEquals((await copy([[0, mssrl + 1]])).status, SIZE_LIMIT);
});

Deno.test("a range that is longer than what Copy holds at once may overlap where it goes", async () => {
  const copy = { rangeBlocks: 1000, blocks: 1000, ranges: 1 };
  for (const [source, target] of [[100, 400], [400, 100], [100, 101]] as const) {
    const bench = new Bench(variant(personality(""), { copy }));
    const block = (index: number) => (index % 251) + 1;
    const content = Uint8Array.from({ length: 1000 * 512 }, (_, at) => block(at >> 9));
    for (let at = 0; at < 1000; at += 200) {
      const out = content.slice(at * 512, (at + 200) * 512);
      const write = { nsid: 1, cdw10: source + at, cdw12: 199, out };
      assertEquals((await bench.io(WRITE, write)).status, OK);
    }
    const largest: number[] = [];
    bench.drive.taps.attach("nvme:media:read", (context) => {
      if (context.kind === "media") largest.push(context.count);
    });
    const command = { nsid: 1, cdw10: target, out: ranges([source, 1000]) };
    assertEquals((await bench.io(COPY, command)).status, OK);
    assertEquals(Math.max(...largest), 256);
    const moved: number[] = [];
    for (let at = 0; at < 1000; at += 200) moved.push(...await numbers(bench, target + at, 200));
    assertEquals(moved, Array.from({ length: 1000 }, (_, at) => block(at)), `to ${target}`);
  }
});

Deno.test("Copy refuses blocks outside, read-only drives, and drives without it", async () => {
  const bench = await numbered();
  const far = { nsid: 1, cdw11: 1, out: ranges([0, 1]) };
  assertEquals((await bench.io(COPY, far)).status, LBA_OUT_OF_RANGE);
  const source = { nsid: 1, cdw12: 1, out: ranges([0, 1], [2 ** 40, 1]) };
  const answer = await bench.io(COPY, source);
  assertEquals([answer.status, answer.dw0], [LBA_OUT_OF_RANGE, 0]);
  const readOnly = await new Bench("critical").io(COPY, { nsid: 1, out: ranges([0, 1]) });
  assertEquals(readOnly.status, READ_ONLY);
  await new Bench("old").refuses("io", COPY, { nsid: 1 }, { status: INVALID_OPCODE, byte: 0 });
});

/** Protection information of type 1 in format 3: blocks of 4096 bytes with 8 of metadata. */
async function protectedBench(): Promise<Bench> {
  const base = personality("");
  const [plan] = base.namespaces;
  if (!plan) throw new Error("Cannot protect: no namespace");
  const bench = new Bench(variant(base, { namespaces: [{ ...plan, format: 3, protection: 1 }] }));
  const out = new Uint8Array(2 * 4096).fill(7);
  const write = { nsid: 1, cdw10: 8, cdw12: 0x2000_0001, cdw14: 8, cdw15: 0xffff_1234, out };
  assertEquals((await bench.io(WRITE, write)).status, OK);
  return bench;
}

/** PRACT of the part that reads and of the part that writes, and all checks of both. */
const REPLACE = 0x2000_8000;
const CHECK_READ = 0x7000;
const CHECK_ALL = 0x1c00_0000;

Deno.test("Copy replaces protection information, so that it fits where it goes", async () => {
  const bench = await protectedBench();
  const source = {
    lba: 8n,
    blocks: 1,
    referenceTag: 8,
    applicationTag: 0x1234,
    applicationTagMask: 0xffff,
  };
  const copy = {
    nsid: 1,
    cdw10: 100,
    cdw12: REPLACE | CHECK_READ,
    cdw14: 100,
    cdw15: 0x4321,
    out: CopyRange0.encode(source),
  };
  assertEquals((await bench.io(COPY, copy)).status, OK);
  const read = { nsid: 1, cdw10: 100, cdw12: 0x2000_0001 | CHECK_ALL, cdw14: 100, length: 8192 };
  assertEquals((await bench.io(READ, { ...read, cdw15: 0xffff_4321 })).status, OK);
  const wrong = { ...copy, out: CopyRange0.encode({ ...source, applicationTag: 1 }) };
  assertEquals((await bench.io(COPY, wrong)).status, "02h/83h");
});

Deno.test("Copy refuses one-sided protection actions and descriptors for another guard", async () => {
  const bench = await protectedBench();
  const out = CopyRange0.encode({ lba: 8n });
  await bench.refuses("io", COPY, { nsid: 1, cdw10: 100, cdw12: 0x2000_0000, out }, {
    status: INVALID_FIELD,
    byte: 51,
    bit: 2,
  });
  const other = CopyRange1.encode({ lba: 8n });
  await bench.refuses("io", COPY, { nsid: 1, cdw10: 100, cdw12: FORMAT_1, out: other }, {
    status: INVALID_NAMESPACE,
    byte: 49,
  });
});
