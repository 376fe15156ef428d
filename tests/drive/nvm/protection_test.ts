// Tests of protection information, through the commands that make and check it.

import { assertEquals } from "@std/assert";
import { variant } from "../../../src/drive/mod.ts";
import { crc16 } from "../../../src/drive/nvm/crc16.ts";
import { Bench, OK, personality } from "../bench.ts";

const WRITE = 0x01;
const READ = 0x02;
const PRACT = 0x2000_0000;
const GUARD = 0x1000_0000;
const APPLICATION = 0x0800_0000;
const REFERENCE = 0x0400_0000;
const INVALID_PROTECTION = "01h/81h";
const GUARD_ERROR = "02h/82h";
const APPLICATION_ERROR = "02h/83h";
const REFERENCE_ERROR = "02h/84h";

interface Settings {
  readonly protection: 1 | 2 | 3;
  readonly metadataBytes?: number;
  readonly metadataInline?: boolean;
  readonly protectionFirst?: boolean;
}

function protectedDrive({ metadataBytes = 8, ...settings }: Settings): Bench {
  return new Bench(variant(personality(""), {
    formats: [{ dataBytes: 512, metadataBytes, performance: 0 }],
    namespaces: [{ nsid: 1, capacityBytes: 2 ** 30, format: 0, ...settings }],
  }));
}

function tuple(guard: number, application: number, reference: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, guard);
  view.setUint16(2, application);
  view.setUint32(4, reference);
  return bytes;
}

const DATA = Uint8Array.from({ length: 1024 }, (_, at) => (at * 31) & 0xff);
const TAGS = { cdw10: 7, cdw14: 7, cdw15: 0xffff_abcd, nsid: 1 } as const;

Deno.test("Protection information is inserted, checked and stripped without moving", async () => {
  const bench = protectedDrive({ protection: 1 });
  const cdw12 = (PRACT | GUARD | APPLICATION | REFERENCE | 1) >>> 0;
  assertEquals((await bench.io(WRITE, { ...TAGS, cdw12, out: DATA })).status, OK);
  const stripped = await bench.io(READ, { ...TAGS, cdw12, length: 1024, metadataLength: 16 });
  assertEquals(stripped.data, DATA);
  assertEquals(stripped.metadata, new Uint8Array(16));
  const whole = await bench.io(READ, { ...TAGS, cdw12: 1, length: 1024, metadataLength: 16 });
  assertEquals(
    whole.metadata,
    Uint8Array.from([
      ...tuple(crc16(DATA.slice(0, 512)), 0xabcd, 7),
      ...tuple(crc16(DATA.slice(512)), 0xabcd, 8),
    ]),
  );
});

Deno.test("Protection information travels with the block where metadata does", async () => {
  const bench = protectedDrive({ protection: 1, metadataInline: true });
  const block = Uint8Array.from([
    ...DATA.slice(0, 512),
    ...tuple(crc16(DATA.slice(0, 512)), 1, 7),
  ]);
  assertEquals((await bench.io(WRITE, { ...TAGS, cdw12: GUARD, out: block })).status, OK);
  assertEquals((await bench.io(READ, { ...TAGS, length: 520 })).data, block);
  const stripped = await bench.io(READ, { ...TAGS, cdw12: PRACT, length: 520 });
  assertEquals(stripped.data.slice(0, 512), DATA.slice(0, 512));
  assertEquals(stripped.data.slice(512), new Uint8Array(8));
});

Deno.test("Write refuses protection information that is wrong, by guard and by tag", async () => {
  const bench = protectedDrive({ protection: 1 });
  const good = crc16(DATA.slice(0, 512));
  const write = async (cdw12: number, outMetadata: Uint8Array): Promise<string> =>
    (await bench.io(WRITE, { ...TAGS, cdw12, out: DATA.slice(0, 512), outMetadata })).status;
  assertEquals(await write(GUARD, tuple(good ^ 1, 0, 0)), GUARD_ERROR);
  assertEquals((await bench.lastError()).lba, 7n);
  assertEquals(await write(APPLICATION, tuple(good, 0xabcc, 7)), APPLICATION_ERROR);
  assertEquals(await write(REFERENCE, tuple(good, 0xabcd, 8)), REFERENCE_ERROR);
  assertEquals(await write(GUARD | APPLICATION | REFERENCE, tuple(good, 0xabcd, 7)), OK);
  assertEquals(await write(GUARD | REFERENCE, tuple(0, 0xffff, 0)), OK);
});

