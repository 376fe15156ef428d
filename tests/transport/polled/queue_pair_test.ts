// The rings: what stands in memory, when doorbells are rung, and which completions are refused.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import { AssertionFailure, MalformedError } from "../../../src/errors.ts";
import { QueuePair } from "../../../src/transport/polled/queue_pair.ts";
import { scriptedDevice } from "./rig.ts";

/** A controller that is nothing but two pointers: it answers what a test tells it to. */
class Peer {
  readonly device = scriptedDevice();
  readonly pair: QueuePair;
  readonly completions: DataView;
  #phase = 1;
  #tail = 0;
  readonly got: number[][] = [];

  constructor(readonly entries: number, readonly qid = 0, readonly dstrd = 0) {
    this.pair = new QueuePair(this.device, { qid, entries, dstrd });
    const host = this.device.dma;
    assert(host instanceof HostMemory);
    const bytes = host.at(this.pair.completionIova, entries * 16);
    assert(bytes);
    this.completions = new DataView(bytes.buffer, bytes.byteOffset);
  }

  /** Posts a completion; what is left out is as it should be. */
  post(
    { cid = 0, sqhd = 0, sqid = this.qid, status = 0, phase = this.#phase, dw0 = 0, dw1 = 0 } = {},
  ): void {
    const at = this.#tail * 16;
    this.completions.setUint32(at, dw0, true);
    this.completions.setUint32(at + 4, dw1, true);
    this.completions.setUint32(at + 8, ((sqid << 16) | sqhd) >>> 0, true);
    this.completions.setUint32(at + 12, ((status << 17) | (phase << 16) | cid) >>> 0, true);
    this.#tail = (this.#tail + 1) % this.entries;
    if (this.#tail === 0) this.#phase ^= 1;
  }

  poll(most?: number): number {
    return this.pair.poll((...completion) => this.got.push(completion), most);
  }

  /** Doorbell writes since the last time: offset and value. */
  rung(): readonly (readonly number[])[] {
    return this.device.accesses.splice(0).map(([kind, offset, value]) => {
      assertEquals(kind, "write");
      return [offset, value];
    });
  }
}

Deno.test("an entry is claimed zeroed, whatever stood there", () => {
  const { pair } = new Peer(4);
  pair.words.fill(0xa5a5_a5a5);
  const at = pair.claim();
  assertEquals(at, 0);
  assertEquals([...pair.words.subarray(0, 17)], [...Array(16).fill(0), 0xa5a5_a5a5]);
  assertEquals(pair.claim(), 16);
});

Deno.test("QueuePair.ring() is one write for a batch, and none for nothing new", () => {
  const peer = new Peer(8);
  peer.pair.ring();
  for (let count = 0; count < 5; count++) peer.pair.claim();
  peer.pair.ring();
  peer.pair.ring();
  assertEquals(peer.rung(), [[0x1000, 5]]);
});

Deno.test("doorbells stand as far apart as CAP.DSTRD says", () => {
  for (let dstrd = 0; dstrd <= 4; dstrd++) {
    const peer = new Peer(4, 3, dstrd);
    peer.pair.claim();
    peer.pair.ring();
    peer.post({ sqhd: 1 });
    assertEquals(peer.poll(), 1);
    const stride = 4 << dstrd;
    assertEquals(peer.rung(), [[0x1000 + 6 * stride, 1], [0x1000 + 7 * stride, 1]]);
  }
});

Deno.test("completions come with identifier, status and both dwords, in their order", () => {
  const peer = new Peer(8);
  for (let count = 0; count < 3; count++) peer.pair.claim();
  peer.pair.ring();
  peer.post({ cid: 0xfffe, sqhd: 2, status: 0x7fff, dw0: 0xffff_ffff, dw1: 0x8000_0001 });
  peer.post({ cid: 7, sqhd: 3, status: 0x4002 });
  assertEquals(peer.poll(), 2);
  assertEquals(peer.got, [[0xfffe, 0x7fff, 0xffff_ffff, 0x8000_0001], [7, 0x4002, 0, 0]]);
  assertEquals(peer.rung(), [[0x1000, 3], [0x1004, 2]]);
  assertEquals(peer.poll(), 0);
  assertEquals(peer.rung(), []);
});

Deno.test("QueuePair.poll() takes no more than it is told to", () => {
  const peer = new Peer(8);
  for (let count = 0; count < 5; count++) peer.pair.claim();
  peer.pair.ring();
  for (let cid = 0; cid < 5; cid++) peer.post({ cid, sqhd: cid + 1 });
  assertEquals([peer.poll(2), peer.poll(2), peer.poll(2)], [2, 2, 1]);
  assertEquals(peer.got.map(([cid]) => cid), [0, 1, 2, 3, 4]);
  assertEquals(peer.rung(), [[0x1000, 5], [0x1004, 2], [0x1004, 4], [0x1004, 5]]);
});

Deno.test("there is room for all entries but one, until the controller says what it read", () => {
  const peer = new Peer(4);
  const { pair } = peer;
  assertEquals(pair.room, 3);
  for (const room of [2, 1, 0]) {
    pair.claim();
    assertEquals(pair.room, room);
  }
  assertThrows(() => pair.claim(), AssertionFailure);
  pair.ring();
  peer.post({ sqhd: 2 });
  peer.poll();
  assertEquals(pair.room, 2);
  assertEquals([pair.claim(), pair.claim()], [48, 0]);
  assertEquals(pair.room, 0);
  assertThrows(() => pair.claim(), AssertionFailure);
});

Deno.test("the phase tag flips with every round, over many rounds of any size", () => {
  for (const entries of [2, 3, 4, 16, 33]) {
    const peer = new Peer(entries, 1);
    const random = { random: entries };
    let sent = 0;
    let head = 0;
    const ready: number[] = [];
    for (let round = 0; round < 500; round++) {
      const count = Math.floor(nextRandom(random) * (peer.pair.room + 1));
      for (let one = 0; one < count; one++) {
        assertEquals(peer.pair.claim(), sent % entries * 16);
        ready.push(sent++ & 0xfff);
      }
      peer.pair.ring();
      const answered = Math.floor(nextRandom(random) * (ready.length + 1));
      for (const cid of ready.splice(0, answered)) {
        head = (head + 1) % entries;
        peer.post({ cid, sqhd: head });
      }
      assertEquals(peer.poll(), answered);
      assertEquals(peer.poll(), 0);
    }
    assertEquals(peer.got.map(([cid]) => cid), [...peer.got.keys()].map((at) => at & 0xfff));
    assert(peer.got.length > 10 * entries);
  }
});

Deno.test("a completion of another queue is named and taken out", () => {
  const peer = new Peer(8, 2);
  for (let count = 0; count < 3; count++) peer.pair.claim();
  peer.pair.ring();
  peer.rung();
  peer.post({ cid: 1, sqhd: 1 });
  peer.post({ cid: 5, sqhd: 2, sqid: 9, status: 0x0004 });
  peer.post({ cid: 3, sqhd: 3 });
  assertThrows(
    () => peer.poll(),
    MalformedError,
    "Cannot use a completion in queue 2: SQID 9, SQHD 2, CID 5, status 0004h, need SQID 2",
  );
  assertEquals(peer.got.map(([cid]) => cid), [1]);
  assertEquals(peer.rung(), [[0x1014, 2]]);
  assertEquals(peer.poll(), 1);
  assertEquals(peer.got.map(([cid]) => cid), [1, 3]);
});

Deno.test("an SQHD that the controller cannot have come to is refused", () => {
  for (const sqhd of [3, 7, 8, 0xffff]) {
    const peer = new Peer(8);
    peer.pair.claim();
    peer.pair.claim();
    peer.pair.ring();
    peer.pair.claim();
    peer.post({ sqhd });
    assertThrows(() => peer.poll(), MalformedError, `SQHD ${sqhd}`);
    assertEquals(peer.pair.room, 4);
  }
  // Nor one beyond the queue, where its end is between what was read and what was rung.
  const wrapped = new Peer(8);
  for (const claims of [6, 4]) {
    for (let count = 0; count < claims; count++) wrapped.pair.claim();
    wrapped.pair.ring();
    if (claims === 6) wrapped.post({ sqhd: 6 });
    wrapped.poll();
  }
  wrapped.post({ sqhd: 9 });
  assertThrows(() => wrapped.poll(), MalformedError, "SQHD 9");
  // Nor one behind what it said before.
  const peer = new Peer(8);
  for (let count = 0; count < 3; count++) peer.pair.claim();
  peer.pair.ring();
  peer.post({ sqhd: 3 });
  peer.post({ sqhd: 2 });
  assertThrows(() => peer.poll(), MalformedError, "need SQID 0 and an SQHD from 3 to 3");
});

Deno.test("an entry in the wrong phase is no completion, but can be named", () => {
  const peer = new Peer(2);
  assertEquals(peer.pair.misplaced(), undefined);
  peer.pair.claim();
  peer.pair.ring();
  peer.post({ cid: 4, sqhd: 1, phase: 0 });
  assertEquals(peer.poll(), 0);
  assertEquals(
    peer.pair.misplaced(),
    "entry 0 of completion queue 0 holds a completion with the wrong phase tag " +
      "(SQID 0, SQHD 1, CID 4, status 0000h)",
  );
});

Deno.test("a completion of the round before is not taken for one in the wrong phase", () => {
  const peer = new Peer(2);
  for (let round = 0; round < 6; round++) {
    assertEquals(peer.pair.misplaced(), undefined);
    peer.pair.claim();
    peer.pair.ring();
    peer.post({ cid: 1, sqhd: (round + 1) % 2 });
    assertEquals(peer.pair.misplaced(), undefined);
    assertEquals(peer.poll(), 1);
  }
  peer.pair.claim();
  peer.post({ cid: 1, sqhd: 1, phase: 1 });
  assertEquals(peer.poll(), 0);
  assert(peer.pair.misplaced()?.includes("CID 1"));
});

Deno.test("what a receiver throws comes out, and the controller is told of what was taken", () => {
  const peer = new Peer(8);
  for (let count = 0; count < 3; count++) peer.pair.claim();
  peer.pair.ring();
  peer.rung();
  for (let cid = 0; cid < 3; cid++) peer.post({ cid, sqhd: cid + 1 });
  assertThrows(
    () =>
      peer.pair.poll((cid) => {
        if (cid === 1) throw new Error("enough");
      }),
    Error,
    "enough",
  );
  assertEquals(peer.rung(), [[0x1004, 2]]);
  assertEquals(peer.poll(), 1);
});

Deno.test("a receiver may claim and ring for the next command", () => {
  const peer = new Peer(2);
  peer.pair.claim();
  peer.pair.ring();
  peer.post({ sqhd: 1 });
  let claimed = -1;
  peer.pair.poll(() => {
    claimed = peer.pair.claim();
    peer.pair.ring();
  });
  assertEquals(claimed, 16);
  assertEquals(peer.rung(), [[0x1000, 1], [0x1000, 0], [0x1004, 1]]);
});

Deno.test("QueuePair.reset() makes both rings as new", () => {
  const used = new Peer(4);
  // Into the second round, whose phase tag is the other one.
  for (let cid = 0; cid < 6; cid++) {
    used.pair.claim();
    used.pair.ring();
    used.post({ cid, sqhd: (cid + 1) % 4 });
    used.poll();
  }
  const { pair } = used;
  pair.claim();
  pair.reset();
  used.rung();
  assertEquals([pair.room, used.poll(), pair.misplaced()], [3, 0, undefined]);
  assert(pair.words.every((word) => word === 0));
  assertEquals(pair.claim(), 0);
  pair.ring();
  assertEquals(used.rung(), [[0x1000, 1]]);
  // The controller begins with phase tag 1 again.
  used.completions.setUint32(8, 1, true);
  used.completions.setUint32(12, (1 << 16) | 0x77, true);
  assertEquals(used.poll(), 1);
  assertEquals(used.got.at(-1), [0x77, 0, 0, 0]);
});

Deno.test("the entry claimed last can be shown", () => {
  const { pair } = new Peer(2);
  pair.words[pair.claim()] = 0x06;
  assertEquals([...pair.lastEntry], [0x06, ...Array(15).fill(0)]);
  assertEquals(pair.lastEntry.length, 16);
});

Deno.test("memory is given back, also when there is only enough for one queue", () => {
  const device = scriptedDevice();
  const host = device.dma;
  assert(host instanceof HostMemory);
  const pair = new QueuePair(device, { qid: 1, entries: 64, dstrd: 0, pageBytes: 8192 });
  assertEquals([pair.submissionIova % 8192n, pair.completionIova % 8192n], [0n, 0n]);
  pair[Symbol.dispose]();
  assertEquals(host.at(pair.submissionIova, 64), undefined);
  assertEquals(host.at(pair.completionIova, 16), undefined);
  const given: bigint[] = [];
  const scarce = {
    allocate(bytes: number) {
      if (given.length === 1) throw new Error("no memory");
      const memory = host.allocate(bytes);
      given.push(memory.iova);
      return memory;
    },
  };
  assertThrows(
    () => new QueuePair({ ...device, dma: scarce }, { qid: 1, entries: 4, dstrd: 0 }),
    Error,
    "no memory",
  );
  assertEquals(host.at(given[0] ?? 0n, 64), undefined);
});
