// Tests of the volatile write cache.

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { MemoryStore } from "../../../src/drive/media/memory_store.ts";
import { NamespaceCache, WriteCache } from "../../../src/drive/media/write_cache.ts";

const GEOMETRY = { blockBytes: 512, metadataBytes: 8 };

function blocks(count: number, value: number): { data: Uint8Array; metadata: Uint8Array } {
  return {
    data: new Uint8Array(count * GEOMETRY.blockBytes).fill(value),
    metadata: new Uint8Array(count * GEOMETRY.metadataBytes).fill(value),
  };
}

function cached(limitBytes = 1 << 20): { store: MemoryStore; own: NamespaceCache } {
  const store = new MemoryStore(GEOMETRY);
  return { store, own: new NamespaceCache(new WriteCache(limitBytes), store) };
}

Deno.test("NamespaceCache lays what waits over what the media give, block by block", () => {
  const { store, own } = cached();
  store.write(0, 4, blocks(4, 1));
  own.write(1, 2, blocks(2, 2));
  const read = store.read(0, 4);
  own.overlay(0, read);
  assertEquals([0, 1, 2, 3].map((at) => read.data[at * 512]), [1, 2, 2, 1]);
  assertEquals([0, 1, 2, 3].map((at) => read.metadata[at * 8]), [1, 2, 2, 1]);
  assertEquals([0, 1, 2, 3].map((at) => own.has(at)), [false, true, true, false]);
});

Deno.test("NamespaceCache.flush() writes what waits and nothing around it", () => {
  const { store, own } = cached();
  for (const lba of [3, 4, 5, 7, 100]) own.write(lba, 1, blocks(1, lba));
  assertEquals(store.allocatedBlocks, 0);
  own.flush();
  assertEquals([store.allocatedBlocks, own.isEmpty], [5, true]);
  assertEquals([3, 4, 5, 6, 7, 100].map((lba) => store.read(lba, 1).data[0]), [3, 4, 5, 0, 7, 100]);
});

Deno.test("WriteCache writes the oldest back when it is full", () => {
  const store = new MemoryStore(GEOMETRY);
  const cache = new WriteCache(64 * 1024);
  const own = new NamespaceCache(cache, store);
  for (let lba = 0; lba < 1024; lba++) {
    own.write(lba, 1, blocks(1, 1 + lba % 250));
    assertLessOrEqual(cache.bytes, 64 * 1024);
  }
  assert(!own.has(0) && own.has(1023));
  assertEquals(store.read(0, 1).data[0], 1);
  own.flush();
  assertEquals([store.allocatedBlocks, cache.bytes], [1024, 0]);
});

Deno.test("NamespaceCache.forget() drops blocks of small and of large ranges", () => {
  const { store, own } = cached();
  own.write(0, 20, blocks(20, 1));
  own.forget(5, 2);
  assertEquals([own.has(4), own.has(5), own.has(6), own.has(7)], [true, false, false, true]);
  own.forget(8, 2 ** 40);
  assertEquals([...own.blocks()], [0, 1, 2, 3, 4, 7]);
  own.flush();
  assertEquals(store.allocatedBlocks, 6);
});

Deno.test("NamespaceCache takes blocks that are larger than its lines", () => {
  const store = new MemoryStore({ blockBytes: 65_536, metadataBytes: 0 });
  const own = new NamespaceCache(new WriteCache(1 << 20), store);
  own.write(7, 3, { data: new Uint8Array(3 * 65_536).fill(9), metadata: new Uint8Array(0) });
  own.flush();
  assertEquals([store.allocatedBlocks, store.read(9, 1).data[65_535]], [3, 9]);
});
