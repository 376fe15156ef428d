// Tests of the sparse map of blocks.

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { StorageFailure } from "../../../src/drive/media/block_store.ts";
import { MemoryBudget } from "../../../src/drive/media/memory_budget.ts";
import { memoryStorage, MemoryStore } from "../../../src/drive/media/memory_store.ts";

function filled(length: number, start = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at + start) % 251 + 1);
}

Deno.test("MemoryStore reads zeros where nothing was written", () => {
  const media = new MemoryStore({ blockBytes: 512, metadataBytes: 8 });
  const { data, metadata } = media.read(123_456_789, 3);
  assertEquals([data.length, metadata.length], [1536, 24]);
  assert(data.every((byte) => byte === 0) && metadata.every((byte) => byte === 0));
  assertEquals(media.residentBytes, 0);
});

Deno.test("MemoryStore gives back what was written across chunks, data and metadata", () => {
  const media = new MemoryStore({ blockBytes: 4096, metadataBytes: 8 });
  const blocks = { data: filled(20 * 4096), metadata: filled(20 * 8, 7) };
  media.write(10, 20, blocks);
  assertEquals(media.read(10, 20), blocks);
  assertEquals(media.allocatedBlocks, 20);
  assertEquals([media.isAllocated(9), media.isAllocated(10), media.isAllocated(30)], [
    false,
    true,
    false,
  ]);
});

Deno.test("MemoryStore.deallocate() forgets whole chunks and parts of them", () => {
  const media = new MemoryStore({ blockBytes: 512, metadataBytes: 0 });
  media.write(0, 256, { data: filled(256 * 512), metadata: new Uint8Array(0) });
  const full = media.residentBytes;
  media.deallocate(0, 130);
  assertLess(media.residentBytes, full);
  assertEquals(media.allocatedBlocks, 126);
  assert(media.read(0, 130).data.every((byte) => byte === 0));
  assertEquals(media.read(130, 126).data, filled(256 * 512).slice(130 * 512));
  media.deallocate(0, 256);
  assertEquals([media.residentBytes, media.allocatedBlocks], [0, 0]);
});

Deno.test("MemoryStore.deallocate() of a terabyte costs what is stored, not what could be", () => {
  const media = new MemoryStore({ blockBytes: 512, metadataBytes: 0 });
  media.write(1_000_000_007, 1, { data: filled(512), metadata: new Uint8Array(0) });
  const before = performance.now();
  for (let round = 0; round < 256; round++) media.deallocate(0, 2 ** 31);
  assertLess(performance.now() - before, 1000);
  assertEquals(media.allocatedBlocks, 0);
});

Deno.test("MemoryStore.zero() allocates blocks without keeping their bytes", () => {
  const media = new MemoryStore({ blockBytes: 4096, metadataBytes: 8 });
  media.write(3, 1, { data: filled(4096), metadata: filled(8) });
  media.zero(0, 65_536);
  assertEquals(media.allocatedBlocks, 65_536);
  assertLess(media.residentBytes, 16_384);
  assert(media.read(0, 16).data.every((byte) => byte === 0));
  media.zero(65_540, 2);
  assert(media.read(65_540, 2).metadata.every((byte) => byte === 0));
});

Deno.test("MemoryStore.zero() of a whole chunk leaves no metadata behind", () => {
  const media = new MemoryStore({ blockBytes: 4096, metadataBytes: 8 });
  media.write(0, 16, { data: filled(65_536), metadata: filled(128) });
  media.zero(0, 16);
  const { data, metadata } = media.read(0, 16);
  assert(data.every((byte) => byte === 0) && metadata.every((byte) => byte === 0));
  assertEquals(media.allocatedBlocks, 16);
});

