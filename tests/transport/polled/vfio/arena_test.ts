// The drive's memory: first fit, zeroed, joined again, and clear about being full.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UnreachableError } from "../../../../src/errors.ts";
import { Arena } from "../../../../src/transport/polled/vfio/arena.ts";

const PAGE = 4096;
const IOVA = 0x1_0000_0000n;

function arenaOf(pages: number, pageBytes = PAGE): { arena: Arena; buffer: ArrayBuffer } {
  const buffer = new ArrayBuffer(pages * pageBytes);
  const memory = { buffer, address: 0n, [Symbol.dispose]() {} };
  return { arena: new Arena({ memory, iova: IOVA, pageBytes }), buffer };
}

Deno.test("Arena.allocate() gives whole pages that the drive sees where they lie", () => {
  const { arena, buffer } = arenaOf(8);
  const first = arena.allocate(1);
  const second = arena.allocate(PAGE + 1);
  assertEquals([first.bytes.length, first.iova], [PAGE, IOVA]);
  assertEquals([second.bytes.length, second.iova], [2 * PAGE, IOVA + 4096n]);
  second.bytes[0] = 7;
  assertEquals(new Uint8Array(buffer)[PAGE], 7);
  assertEquals(arena.freeBytes, 5 * PAGE);
});

Deno.test("Arena.allocate() gives a page even for nothing, and refuses what is no length", () => {
  const { arena } = arenaOf(2);
  assertEquals(arena.allocate(0).bytes.length, PAGE);
  for (const wrong of [-1, 1.5, Number.NaN, Infinity]) {
    assertThrows(() => arena.allocate(wrong), RangeError);
  }
});

Deno.test("Arena.allocate() zeroes memory that was used before", () => {
  const { arena } = arenaOf(1);
  const used = arena.allocate(PAGE);
  used.bytes.fill(0xa5);
  used[Symbol.dispose]();
  assert(arena.allocate(PAGE).bytes.every((byte) => byte === 0));
});

Deno.test("Arena gives the first piece that is large enough", () => {
  const { arena } = arenaOf(8);
  const held = Array.from({ length: 8 }, () => arena.allocate(PAGE));
  for (const at of [1, 4, 5]) held[at]?.[Symbol.dispose]();
  assertEquals(arena.allocate(2 * PAGE).iova, IOVA + 4n * 4096n);
  assertEquals(arena.allocate(PAGE).iova, IOVA + 4096n);
});

Deno.test("Arena joins pieces with their neighbours in whatever order they come back", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1]]) {
    const { arena } = arenaOf(3);
    const held = Array.from({ length: 3 }, () => arena.allocate(PAGE));
    for (const at of order) held[at]?.[Symbol.dispose]();
    assertEquals(arena.allocate(3 * PAGE).iova, IOVA, `${order}`);
  }
});

Deno.test("Arena takes memory back once, however often it is disposed of", () => {
  const { arena } = arenaOf(2);
  const first = arena.allocate(PAGE);
  first[Symbol.dispose]();
  const again = arena.allocate(PAGE);
  first[Symbol.dispose]();
  assertEquals(arena.freeBytes, PAGE);
  assertEquals(arena.allocate(PAGE).iova, again.iova + 4096n);
});

Deno.test("Arena says how much it has left when it is full", () => {
  const { arena } = arenaOf(4);
  const held = Array.from({ length: 4 }, () => arena.allocate(PAGE));
  held[0]?.[Symbol.dispose]();
  held[2]?.[Symbol.dispose]();
  const error = assertThrows(() => arena.allocate(2 * PAGE), UnreachableError);
  assertEquals(
    error.message,
    "Cannot give the drive 8 KiB of memory: of 16 KiB mapped for it, 8 KiB are free, 4 KiB in one piece",
  );
  assertEquals(error.next, "transfer less at a time, or use a smaller --queue-depth");
});

Deno.test("Arena counts in pages of the host where those are larger", () => {
  const { arena } = arenaOf(3, 65536);
  const [first, second] = [arena.allocate(4096), arena.allocate(8192)];
  assertEquals([first.bytes.length, second.bytes.length], [4096, 8192]);
  assertEquals(second.iova, IOVA + 65536n);
});

Deno.test("Arena never gives two owners one byte, over many turns", () => {
  const { arena } = arenaOf(64);
  // A fixed sequence: what matters is that it mixes sizes and order.
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % below;
  };
  const held: { iova: bigint; bytes: Uint8Array; [Symbol.dispose](): void }[] = [];
  for (let turn = 0; turn < 2000; turn++) {
    if (held.length > 0 && next(2) === 0) {
      held.splice(next(held.length), 1)[0]?.[Symbol.dispose]();
    } else {
      try {
        const memory = arena.allocate(PAGE * (1 + next(6)));
        const end = memory.iova + BigInt(memory.bytes.length);
        for (const other of held) {
          const otherEnd = other.iova + BigInt(other.bytes.length);
          assert(end <= other.iova || otherEnd <= memory.iova);
        }
        held.push(memory);
      } catch (error) {
        assert(error instanceof UnreachableError);
      }
    }
  }
  for (const memory of held) memory[Symbol.dispose]();
  assertEquals(arena.allocate(64 * PAGE).iova, IOVA);
});
