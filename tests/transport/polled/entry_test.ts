// Submission queue entries as the driver writes them, read by the tables of the specification.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import { SafetyError, UnsupportedError, UsageError } from "../../../src/errors.ts";
import { SubmissionEntry } from "../../../src/spec/command.ts";
import { allocateBuffer } from "../../../src/transport/polled/buffers.ts";
import { CommandSlots } from "../../../src/transport/polled/command_slots.ts";
import { EntryEncoder, type EntryPlace } from "../../../src/transport/polled/entry.ts";
import { Gate } from "../../../src/transport/polled/gate.ts";
import { QueuePair } from "../../../src/transport/polled/queue_pair.ts";
import { scriptedDevice } from "./rig.ts";

const OWNER = {};
const ENTRIES = 4;

interface Desk extends EntryPlace {
  readonly encoder: EntryEncoder;
  readonly dma: HostMemory;
  /** The entry at an index, decoded. */
  entry(index: number): ReturnType<typeof SubmissionEntry.decode>;
}

function desk(bytes = 65_536): Desk {
  const dma = new HostMemory();
  const pair = new QueuePair({ bar0: scriptedDevice().bar0, dma }, {
    qid: 1,
    entries: 4,
    dstrd: 0,
  });
  const slots = new CommandSlots(dma, { count: ENTRIES - 1, listBytes: 4096 });
  const encoder = new EntryEncoder({
    gate: new Gate(),
    owner: OWNER,
    pageBytes: 4096,
    namespaces: { check: () => {} },
  });
  return {
    dma,
    pair,
    slots,
    encoder,
    limit: { bytes: bytes, by: "the drive" },
    entry: (index) =>
      SubmissionEntry.decode(
        new Uint8Array(pair.words.buffer, pair.words.byteOffset + 64 * index, 64).slice(),
      ),
  };
}

Deno.test("every field of a command is where the specification has it", () => {
  const { encoder, entry, ...place } = desk();
  const cid = encoder.put(
    place,
    {
      queue: "io",
      opcode: 0x0c,
      flags: 0x3c,
      nsid: 0xfedc_ba98,
      cdw2: 0x2222_2222,
      cdw3: 0x3333_3333,
      cdw10: 0xaaaa_aaaa,
      cdw11: 0xbbbb_bbbb,
      cdw12: 0xcccc_cccc,
      cdw13: 0xdddd_dddd,
      cdw14: 0xeeee_eeee,
      cdw15: 0xffff_ffff,
    },
    "caller",
  );
  assertEquals(entry(0), {
    opcode: 0x0c,
    flags: { value: 0x3c, fuse: 0, psdt: 0 },
    cid,
    nsid: 0xfedc_ba98,
    cdw2: 0x2222_2222,
    cdw3: 0x3333_3333,
    mptr: 0n,
    prp1: 0n,
    prp2: 0n,
    cdw10: 0xaaaa_aaaa,
    cdw11: 0xbbbb_bbbb,
    cdw12: 0xcccc_cccc,
    cdw13: 0xdddd_dddd,
    cdw14: 0xeeee_eeee,
    cdw15: 0xffff_ffff,
  });
});

Deno.test("data is named by PRPs, metadata by its address, and the buffers are told", () => {
  const { encoder, entry, dma, ...place } = desk();
  const data = allocateBuffer(dma, 8192, OWNER);
  const metadata = allocateBuffer(dma, 64, OWNER);
  encoder.put(place, { queue: "io", opcode: 0x02, data, metadata }, "caller");
  const { prp1, prp2, mptr } = entry(0);
  assertEquals([prp1, prp2, mptr], [
    BigInt(data.address),
    BigInt(data.address + 4096),
    BigInt(metadata.address),
  ]);
  assert(encoder.data === data && encoder.metadata === metadata);
});

Deno.test("a buffer without bytes is none, and nothing of an earlier command is left", () => {
  const { encoder, entry, dma, ...place } = desk();
  const data = allocateBuffer(dma, 16_384, OWNER);
  for (let round = 0; round < 2 * ENTRIES; round++) {
    const full = { queue: "io", opcode: 0x02, cdw10: 1, cdw15: 2, data, metadata: data } as const;
    const empty = { queue: "io", opcode: 0x0c, data: allocateBuffer(dma, 0, OWNER) } as const;
    place.slots.give(encoder.put(place, round % 2 === 0 ? full : empty, "caller"));
    const { prp1, prp2, mptr, cdw10, cdw15 } = entry(round % ENTRIES);
    const zero = [prp1, prp2, mptr, cdw10, cdw15].map((value) => Number(value) === 0);
    assertEquals(zero, Array(5).fill(round % 2 === 1));
    place.pair.ring();
    complete({ ...place, dma }, round);
  }
});

/** The drive takes and completes the command of a round. */
function complete({ pair, dma }: Pick<Desk, "pair" | "dma">, round: number): void {
  const completion = dma.at(pair.completionIova + BigInt(16 * (round % ENTRIES)), 16);
  assert(completion);
  const view = new DataView(completion.buffer, completion.byteOffset, 16);
  view.setUint32(8, 1 << 16 | (round + 1) % ENTRIES, true);
  view.setUint32(12, Math.floor(round / ENTRIES) % 2 === 0 ? 0x1_0000 : 0, true);
  assertEquals(pair.poll(() => {}), 1);
}

Deno.test("what may not leave changes nothing in the queue", () => {
  const { encoder, entry, dma, ...place } = desk(8192);
  const before = place.pair.words.slice();
  assertThrows(() => encoder.put(place, { queue: "io", opcode: 0x01 }, "caller"), SafetyError);
  const data = allocateBuffer(dma, 8193, OWNER);
  const error = assertThrows(
    () => encoder.put(place, { queue: "io", opcode: 0x02, nsid: 1, data }, "caller"),
    UnsupportedError,
  );
  assertEquals(
    error.message,
    "Cannot send Read (02h, namespace 1) with 8193 bytes: the drive takes at most 8192 with one " +
      "command",
  );
  const short = { queue: "io", opcode: 0x02, nsid: 1, cdw12: 16 } as const;
  assertThrows(
    () => encoder.put(place, { ...short, data: allocateBuffer(dma, 8192, OWNER) }, "caller"),
    UsageError,
    "memory for 8192 bytes: the drive transfers 8704 at least",
  );
  assertEquals(place.pair.words, before);
  assertEquals([place.slots.free, place.pair.room], [ENTRIES - 1, ENTRIES - 1]);
  assertEquals(entry(0).opcode, 0);
});

Deno.test("only the driver itself names memory that is in no buffer", () => {
  const { encoder, entry, ...place } = desk();
  const own = { queue: "admin", opcode: 0x05, prp1: 0x1_2345_6000 } as const;
  encoder.put(place, own, "driver");
  assertEquals(entry(0).prp1, 0x1_2345_6000n);
  encoder.put(place, { ...own, opcode: 0x18 }, "caller");
  assertEquals(entry(1).prp1, 0n);
});