Deno.test("MemoryStore forgets the damage of blocks that are written, zeroed or deallocated", () => {
  const store = new MemoryStore({ blockBytes: 512, metadataBytes: 0 });
  store.damage(10, 4, "written");
  store.write(10, 1, { data: filled(512), metadata: new Uint8Array(0) });
  store.zero(11, 1);
  store.deallocate(12, 1);
  assertEquals(store.damaged(0, 100), [{ lba: 13, count: 1, damage: "written" }]);
});

Deno.test("memoryStorage() gives every namespace a store of its own, empty when made anew", () => {
  const storage = memoryStorage();
  const geometry = { blockBytes: 512, metadataBytes: 0 };
  const store = storage.open(1, geometry);
  store.write(0, 1, { data: filled(512), metadata: new Uint8Array(0) });
  const [anew] = storage.create([{ nsid: 1, geometry }]);
  assertEquals([store.allocatedBlocks, anew?.allocatedBlocks], [1, 0]);
});

Deno.test("Stores with a budget take no more memory than there is, and give back what they had", () => {
  const budget = new MemoryBudget(130_000);
  const geometry = { blockBytes: 512, metadataBytes: 8 };
  const [one, other] = [new MemoryStore(geometry, budget), new MemoryStore(geometry, budget)];
  const block = { data: filled(512), metadata: new Uint8Array(8) };
  let written = 0;
  assertThrows(() => {
    for (; written < 100; written++) one.write(written * 128, 1, block);
  }, StorageFailure);
  assertEquals(written, 14);
  assertThrows(() => other.write(0, 1, block), StorageFailure);
  assertEquals([other.isAllocated(0), one.allocatedBlocks], [false, 14]);
  // What has memory already takes no more of it.
  one.write(1, 15, { data: filled(15 * 512), metadata: new Uint8Array(15 * 8) });
  one.deallocate(0, 128);
  other.write(0, 1, block);
  one.close();
  other.close();
  assertEquals(budget.used, 0);
});

Deno.test("Blocks written here and there take about twice their room, not that of neighbours", () => {
  const budget = new MemoryBudget(Infinity);
  const store = new MemoryStore({ blockBytes: 4096, metadataBytes: 0 }, budget);
  const block = { data: filled(4096), metadata: new Uint8Array(0) };
  for (let at = 0; at < 1000; at++) store.write(at * 7919, 1, block);
  assertLess(budget.used, 2.5 * 1000 * 4096);
  assertLess(store.residentBytes, 2.5 * 1000 * 4096);
  assertEquals([store.allocatedBlocks, store.read(7919, 1).data], [1000, block.data]);
});

Deno.test("A write that memory ends stores and allocates the same blocks", () => {
  const store = new MemoryStore({ blockBytes: 4096, metadataBytes: 0 }, new MemoryBudget(30_000));
  const data = filled(16 * 4096);
  assertThrows(() => store.write(0, 16, { data, metadata: new Uint8Array(0) }), StorageFailure);
  const stored = store.allocatedBlocks;
  assertEquals(stored, 6);
  assertEquals([store.isAllocated(stored - 1), store.isAllocated(stored)], [true, false]);
  const expected = new Uint8Array(data.length);
  expected.set(data.subarray(0, stored * 4096));
  assertEquals(store.read(0, 16).data, expected);
});

Deno.test("Zeroed blocks and damage count against a budget, too", () => {
  const budget = new MemoryBudget(100_000);
  const store = new MemoryStore({ blockBytes: 512, metadataBytes: 0 }, budget);
  assertThrows(() => store.zero(0, 128 * 1000), StorageFailure);
  store.deallocate(0, 128 * 1000);
  assertEquals(budget.used, 0);
  assertThrows(() => {
    for (let lba = 0; lba < 4000; lba += 2) store.damage(lba, 2, lba % 4 ? "written" : "latent");
  }, StorageFailure);
  const full = budget.used;
  store.heal(0, 4000);
  assert(budget.used > 0 && budget.used <= full / 2 + 1000, "what the host did stays");
  store.deallocate(0, 4000);
  assertEquals(budget.used, 0);
});
