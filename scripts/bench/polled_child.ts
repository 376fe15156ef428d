// Reads random blocks of 4 KiB through the polling driver, for scripts/bench/polled.ts: in a guest,
// with the address of a function that is bound to vfio-pci, and how many blocks it has. Takes lines
// such as `feed 32 2000` (how, at which depth, for how many ms) and answers each with a line of
// JSON; `quit` shuts the drive down.

// deno-lint-ignore-file no-console

import { openPci } from "../../src/open/pci.ts";
import type { Command, DataBuffer, Transport } from "../../src/transport/transport.ts";

const TRANSFER_BYTES = 4096;
const BLOCKS = TRANSFER_BYTES / 512;
const READ = 0x02;
/** The clock is looked at once in so many reads: that takes microseconds in a guest. */
const READS_PER_LOOK = 64;

/** What a run came to. */
export interface RunResult {
  readonly reads: number;
  readonly ms: number;
}

/** A command that is used again and again; it is the driver's while it is under way. */
type Slot = { -readonly [Key in keyof Command]: Command[Key] };

/** Random places on the drive, four million of them before they come again. */
class Places {
  #state = 2463534242;

  constructor(private readonly places: number) {}

  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % this.places * BLOCKS;
  }
}

function slotFor(data: DataBuffer): Slot {
  return { queue: "io", opcode: READ, nsid: 1, direction: "in", cdw10: 0, cdw12: BLOCKS - 1, data };
}

/** One run: how, depth, ms; `blocks` is how many the namespace has. */
export async function measure(
  transport: Transport,
  [how = "", depth = "1", ms = "1000"]: readonly string[],
  blocks: number,
): Promise<RunResult> {
  await using stack = new AsyncDisposableStack();
  const slots = Array.from(
    { length: Number(depth) },
    () => slotFor(stack.use(transport.allocate(TRANSFER_BYTES))),
  );
  const places = new Places(Math.floor(blocks / BLOCKS));
  const run = how === "feed" ? byFeed : bySubmit;
  const started = performance.now();
  const reads = await run(transport, { slots, places, until: started + Number(ms) });
  return { reads, ms: performance.now() - started };
}

/** What is read with, where, and until when. */
interface Work {
  readonly slots: readonly Slot[];
  readonly places: Places;
  readonly until: number;
}

async function byFeed(transport: Transport, { slots, places, until }: Work): Promise<number> {
  const free: Command[] = [...slots];
  let reads = 0;
  let isOver = false;
  await transport.run?.({
    next() {
      if (isOver) return undefined;
      const slot = free.pop() as Slot | undefined;
      if (slot !== undefined) slot.cdw10 = places.next();
      return slot;
    },
    done(command, { status }) {
      if (status !== 0) throw new Error(`Cannot read: status ${status}`);
      if (++reads % READS_PER_LOOK === 0) isOver = performance.now() >= until;
      free.push(command);
    },
  });
  return reads;
}

async function bySubmit(transport: Transport, { slots, places, until }: Work): Promise<number> {
  let reads = 0;
  let isOver = false;
  await Promise.all(slots.map(async (slot) => {
    while (!isOver) {
      slot.cdw10 = places.next();
      const { status } = await transport.submit(slot);
      if (status !== 0) throw new Error(`Cannot read: status ${status}`);
      if (++reads % READS_PER_LOOK === 0) isOver = performance.now() >= until;
    }
  }));
  return reads;
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

if (import.meta.main) {
  await main(Deno.args);
  // A read of standard input that nobody answers would go on for ever.
  Deno.exit();
}

async function main([address = "", blocks = "0"]: readonly string[]): Promise<void> {
  const { transport } = await openPci(address, {
    signal: new AbortController().signal,
    iovaBase: undefined,
    queueDepth: undefined,
    authorize: () => Promise.reject(new Error("nothing but reads is sent here")),
  });
  await using drive = transport;
  console.log("ready");
  const asked = lines(Deno.stdin.readable);
  for (;;) {
    const { value: line, done } = await asked.next();
    if (done || line === "quit") return;
    console.log(JSON.stringify(await measure(drive, line.split(" "), Number(blocks))));
  }
}