Deno.test("The application tag is compared under its mask", async () => {
  const bench = protectedDrive({ protection: 2 });
  const outMetadata = tuple(0, 0x12cd, 0);
  const write = async (cdw15: number): Promise<string> =>
    (await bench.io(WRITE, {
      nsid: 1,
      cdw12: APPLICATION,
      cdw15,
      out: DATA.slice(0, 512),
      outMetadata,
    })).status;
  assertEquals(await write(0x00ff_abcd), OK);
  assertEquals(await write(0xff00_abcd), APPLICATION_ERROR);
});

Deno.test("Type 1 ties the reference tag to the block, type 3 has none to check", async () => {
  const one = protectedDrive({ protection: 1 });
  const wrong = { nsid: 1, cdw10: 7, cdw12: (PRACT | REFERENCE) >>> 0, cdw14: 8 };
  await one.refuses("io", WRITE, wrong, { status: INVALID_PROTECTION, byte: 56 });
  const two = protectedDrive({ protection: 2 });
  assertEquals((await two.io(WRITE, { ...wrong, out: DATA.slice(0, 512) })).status, OK);
  const three = protectedDrive({ protection: 3 });
  await three.refuses("io", READ, wrong, { status: INVALID_PROTECTION, byte: 56 });
});

Deno.test("The reference tag stays the same with type 3", async () => {
  const bench = protectedDrive({ protection: 3 });
  await bench.io(WRITE, { ...TAGS, cdw12: (PRACT | 1) >>> 0, out: DATA });
  const { metadata } = await bench.io(READ, { ...TAGS, cdw12: 1, metadataLength: 16 });
  assertEquals([metadata[7], metadata[15]], [7, 7]);
});

Deno.test("The guard covers the metadata in front of the protection information", async () => {
  const bench = protectedDrive({ protection: 1, metadataBytes: 16 });
  const data = DATA.slice(0, 512);
  const front = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const outMetadata = Uint8Array.from([...front, ...tuple(0, 0, 0)]);
  await bench.io(WRITE, { ...TAGS, cdw12: PRACT, out: data, outMetadata });
  const { metadata } = await bench.io(READ, { ...TAGS, cdw12: GUARD, metadataLength: 16 });
  assertEquals(metadata.slice(0, 8), front);
  assertEquals(metadata.slice(8), tuple(crc16(front, crc16(data)), 0xabcd, 7));
  const first = protectedDrive({ protection: 1, metadataBytes: 16, protectionFirst: true });
  await first.io(WRITE, { ...TAGS, cdw12: PRACT, out: data, outMetadata });
  const other = await first.io(READ, { ...TAGS, cdw12: GUARD, metadataLength: 16 });
  assertEquals(other.metadata.slice(0, 8), tuple(crc16(data), 0xabcd, 7));
});

Deno.test("Blocks that were never written pass every check", async () => {
  const bench = protectedDrive({ protection: 1 });
  const cdw12 = (GUARD | APPLICATION | REFERENCE) >>> 0;
  const { status, metadata } = await bench.io(READ, { ...TAGS, cdw12, metadataLength: 8 });
  assertEquals([status, metadata], [OK, new Uint8Array(8).fill(0xff)]);
});

Deno.test("Verify and Write Zeroes mind protection information over long ranges", async () => {
  const bench = protectedDrive({ protection: 1 });
  const zeroes = { nsid: 1, cdw12: (PRACT | 999) >>> 0 };
  assertEquals((await bench.io(0x08, zeroes)).status, OK);
  const verify = { nsid: 1, cdw12: (GUARD | REFERENCE | 999) >>> 0 };
  assertEquals((await bench.io(0x0c, verify)).status, OK);
  const wrong = new Uint8Array(8);
  await bench.io(WRITE, { nsid: 1, cdw10: 700, out: DATA.slice(0, 512), outMetadata: wrong });
  assertEquals((await bench.io(0x0c, verify)).status, GUARD_ERROR);
  assertEquals((await bench.lastError()).lba, 700n);
  await bench.refuses("io", 0x08, { nsid: 1, cdw12: GUARD }, {
    status: INVALID_PROTECTION,
    byte: 51,
    bit: 2,
  });
});
