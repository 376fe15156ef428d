// Tests of Read, Write, Compare and Verify.

import { assert, assertEquals } from "@std/assert";
import { type Personality, variant } from "../../../src/drive/mod.ts";
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
const COMPARE = 0x05;
const VERIFY = 0x0c;
const LBA_OUT_OF_RANGE = "00h/80h";
const READ_ONLY = "01h/82h";
const COMPARE_FAILURE = "02h/85h";
const UNWRITTEN = "02h/87h";

function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + seed) & 0xff);
}

/** A drive like the default one whose namespace has this format. */
function formatted(format: number, more: { readonly metadataInline?: boolean } = {}): Bench {
  const base: Personality = personality("");
  const [plan] = base.namespaces;
  if (!plan) throw new Error("Cannot format: no namespace");
  return new Bench(variant(base, { namespaces: [{ ...plan, format, ...more }] }));
}

Deno.test("Read gives back what Write stored, at the end of the namespace too", async () => {
  const bench = new Bench();
  const last = 1_953_525_168 - 8;
  const out = pattern(4096);
  assertEquals((await bench.io(WRITE, { nsid: 1, cdw10: last, cdw12: 7, out })).status, OK);
  const { data } = await bench.io(READ, { nsid: 1, cdw10: last, cdw12: 7, length: 4096 });
  assertEquals(data, out);
  const one = await bench.io(READ, { nsid: 1, cdw10: last + 7, length: 512 });
  assertEquals(one.data, out.slice(7 * 512));
});

Deno.test("Read and Write move metadata in a buffer of its own", async () => {
  const bench = formatted(3);
  const out = pattern(2 * 4096);
  const outMetadata = pattern(16, 99);
  await bench.io(WRITE, { nsid: 1, cdw10: 5, cdw12: 1, out, outMetadata });
  const read = await bench.io(READ, {
    nsid: 1,
    cdw10: 6,
    length: 4096,
    metadataLength: 8,
  });
  assertEquals(read.data, out.slice(4096));
  assertEquals(read.metadata, outMetadata.slice(8));
});

Deno.test("Read and Write move metadata at the end of each block", async () => {
  const bench = formatted(4, { metadataInline: true });
  const out = pattern(3 * 4160);
  await bench.io(WRITE, { nsid: 1, cdw12: 2, out });
  const { data } = await bench.io(READ, { nsid: 1, cdw10: 1, cdw12: 1, length: 2 * 4160 });
  assertEquals(data, out.slice(4160));
});

Deno.test("Commands about blocks refuse what is outside, and log the block", async () => {
  const bench = new Bench();
  const size = 1_953_525_168;
  for (const opcode of [WRITE, READ, COMPARE, VERIFY, 0x08]) {
    for (const [cdw10, cdw11, cdw12] of [[size, 0, 0], [size - 1, 0, 1], [0, 1, 0]] as const) {
      const command = { nsid: 1, cdw10, cdw11, cdw12 };
      await bench.refuses("io", opcode, command, { status: LBA_OUT_OF_RANGE, byte: 40 });
      const { lba, nsid, sqid, opcode: logged } = await bench.lastError();
      assertEquals([lba, nsid, sqid, logged], [
        (BigInt(cdw11) << 32n) | BigInt(cdw10),
        1,
        1,
        opcode,
      ]);
    }
  }
});

Deno.test("Commands about blocks refuse namespaces that they cannot be about", async () => {
  const bench = new Bench("namespaces");
  for (const opcode of [WRITE, READ, COMPARE, VERIFY, 0x08, 0x09]) {
    for (
      const [nsid, status] of [
        [0, INVALID_NAMESPACE],
        [17, INVALID_NAMESPACE],
        [0xfffffffe, INVALID_NAMESPACE],
        [5, INVALID_FIELD],
        [6, INVALID_FIELD],
        [0xffffffff, INVALID_FIELD],
      ] as const
    ) await bench.refuses("io", opcode, { nsid }, { status, byte: 4 });
  }
});

Deno.test("Read, Write and Compare refuse more than the largest transfer", async () => {
  const bench = new Bench();
  const blocks = 2 ** 7 * 4096 / 512;
  for (const opcode of [WRITE, READ, COMPARE]) {
    const length = blocks * 512;
    assertEquals((await bench.io(opcode, { nsid: 1, cdw12: blocks - 1, length })).status, OK);
    const expected = { status: INVALID_FIELD, byte: 48 };
    await bench.refuses("io", opcode, { nsid: 1, cdw12: blocks }, expected);
  }
  assertEquals((await bench.io(VERIFY, { nsid: 1, cdw12: 0xffff })).status, OK);
});

