// The rings of the polling driver: what a command costs beside what its bytes cost by hand.

import type { Backing, DmaMemory } from "../../src/transport/polled/backing.ts";
import { CommandSlots } from "../../src/transport/polled/command_slots.ts";
import { putPrps } from "../../src/transport/polled/prp.ts";
import { type Completed, QueuePair } from "../../src/transport/polled/queue_pair.ts";
import type { Comparison, Section } from "./report.ts";
import { measurePairs, ratios, spread } from "./statistics.ts";

const PLAN = { pairs: 1001, dropped: 101 };
/** Commands of one measurement: less than 1 ms, so that most are over before others run. */
const COMMANDS = 1 << 14;
const ENTRIES = 64;
const QID = 1;
const DOORBELL = { tail: 0x1000 + 8 * QID, head: 0x1004 + 8 * QID };
const PAGE_BYTES = 4096;
/** Dwords of the entry and of the completion. */
const [ENTRY, COMPLETION] = [16, 4];
const [NSID_WORD, LBA_WORD, COUNT_WORD] = [1, 10, 12];
const READ = 0x02;
const BLOCKS = 8;
/** What is aimed at, in ns a command, by the size of the batch. */
const BATCHES = [[1, 60], [32, 40]] as const;

export const RING_TITLE = "Rings of the polling driver";

/** Measures a command from its identifier to its completion, alone and in batches. */
export async function ring(): Promise<Section> {
  const comparisons: Comparison[] = [];
  for (const [batch, aimNs] of BATCHES) comparisons.push(await compare(batch, aimNs));
  return {
    title: RING_TITLE,
    method: "4 KiB reads through `CommandSlots`, `putPrps` and `QueuePair`, with a device in the " +
      "same thread that takes each entry's identifier and posts a completion when its doorbell " +
      "is written; its part counts. The floor is a loop over two arrays that moves the same " +
      "words to and fro, without queue, identifier and doorbell. The aim is one of time. " +
      `${ENTRIES} entries; ${PLAN.pairs} pairs of ${COMMANDS} commands, the first ` +
      `${PLAN.dropped} dropped.`,
    commands: [["nvmectl", "QueuePair in src/transport/polled/queue_pair.ts"]],
    heads: ["rings", "floor"],
    comparisons,
  };
}

async function compare(batch: number, aimNs: number): Promise<Comparison> {
  const [ours, floor] = [ringLoop(batch), floorLoop(batch)];
  const pairs = await measurePairs(PLAN, () => timed(ours), () => timed(floor));
  const time = spread(pairs.map((pair) => pair.ours));
  const text = (nanoseconds: number): string => `${nanoseconds.toFixed(1)} ns`;
  return {
    what: `a command, in batches of ${batch}`,
    ours: text(time.median),
    reference: text(spread(pairs.map((pair) => pair.reference)).median),
    ratio: ratios(pairs, (nanoseconds) => nanoseconds),
    absolute: { value: time, unit: "ns" },
    aim: aimNs,
  };
}

/** Nanoseconds for each command. */
function timed(loop: (commands: number) => number): number {
  const started = performance.now();
  const done = loop(COMMANDS);
  const took = performance.now() - started;
  if (done !== COMMANDS) throw new Error(`Cannot measure: ${done} of ${COMMANDS} came back`);
  return took * 1e6 / COMMANDS;
}

/** Sends so many reads and takes their completions; how many came back as they should. */
export function ringLoop(batch: number): (commands: number) => number {
  const { backing, attach } = nullDevice();
  const pair = new QueuePair(backing, { qid: QID, entries: ENTRIES, dstrd: 0 });
  attach(pair);
  const slots = new CommandSlots(backing.dma, { count: ENTRIES - 1, listBytes: PAGE_BYTES });
  const data = { address: 0x2_0000_0000, length: PAGE_BYTES };
  const { words } = pair;
  let done = 0;
  const each: Completed = (cid, status) => {
    if (status === 0 && slots.isTaken(cid)) {
      slots.give(cid);
      done++;
    }
  };
  return (commands) => {
    done = 0;
    for (let sent = 0; sent < commands; sent += batch) {
      for (let one = 0; one < batch; one++) {
        const cid = slots.take();
        const at = pair.claim();
        words[at] = READ | (cid << 16);
        words[at + NSID_WORD] = 1;
        words[at + LBA_WORD] = sent;
        words[at + COUNT_WORD] = BLOCKS - 1;
        putPrps(words, at, data, PAGE_BYTES, slots.list(cid));
      }
      pair.ring();
      pair.poll(each);
    }
    return done;
  };
}

