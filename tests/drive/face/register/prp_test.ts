// Which memory PRP entries stand for, and which entries are refused.

import { assertEquals } from "@std/assert";
import { HostMemory } from "../../../../src/drive/face/register/host_memory.ts";
import { prpRegions } from "../../../../src/drive/face/register/prp.ts";
import { Refusal } from "../../../../src/drive/refusal.ts";
import type { DmaMemory } from "../../../../src/transport/polled/backing.ts";

const PAGE = 4096;

/** The name of the status that an action is refused with. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Refusal) return error.status.name;
    throw error;
  }
  return "no refusal";
}

/** Where each region begins within the buffer, and how long it is. */
function places(regions: readonly Uint8Array[]): readonly (readonly number[])[] {
  return regions.map((region) => [region.byteOffset, region.length]);
}

function listOf(memory: HostMemory, entries: readonly bigint[]): DmaMemory {
  const list = memory.allocate(PAGE);
  const view = new DataView(list.bytes.buffer);
  for (const [at, entry] of entries.entries()) view.setBigUint64(8 * at, entry, true);
  return list;
}

Deno.test("prpRegions() takes one page, two pages, or a list of them", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4 * PAGE);
  const take = (prp1: bigint, prp2: bigint, length: number): readonly (readonly number[])[] =>
    places(prpRegions(memory, { prp1, prp2, pageBytes: PAGE }, length));
  assertEquals(take(iova, 0n, 0), []);
  assertEquals(take(0n, 0n, 0), []);
  assertEquals(take(iova, 0n, 512), [[0, 512]]);
  assertEquals(take(iova + 4n, 0n, 4092), [[4, 4092]]);
  assertEquals(take(iova + 4n, iova + 8192n, 4093), [[4, 4092], [8192, 1]]);
  assertEquals(take(iova, iova + 4096n, 8192), [[0, 4096], [4096, 4096]]);
  const list = listOf(memory, [iova + 12288n, iova + 4096n]);
  assertEquals(take(iova, list.iova, 8193), [[0, 4096], [12288, 4096], [4096, 1]]);
});

Deno.test("prpRegions() follows the last entry of a list page only where more is needed", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(PAGE);
  const last = listOf(memory, [iova, iova]);
  // A list that begins with the last but one entry of its page: one entry, and the way on.
  const first = listOf(memory, []);
  const view = new DataView(first.bytes.buffer);
  view.setBigUint64(PAGE - 16, iova, true);
  view.setBigUint64(PAGE - 8, last.iova, true);
  const pointer = { prp1: iova, prp2: first.iova + BigInt(PAGE - 16), pageBytes: PAGE };
  assertEquals(prpRegions(memory, pointer, 4 * PAGE).length, 4);
  // With two pages the last entry is one of data.
  view.setBigUint64(PAGE - 8, iova, true);
  assertEquals(prpRegions(memory, pointer, 3 * PAGE).length, 3);
});

Deno.test("prpRegions() refuses offsets where there must be none", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(4 * PAGE);
  const refused = (prp1: bigint, prp2: bigint, length: number): string =>
    refusal(() => prpRegions(memory, { prp1, prp2, pageBytes: PAGE }, length));
  assertEquals(refused(iova + 2n, 0n, 512), "PRP Offset Invalid");
  assertEquals(refused(iova, iova + 4n, 8192), "PRP Offset Invalid");
  const crooked = listOf(memory, [iova + 4n, iova]);
  assertEquals(refused(iova, crooked.iova, 3 * PAGE), "PRP Offset Invalid");
  assertEquals(refused(iova, crooked.iova + 4n, 3 * PAGE), "PRP Offset Invalid");
  // A list that leads into the middle of a page, or to itself.
  const loop = memory.allocate(PAGE);
  const self = loop.iova + BigInt(PAGE - 8);
  new DataView(loop.bytes.buffer).setBigUint64(PAGE - 8, self, true);
  assertEquals(refused(iova, self, 3 * PAGE), "PRP Offset Invalid");
});

Deno.test("prpRegions() refuses memory that is not the drive's to reach", () => {
  const memory = new HostMemory();
  const { iova } = memory.allocate(2 * PAGE);
  const refused = (prp1: bigint, prp2: bigint, length: number): string =>
    refusal(() => prpRegions(memory, { prp1, prp2, pageBytes: PAGE }, length));
  assertEquals(refused(0n, 0n, 4), "Data Transfer Error");
  assertEquals(refused(iova + 8192n, 0n, 4), "Data Transfer Error");
  assertEquals(refused(iova, 0n, 8192), "Data Transfer Error");
  assertEquals(refused(iova, 0n, 12288), "Data Transfer Error");
  assertEquals(refused(iova, listOf(memory, [iova]).iova, 12288), "Data Transfer Error");
});
