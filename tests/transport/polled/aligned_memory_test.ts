// Memory at multiples of pages larger than those of the seam.

import { assert, assertEquals } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { alignedMemory, wordsOf } from "../../../src/transport/polled/aligned_memory.ts";

Deno.test("memory begins at the page asked for, and is all within what was allocated", () => {
  for (const alignment of [4096, 8192, 65536]) {
    const host = new HostMemory();
    // Something before it, so that addresses are not round by accident.
    using _other = host.allocate(4096);
    using memory = alignedMemory(host, 5000, alignment);
    assertEquals(memory.iova % BigInt(alignment), 0n);
    assert(memory.bytes.length >= 5000);
    const seen = host.at(memory.iova, 5000);
    assert(seen);
    memory.bytes[4999] = 7;
    assertEquals(seen[4999], 7);
  }
});

Deno.test("memory is given back whole", () => {
  const host = new HostMemory();
  const memory = alignedMemory(host, 4096, 65536);
  memory[Symbol.dispose]();
  assertEquals(host.at(memory.iova, 4), undefined);
});

Deno.test("wordsOf() shows the same bytes", () => {
  const bytes = new Uint8Array(new ArrayBuffer(64), 16, 16);
  const words = wordsOf({ bytes });
  words[1] = 0x04030201;
  assertEquals(words.length, 4);
  assertEquals([...bytes.subarray(4, 8)], [1, 2, 3, 4]);
});
