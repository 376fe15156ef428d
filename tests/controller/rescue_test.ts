// Tests of saving what can be read of a range with bad blocks.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { resolveRange } from "../../src/controller/read_range.ts";
import { rescue, type RescueOptions } from "../../src/controller/rescue.ts";
import { RescueMap } from "../../src/controller/rescue_map.ts";
import { StatusError, UnreachableError } from "../../src/errors.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { blockDrive, observed, parallel } from "../support/block_drive.ts";
import { FakeClock } from "../support/context.ts";

interface Rescued {
  readonly finished: boolean;
  readonly map: RescueMap;
  readonly data: Uint8Array;
}

async function rescued(
  transport: Transport,
  {
    map,
    data,
    signal = new AbortController().signal,
    onWrite = () => {},
    checkpoint = () => Promise.resolve(),
  }: Partial<RescueOptions> & {
    readonly data?: Uint8Array;
    readonly onWrite?: (first: number) => void;
  } = {},
): Promise<Rescued> {
  const drive = new Drive(transport);
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks: undefined });
  const known = map ?? RescueMap.untried(range.blocks);
  const saved = data ?? new Uint8Array(range.blocks * range.shape.blockBytes);
  const finished = await rescue(drive, range, {
    map: known,
    sink: {
      write(first, bytes) {
        saved.set(bytes, first * range.shape.blockBytes);
        onWrite(first);
        return Promise.resolve();
      },
    },
    signal,
    clock: new FakeClock(),
    checkpoint,
    onProgress: () => {},
  });
  return { finished, map: known, data: saved };
}

function reads(commands: readonly { queue: string }[]): number {
  return commands.filter(({ queue }) => queue === "io").length;
}

Deno.test("rescue() reads everything but the bad blocks, and knows exactly which those are", async () => {
  const patterns: readonly (readonly number[])[] = [
    [],
    [0],
    [255],
    [17],
    [0, 1, 2, 3],
    [15, 16],
    [3, 9, 64, 65, 66, 130, 254],
    Array.from({ length: 256 }, (_, at) => at),
    Array.from({ length: 128 }, (_, at) => 2 * at),
  ];
  for (const bad of patterns) {
    for (const mdts of [1, 5]) {
      const made = blockDrive({ blocks: 256, mdts, bad });
      for (const transport of [observed(made.transport), parallel(made.transport)]) {
        const { finished, map, data } = await rescued(transport);
        assert(finished);
        const found = map.of("-").flatMap(({ first, blocks }) =>
          Array.from({ length: blocks }, (_, at) => first + at)
        );
        assertEquals(found, bad);
        assertEquals(map.count("+"), 256 - bad.length);
        assertEquals(data, made.data(0, 256, bad));
      }
    }
  }
});

Deno.test("rescue() does not try a piece again that failed at the same size", async () => {
  const made = blockDrive({ blocks: 8, mdts: 7, bad: [3] });
  const transport = observed(made.transport);
  await rescued(transport);
  // All eight, then one by one.
  assertEquals(reads(transport.commands), 9);
});

Deno.test("rescue() reads around one bad block in few commands", async () => {
  const made = blockDrive({ blocks: 512, mdts: 6, bad: [300] });
  const transport = observed(made.transport);
  await rescued(transport);
  assertEquals(reads(transport.commands), 1 + 8 + 8 + 8);
});

Deno.test("rescue() saves the easy part first", async () => {
  const made = blockDrive({ blocks: 64, bad: [0] });
  const order: number[] = [];
  await rescued(made.transport, { onWrite: (first) => order.push(first) });
  assertEquals(order.slice(0, 3), [16, 32, 48]);
});

Deno.test("rescue() ended by a signal goes on from its map, and reads nothing twice", async () => {
  const bad = [5, 6, 100, 201];
  const made = blockDrive({ blocks: 256, bad });
  const map = RescueMap.untried(256);
  const data = new Uint8Array(256 * 512);
  const written: number[] = [];
  let rounds = 0;
  for (let finished = false; !finished; rounds++) {
    const abort = new AbortController();
    let left = 3;
    const round = await rescued(observed(made.transport), {
      map,
      data,
      signal: abort.signal,
      onWrite(first) {
        written.push(first);
        if (--left === 0) abort.abort();
      },
    });
    finished = round.finished;
    assert(rounds < 50);
  }
  assert(rounds > 3);
  assertEquals(data, made.data(0, 256, bad));
  assertEquals(map.count("-"), 4);
  assertEquals(new Set(written).size, written.length);
});

Deno.test("rescue() gives blocks that were bad another chance, one at a time", async () => {
  const made = blockDrive({ blocks: 256, bad: [7, 8] });
  const { map, data } = await rescued(made.transport);
  made.virtual.store.find(1)?.media.heal(8, 1);
  const transport = observed(made.transport);
  const again = await rescued(transport, { map, data });
  assertEquals(reads(transport.commands), 2);
  assertEquals(again.map.of("-").map(({ first, blocks }) => [first, blocks]), [[7, 1]]);
  assertEquals(again.data, made.data(0, 256, [7]));
});

Deno.test("rescue() of a map that is complete asks for nothing", async () => {
  const made = blockDrive({ blocks: 64 });
  const map = RescueMap.untried(64);
  map.set(0, 64, "+");
  const transport = observed(made.transport);
  assert((await rescued(transport, { map })).finished);
  assertEquals(reads(transport.commands), 0);
});

Deno.test("rescue() tells after every piece where it is, once the bytes are saved", async () => {
  const made = blockDrive({ blocks: 64, bad: [20] });
  const stages: string[] = [];
  let saved = 0;
  await rescued(made.transport, {
    onWrite: () => void saved++,
    checkpoint({ state, at }) {
      stages.push(`${state}${at}:${saved}`);
      return Promise.resolve();
    },
  });
  assertEquals(stages.slice(0, 4), ["?16:1", "?32:1", "?48:2", "?64:3"]);
  assertEquals(stages.at(-1), "*22:" + saved);
});

Deno.test("rescue() ends where the drive says no to everything, with a map that is right", async () => {
  const made = blockDrive({ blocks: 256, bad: [3] });
  let count = 0;
  const transport = observed(
    made.transport,
    ({ queue }) => queue === "io" && ++count > 4 ? { status: 0x0006, result: 0n } : undefined,
  );
  const map = RescueMap.untried(256);
  const error = await assertRejects(() => rescued(transport, { map }), StatusError);
  assert(error.message.startsWith("Cannot read blocks 64 to 79 of namespace 1"), error.message);
  assertEquals([map.count("+"), map.count("*"), map.count("?")], [48, 16, 192]);
});

Deno.test("rescue() of a drive that goes away ends at once", async () => {
  const made = blockDrive({ blocks: 256 });
  let count = 0;
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io" && ++count > 2) throw new UnreachableError("gone", { code: "ENODEV" });
    return undefined;
  });
  const map = RescueMap.untried(256);
  await assertRejects(() => rescued(transport, { map }), UnreachableError, "gone");
  assertEquals([map.count("+"), count], [32, 3]);
});
