// A host on a thread of its own that asks for more data than a target can send at once, and counts
// what comes.

import { dialTcp } from "./tcp_dial.ts";

/** What the thread is told. */
export interface Flood {
  readonly port: number;
  readonly nqn: string;
  readonly cntlid: number;
  readonly qid: number;
  /** Reads that are outstanding all the time, and their blocks. */
  readonly depth: number;
  readonly blocks: number;
  /** Reads that were answered, in an element of 32 bits; a second one that is not 0 ends it. */
  readonly counter: Int32Array<SharedArrayBuffer>;
}

const BLOCK = 512;

async function run({ port, nqn, cntlid, qid, depth, blocks, counter }: Flood): Promise<void> {
  await using io = await dialTcp(port);
  await io.initialize();
  const { status } = await io.host.connect(nqn, { qid, cntlid, entries: depth + 1 });
  if (status !== "00h/00h") throw new Error(`Cannot connect: ${status}`);
  const read = { opcode: 2, nsid: 1, cdw12: blocks - 1, length: blocks * BLOCK };
  await Promise.all(Array.from({ length: depth }, async () => {
    while (Atomics.load(counter, 1) === 0) {
      await io.host.submit(read);
      Atomics.add(counter, 0, 1);
    }
  }));
}

/** The thread as this module sees it, in the types that the main thread is checked with. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Flood>) => void;
  postMessage(message: "over"): void;
};

scope.onmessage = async ({ data }) => {
  await run(data);
  scope.postMessage("over");
};
