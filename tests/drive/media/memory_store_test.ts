// Tests of the sparse map of blocks.

import { assert, assertEquals, assertLess } from "@std/assert";
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
  assertEquals([store.allocatedBlocks, storage.create(1, geometry).allocatedBlocks], [1, 0]);
});