Deno.test("Metadata at the end of each block counts for the largest transfer", async () => {
  const bench = formatted(4, { metadataInline: true });
  await bench.refuses("io", READ, { nsid: 1, cdw12: 127 }, { status: INVALID_FIELD, byte: 48 });
  const separate = formatted(4);
  assertEquals((await separate.io(READ, { nsid: 1, cdw12: 127 })).status, OK);
});

Deno.test("Compare finds the first block that differs", async () => {
  const bench = new Bench();
  const out = pattern(4 * 512);
  await bench.io(WRITE, { nsid: 1, cdw10: 100, cdw12: 3, out });
  assertEquals((await bench.io(COMPARE, { nsid: 1, cdw10: 100, cdw12: 3, out })).status, OK);
  out[2 * 512 + 5] = 0;
  const differing = await bench.io(COMPARE, { nsid: 1, cdw10: 100, cdw12: 3, out });
  assertEquals(differing.status, COMPARE_FAILURE);
  assertEquals((await bench.lastError()).lba, 102n);
});

Deno.test("Compare includes the metadata", async () => {
  const bench = formatted(2);
  const out = pattern(512);
  await bench.io(WRITE, { nsid: 1, out, outMetadata: pattern(8) });
  const compare = (outMetadata: Uint8Array): Promise<{ readonly status: string }> =>
    bench.io(COMPARE, { nsid: 1, out, outMetadata });
  assertEquals((await compare(pattern(8))).status, OK);
  assertEquals((await compare(pattern(8, 2))).status, COMPARE_FAILURE);
});

Deno.test("A drive whose media are read-only reads and refuses every change", async () => {
  const bench = new Bench("critical");
  assertEquals((await bench.io(READ, { nsid: 1, length: 512 })).status, OK);
  assertEquals((await bench.io(WRITE, { nsid: 1, out: pattern(512) })).status, READ_ONLY);
  assertEquals((await bench.io(0x08, { nsid: 1 })).status, READ_ONLY);
  const range = Uint8Array.of(0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  assertEquals((await bench.io(0x09, { nsid: 1, cdw11: 4, out: range })).status, READ_ONLY);
});

Deno.test("Deallocated blocks are an error only where the host wants that", async () => {
  const bench = new Bench();
  await bench.io(WRITE, { nsid: 1, cdw10: 10, out: pattern(512) });
  const read = (): Promise<{ readonly status: string }> =>
    bench.io(READ, { nsid: 1, cdw10: 10, cdw12: 1, length: 1024 });
  assertEquals((await read()).status, OK);
  await bench.admin(0x09, { cdw10: 0x05, nsid: 1, cdw11: 0x1_0000 });
  assertEquals((await read()).status, UNWRITTEN);
  assertEquals((await bench.lastError()).lba, 11n);
  assertEquals((await bench.io(READ, { nsid: 1, cdw10: 10, length: 512 })).status, OK);
  assertEquals((await bench.io(VERIFY, { nsid: 1, cdw10: 11 })).status, UNWRITTEN);
});

Deno.test("Optional commands are missing where the drive does not list them", async () => {
  const bench = new Bench(variant(personality(""), { commands: [] }));
  for (const opcode of [COMPARE, VERIFY, 0x08, 0x09]) {
    await bench.refuses("io", opcode, { nsid: 1 }, { status: INVALID_OPCODE, byte: 0 });
  }
  for (const opcode of [READ, 0x00]) {
    assertEquals((await bench.io(opcode, { nsid: 1, length: 512 })).status, OK);
  }
});

Deno.test("An untouched namespace of 1 TiB costs less than 1 MiB, read or not", async () => {
  const base = personality("");
  const bench = new Bench(
    variant(base, { namespaces: [{ nsid: 1, capacityBytes: 2 ** 40, format: 0 }] }),
  );
  for (let lba = 0; lba < 2 ** 31; lba += 2 ** 24) {
    await bench.io(READ, { nsid: 1, cdw10: lba, length: 512 });
  }
  const media = bench.drive.first.namespaces.find(1)?.media;
  assertEquals(media?.residentBytes, 0);
  await bench.io(WRITE, { nsid: 1, cdw10: 2 ** 30, out: pattern(512) });
  assert((media?.residentBytes ?? Infinity) < 2 ** 20);
});