/** The same words, by hand: what no driver can go below. */
export function floorLoop(batch: number): (commands: number) => number {
  const entries = new Uint32Array(ENTRIES * ENTRY);
  const completions = new Uint32Array(ENTRIES * COMPLETION);
  return (commands) => {
    let done = 0;
    for (let sent = 0; sent < commands; sent += batch) {
      for (let one = 0; one < batch; one++) {
        const at = ((sent + one) % ENTRIES) * ENTRY;
        for (let word = 0; word < ENTRY; word++) entries[at + word] = 0;
        entries[at] = READ | (one << 16);
        entries[at + NSID_WORD] = 1;
        entries[at + 7] = 2;
        entries[at + LBA_WORD] = sent;
        entries[at + COUNT_WORD] = BLOCKS - 1;
      }
      for (let one = 0; one < batch; one++) {
        const place = (sent + one) % ENTRIES;
        completions[place * COMPLETION + 2] = (QID << 16) | place;
        completions[place * COMPLETION + 3] = (entries[place * ENTRY] ?? 0) >>> 16;
      }
      for (let one = 0; one < batch; one++) {
        const at = ((sent + one) % ENTRIES) * COMPLETION;
        if ((completions[at + 3] ?? 0) === one && (completions[at + 2] ?? 0) >>> 16 === QID) done++;
      }
    }
    return done;
  };
}

interface NullDevice {
  readonly backing: Pick<Backing, "bar0" | "dma">;
  /** Lets it find the queues. */
  attach(pair: QueuePair): void;
}

/** A device that completes a read as soon as it hears of it, and does nothing else. */
function nullDevice(): NullDevice {
  const memories: DmaMemory[] = [];
  let entries = new Uint32Array(0);
  let completions = new Uint32Array(0);
  let head = 0;
  let tail = 0;
  let phase = 1;
  const complete = (rung: number): void => {
    const [from, to] = [entries, completions];
    let [at, place] = [head, tail];
    while (at !== rung) {
      const cid = (from[at * ENTRY] ?? 0) >>> 16;
      at = at + 1 === ENTRIES ? 0 : at + 1;
      to[place * COMPLETION] = 0;
      to[place * COMPLETION + 1] = 0;
      to[place * COMPLETION + 2] = (QID << 16) | at;
      to[place * COMPLETION + 3] = (phase << 16) | cid;
      place++;
      if (place < ENTRIES) continue;
      place = 0;
      phase ^= 1;
    }
    head = at;
    tail = place;
  };
  const heads = new Uint32Array(1);
  return {
    backing: {
      bar0: {
        length: 0x4000,
        read32: () => refuse(),
        read64: () => refuse(),
        write32(offset, value) {
          if (offset === DOORBELL.tail) complete(value);
          else if (offset === DOORBELL.head) heads[0] = value;
          else refuse();
        },
        write64: () => refuse(),
      },
      dma: {
        allocate(bytes) {
          const iova = BigInt(0x1_0000_0000 + memories.length * 0x100_0000);
          const memory = { bytes: new Uint8Array(bytes), iova, [Symbol.dispose]: () => {} };
          memories.push(memory);
          return memory;
        },
      },
    },
    attach({ submissionIova, completionIova }) {
      const words = (iova: bigint): Uint32Array<ArrayBuffer> => {
        const found = memories.find((memory) => memory.iova === iova);
        if (!found) throw new Error("Cannot find the memory of a queue");
        return new Uint32Array(found.bytes.buffer);
      };
      entries = words(submissionIova);
      completions = words(completionIova);
    },
  };
}

function refuse(): never {
  throw new Error("Cannot access a register: the I/O path has doorbells only");
}
