// Tests of what a namespace stores: the media and the cache over them.

import { assertEquals } from "@std/assert";
import { Media } from "../../../src/drive/media/media.ts";
import { MemoryStore } from "../../../src/drive/media/memory_store.ts";
import { WriteCache } from "../../../src/drive/media/write_cache.ts";

function media(): Media {
  const store = new MemoryStore({ blockBytes: 512, metadataBytes: 0 });
  return new Media(store, new WriteCache(1 << 20));
}

function block(value: number): { data: Uint8Array; metadata: Uint8Array } {
  return { data: new Uint8Array(512).fill(value), metadata: new Uint8Array(0) };
}

function valueAt(of: Media, lba: number): number | undefined {
  return of.read(lba, 1).data[0];
}

Deno.test("Media loses with the power what only waited in the cache", () => {
  const own = media();
  own.write(1, 1, block(1));
  own.write(1, 1, block(2), "cached");
  own.write(2, 1, block(2), "cached");
  assertEquals([valueAt(own, 1), own.allocatedBlocks], [2, 2]);
  own.losePower(() => false);
  assertEquals([valueAt(own, 1), valueAt(own, 2), own.allocatedBlocks], [1, 0, 1]);
});

Deno.test("Media keeps of the cache what survives the loss of power, whole blocks", () => {
  const own = media();
  for (const lba of [1, 2, 3]) own.write(lba, 1, block(lba), "cached");
  own.losePower((lba) => lba === 2);
  assertEquals([1, 2, 3].map((lba) => valueAt(own, lba)), [0, 2, 0]);
  assertEquals(own.isDirty, false);
});

Deno.test("Media keeps zeroes, deallocation and damage at once, over what waits", () => {
  const own = media();
  for (const lba of [1, 2, 3, 4]) own.write(lba, 1, block(lba), "cached");
  own.zero(1, 1);
  own.deallocate(2, 1);
  own.damage(3, 1, "written");
  own.flush();
  assertEquals([1, 2, 4].map((lba) => valueAt(own, lba)), [0, 0, 4]);
  assertEquals([1, 2].map((lba) => own.isAllocated(lba)), [true, false]);
  assertEquals(own.damaged(0, 10), [{ lba: 3, count: 1, damage: "written" }]);
});

Deno.test("Media reads a damaged block again once something new waits for it", () => {
  const own = media();
  own.damage(10, 5, "found");
  own.write(12, 1, block(1), "cached");
  assertEquals(own.damaged(0, 100), [
    { lba: 10, count: 2, damage: "found" },
    { lba: 13, count: 2, damage: "found" },
  ]);
  own.losePower(() => false);
  assertEquals(own.damaged(0, 100), [{ lba: 10, count: 5, damage: "found" }]);
});

Deno.test("Media.discover() makes latent damage known and leaves the host's alone", () => {
  const own = media();
  own.damage(0, 4, "latent");
  own.damage(4, 2, "written");
  own.discover(2, 10);
  assertEquals(own.damaged(0, 10), [
    { lba: 0, count: 2, damage: "latent" },
    { lba: 2, count: 2, damage: "found" },
    { lba: 4, count: 2, damage: "written" },
  ]);
});
