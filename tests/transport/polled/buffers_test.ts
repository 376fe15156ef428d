// Memory for commands: whole pages, whose they are, and when they are given back.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { AssertionFailure } from "../../../src/errors.ts";
import { allocateBuffer, ownBuffer } from "../../../src/transport/polled/buffers.ts";

const OWNER = {};

Deno.test("a buffer has the length that was asked for, in zeroed whole pages and one behind them", () => {
  const dma = new HostMemory();
  for (const [length, pages] of [[0, 2], [1, 2], [4096, 2], [4097, 3], [65_536, 17]] as const) {
    const buffer = allocateBuffer(dma, length, OWNER);
    assertEquals([buffer.bytes.length, buffer.length], [length, length]);
    assertEquals(buffer.address % 4096, 0);
    assert(buffer.bytes.every((byte) => byte === 0));
    assert(dma.at(BigInt(buffer.address), pages * 4096));
    assertEquals(dma.at(BigInt(buffer.address), pages * 4096 + 1), undefined);
  }
});

Deno.test("a buffer that is disposed of is free at once, or when its last command is over", () => {
  const dma = new HostMemory();
  const buffer = allocateBuffer(dma, 8, OWNER);
  const reachable = (): boolean => dma.at(BigInt(buffer.address), 8) !== undefined;
  buffer.hold();
  buffer.hold();
  buffer[Symbol.dispose]();
  assertEquals([buffer.live, reachable()], [false, true]);
  buffer.release();
  assertEquals(reachable(), true);
  buffer.release();
  assertEquals(reachable(), false);
  // A second time does nothing.
  buffer[Symbol.dispose]();
  const other = allocateBuffer(dma, 8, OWNER);
  other[Symbol.dispose]();
  assertEquals(dma.at(BigInt(other.address), 8), undefined);
});

Deno.test("a buffer means something to its drive only, and until its disposal", () => {
  const dma = new HostMemory();
  const buffer = allocateBuffer(dma, 8, OWNER);
  assertEquals(ownBuffer(buffer, OWNER), buffer);
  assertEquals(ownBuffer(undefined, OWNER), undefined);
  assertEquals(ownBuffer(allocateBuffer(dma, 0, OWNER), OWNER), undefined);
  assertThrows(() => ownBuffer(buffer, {}), AssertionFailure, "another drive");
  const foreign = { bytes: new Uint8Array(8), [Symbol.dispose]() {} };
  assertThrows(() => ownBuffer(foreign, OWNER), AssertionFailure, "another transport");
  buffer[Symbol.dispose]();
  assertThrows(() => ownBuffer(buffer, OWNER), AssertionFailure, "after its disposal");
});
