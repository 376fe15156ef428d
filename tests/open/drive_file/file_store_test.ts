// Tests of the blocks of a namespace in files: the same as in memory, and still there afterwards.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Blocks, StorageFailure } from "../../../src/drive/media/block_store.ts";
import { MemoryStore } from "../../../src/drive/media/memory_store.ts";
import { FileStore } from "../../../src/open/drive_file/file_store.ts";
import { MemoryDisk } from "../../support/memory_disk.ts";

const GEOMETRY = { blockBytes: 512, metadataBytes: 8 };

function open(disk: MemoryDisk, failed: (error: unknown) => void = () => {}): FileStore {
  return new FileStore({ disk, path: "d/1.0", geometry: GEOMETRY, failed, changed: () => {} });
}

function blocks(count: number, value: number): Blocks {
  return {
    data: new Uint8Array(count * 512).fill(value),
    metadata: new Uint8Array(count * 8).fill(value),
  };
}

Deno.test("FileStore does what MemoryStore does, whatever comes, and finds it again", () => {
  const disk = new MemoryDisk();
  let store = open(disk);
  const twin = new MemoryStore(GEOMETRY);
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let step = 0; step < 400; step++) {
    const lba = random(40) * (random(2) === 0 ? 1 : 40_000);
    const count = 1 + random(12);
    const value = 1 + random(250);
    const kind = random(5);
    for (const one of [store, twin]) {
      if (kind < 2) one.write(lba, count, blocks(count, value));
      else if (kind === 2) one.zero(lba, count);
      else if (kind === 3) one.deallocate(lba, count * 1000);
      else one.damage(lba, count, "written");
    }
    if (step % 50 === 0) {
      store.close();
      store = open(disk);
    }
    assertEquals(store.read(lba, count), twin.read(lba, count));
    assertEquals(store.isAllocated(lba), twin.isAllocated(lba));
    assertEquals(store.allocatedBlocks, twin.allocatedBlocks);
    assertEquals(store.damaged(0, 2 ** 32), twin.damaged(0, 2 ** 32));
  }
});

Deno.test("FileStore reads zeros for a block whose bytes came and whose bit did not", () => {
  const disk = new MemoryDisk();
  const store = open(disk);
  store.write(0, 2, blocks(2, 5));
  // What a process leaves that is killed between the two.
  disk.files.get("d/1.0.map")?.write(Uint8Array.of(1), 0);
  const again = open(disk);
  assertEquals([again.read(0, 1).data[0], again.read(1, 1).data[0]], [5, 0]);
  again.zero(1, 1);
  assertEquals(again.read(1, 1).data[0], 0);
});

Deno.test("FileStore.deallocate() of a terabyte looks at what there is only", () => {
  const store = open(new MemoryDisk());
  store.write(2 ** 31 - 1, 1, blocks(1, 3));
  const before = performance.now();
  store.deallocate(0, 2 ** 31);
  assert(performance.now() - before < 2000);
  assertEquals(store.allocatedBlocks, 0);
});

Deno.test("FileStore forces to the disk what was written, once", () => {
  const disk = new MemoryDisk();
  const store = open(disk);
  store.flush();
  assertEquals(disk.synced, 0);
  store.write(0, 1, blocks(1, 1));
  store.flush();
  store.flush();
  assertEquals(disk.synced, 3);
});

Deno.test("FileStore tells of a disk that takes no more, as a storage failure", () => {
  const disk = new MemoryDisk();
  const failures: unknown[] = [];
  const store = open(disk, (error) => failures.push(error));
  disk.error = new Error("no space left");
  assertThrows(() => store.write(0, 1, blocks(1, 1)), StorageFailure, "no space left");
  assertEquals(failures, [disk.error]);
  disk.error = undefined;
  assertEquals([store.allocatedBlocks, store.isAllocated(0)], [0, false]);
});

Deno.test("FileStore keeps what a host made unreadable, and not what a fault did", () => {
  const disk = new MemoryDisk();
  const store = open(disk);
  store.damage(0, 2, "written");
  store.damage(8, 2, "latent");
  store.damage(16, 2, "found");
  store.damage(1, 2, "latent");
  assertEquals(store.damaged(0, 100).length, 4);
  const written = [{ lba: 0, count: 2, damage: "written" }] as const;
  assertEquals(open(disk).damaged(0, 100), written);
  // As files of earlier versions have it.
  disk.texts.set("d/1.0.damage", '[{"lba": 0, "count": 1, "damage": "latent"}]');
  assertEquals(open(disk).damaged(0, 100), []);
});

Deno.test("FileStore refuses a list of damage that is none", () => {
  const disk = new MemoryDisk();
  for (const text of ["{}", "[1]", '[{"lba": 0, "count": 0, "damage": "written"}]', "["]) {
    disk.texts.set("d/1.0.damage", text);
    assertThrows(() => open(disk), SyntaxError);
  }
});
