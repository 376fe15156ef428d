// Tests of the namespaces of a drive: they come, change and go with what they store.

import { assertEquals, assertThrows } from "@std/assert";
import { NamespaceStore } from "../../src/drive/namespace.ts";
import { initialState } from "../../src/drive/state.ts";
import { personality } from "./bench.ts";

function store(): NamespaceStore {
  const kind = personality("namespaces");
  return new NamespaceStore(initialState(kind, { now: 0, seed: 1 }), kind);
}

function block(blockBytes: number) {
  return { data: new Uint8Array(blockBytes).fill(1), metadata: new Uint8Array(0) };
}

Deno.test("NamespaceStore.create() adds an empty namespace to the state, remove() takes it", () => {
  const own = store();
  const [first] = own.state.namespaces;
  if (!first) throw new Error("Cannot copy a namespace: there is none");
  const created = own.create({ ...first, nsid: 7 });
  created.media.write(0, 1, block(512));
  assertEquals(own.find(7)?.media.allocatedBlocks, 1);
  assertEquals(own.state.namespaces.map(({ nsid }) => nsid), [1, 2, 3, 4, 5, 9, 7]);
  assertEquals(own.allocated().map(({ nsid }) => nsid), [1, 2, 3, 4, 5, 7, 9]);
  assertThrows(() => own.create({ ...first, nsid: 7 }), Error, "exists already");
  own.remove(7);
  assertEquals([own.find(7), own.state.namespaces.length], [undefined, 6]);
  assertEquals(own.create({ ...first, nsid: 7 }).media.allocatedBlocks, 0);
});

Deno.test("NamespaceStore.reformat() and remove() drop what waits in the cache", () => {
  const own = store();
  const media = own.find(1)?.media;
  media?.write(5, 1, block(512), "cached");
  own.reformat(
    new Map([
      [1, { format: 6, metadataInline: false, protection: 0, protectionFirst: false }],
    ]),
  );
  own.flush();
  assertEquals([own.find(1)?.blockBytes, own.find(1)?.media.allocatedBlocks], [4096, 0]);
  assertEquals([media?.isDirty, media?.allocatedBlocks], [false, 0]);
});

Deno.test("NamespaceStore.losePower() counts the blocks that are lost, of all namespaces", () => {
  const own = store();
  own.find(1)?.media.write(0, 1, block(512), "cached");
  own.find(2)?.media.write(0, 1, block(4096), "cached");
  own.find(2)?.media.write(9, 1, block(4096), "cached");
  assertEquals(own.losePower(() => false), 3);
  assertEquals(own.losePower(() => false), 0);
});
