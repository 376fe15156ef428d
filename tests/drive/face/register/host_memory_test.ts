// Which addresses the drive reaches.

import { assertEquals } from "@std/assert";
import { HostMemory } from "../../../../src/drive/face/register/host_memory.ts";

Deno.test("memory that overlaps the end of an allocation is not there", () => {
  const memory = new HostMemory();
  const first = memory.allocate(1);
  const second = memory.allocate(5000);
  assertEquals([first.bytes.length, second.bytes.length], [4096, 8192]);
  assertEquals(memory.at(first.iova, 4096)?.length, 4096);
  assertEquals(memory.at(first.iova, 4097), undefined);
  assertEquals(memory.at(first.iova - 1n, 2), undefined);
  assertEquals(memory.at(second.iova + 8191n, 1)?.byteOffset, 8191);
  const window = new Uint8Array(4096).fill(7);
  memory.setWindow(first.iova, window);
  assertEquals(memory.at(first.iova + 1n, 1), Uint8Array.of(7));
  memory.setWindow(0n, undefined);
  assertEquals(memory.at(first.iova + 1n, 1), Uint8Array.of(0));
  first[Symbol.dispose]();
  assertEquals(memory.at(first.iova, 1), undefined);
  assertEquals(memory.at(second.iova, 1)?.length, 1);
});
