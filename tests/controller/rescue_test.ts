// Tests of saving what can be read of a range with bad blocks.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { resolveRange } from "../../src/controller/read_range.ts";
import { rescue, type RescueOptions } from "../../src/controller/rescue.ts";
import type { RescueStage } from "../../src/controller/rescue_file.ts";
import { RescueMap } from "../../src/controller/rescue_map.ts";
import type { RegisterTap } from "../../src/drive/tap/verdict.ts";
import { DeadlineError, StatusError, UnreachableError } from "../../src/errors.ts";
import { CSTS, REGISTERS } from "../../src/spec/registers.ts";
import { PolledTransport } from "../../src/transport/polled/transport.ts";
import type { Command, Transport } from "../../src/transport/transport.ts";
import { blockDrive, observed, parallel } from "../support/block_drive.ts";
import { FakeClock } from "../support/context.ts";
import { OPCODE, PolledRig, type RigOptions } from "../support/polled.ts";

interface Rescued {
  readonly finished: boolean;
  readonly map: RescueMap;
  readonly data: Uint8Array;
}

async function rescued(
  transport: Transport,
  {
    map,
    last,
    data,
    blocks,
    signal = new AbortController().signal,
    clock = new FakeClock(),
    onWrite = () => {},
    checkpoint = () => Promise.resolve(),
  }: Partial<RescueOptions> & {
    readonly data?: Uint8Array;
    readonly onWrite?: (first: number) => void;
    readonly blocks?: bigint;
  } = {},
): Promise<Rescued> {
  const drive = new Drive(transport);
  const range = await resolveRange(drive, { nsid: 1, lba: undefined, blocks });
  const known = map ?? RescueMap.untried(range.blocks);
  const saved = data ?? new Uint8Array(range.blocks * range.shape.blockBytes);
  const finished = await rescue(drive, range, {
    map: known,
    last,
    sink: {
      write(first, bytes) {
        saved.set(bytes, first * range.shape.blockBytes);
        onWrite(first);
        return Promise.resolve();
      },
    },
    signal,
    clock,
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

/** Blocks that a read asks for: from, to. */
function asked({ cdw10 = 0, cdw12 = 0 }: Command): [number, number] {
  return [cdw10, cdw10 + cdw12 + 1];
}

/** Answers to commands of a drive on which reads of some blocks never end. */
function hanging(blocks: readonly number[]): (command: Command) => undefined {
  return (command) => {
    const [from, to] = asked(command);
    if (command.queue === "io" && blocks.some((block) => from <= block && block < to)) {
      throw new DeadlineError("a read", 30_000, { loss: "late" });
    }
    return undefined;
  };
}

function extents(map: RescueMap): string {
  return map.extents.map(({ first, blocks, state }) => `${first}+${blocks}${state}`).join(" ");
}

Deno.test("rescue() goes on after a read without an answer, and comes back to it block by block", async () => {
  for (const blocks of [[], [0], [255], [17, 100], [3, 4]]) {
    for (const bad of [[], [9, 64, 101]]) {
      const made = blockDrive({ blocks: 256, bad });
      const intercept = hanging(blocks);
      const lost = [...blocks, ...bad].sort((one, other) => one - other);
      for (
        const transport of [
          observed(made.transport, intercept),
          parallel(made.transport, { intercept, depth: 1 }),
        ]
      ) {
        const { finished, map, data } = await rescued(transport);
        assert(finished);
        const found = map.of("-").flatMap(({ first, blocks }) =>
          Array.from({ length: blocks }, (_, at) => first + at)
        );
        assertEquals(found, lost);
        assertEquals(data, made.data(0, 256, lost));
      }
    }
  }
});

Deno.test("rescue() reads what hangs last, and waits for it once more only", async () => {
  const made = blockDrive({ blocks: 256, bad: [40] });
  const reading = observed(made.transport, hanging([17]));
  await rescued(reading);
  const reads = reading.commands.filter(({ queue }) => queue === "io").map(asked);
  const waits = reads.filter(([from, to]) => from <= 17 && 17 < to);
  assertEquals(waits, [[16, 32], [17, 18]]);
  // Everything else has been read, and what is around the bad block, before anything of it is.
  const second = reads.findIndex(([from, to]) => from === 16 && to === 17);
  assertEquals(reads.slice(second), Array.from({ length: 16 }, (_, at) => [16 + at, 17 + at]));
  const before = new Set(
    reads.slice(0, second).flatMap(([from, to]) =>
      Array.from({ length: to - from }, (_, at) => from + at)
    ),
  );
  assertEquals(before.size, 256);
});

Deno.test("rescue() ends after three reads in a row without an answer, and begins elsewhere then", async () => {
  const made = blockDrive({ blocks: 256 });
  const hung = [0, 16, 32, 48, 200];
  const transport = observed(made.transport, hanging(hung));
  const map = RescueMap.untried(256);
  const data = new Uint8Array(256 * 512);
  const stages: string[] = [];
  const checkpoint: RescueOptions["checkpoint"] = ({ state, at }) => {
    stages.push(`${state}${at}`);
    return Promise.resolve();
  };
  const error = await assertRejects(
    () => rescued(transport, { map, data, checkpoint }),
    UnreachableError,
    "3 reads one after the other got no answer, the last one of blocks 32 to 47 of namespace 1: Cannot",
  );
  assertEquals(error.exitCode, 4);
  assertEquals([extents(map), stages.at(-1)], ["0+48/ 48+208?", "?48"]);
  const again = observed(made.transport, hanging(hung));
  // 48, and 200 after much that is good: then block by block, where they are far from each other.
  const { finished } = await rescued(again, { map, data });
  assert(finished);
  assertEquals(asked(again.commands.find(({ queue }) => queue === "io") ?? again.commands[0]!), [
    48,
    64,
  ]);
  assertEquals(map.of("-").map(({ first, blocks }) => [first, blocks]), hung.map((at) => [at, 1]));
  assertEquals(data, made.data(0, 256, hung));
});

Deno.test("rescue() tries bad blocks that hang again from where it ended the last time", async () => {
  const made = blockDrive({ blocks: 64 });
  const hung = [1, 20, 40, 50];
  const map = RescueMap.untried(64);
  map.set(0, 64, "+");
  for (const block of hung) map.set(block, 1, "-");
  let stage: RescueStage = { state: "+", at: 64 };
  const checkpoint: RescueOptions["checkpoint"] = (at) => {
    stage = at;
    return Promise.resolve();
  };
  const tried = async (): Promise<readonly number[]> => {
    const transport = observed(made.transport, hanging(hung));
    await assertRejects(
      () => rescued(transport, { map, last: stage, checkpoint }),
      UnreachableError,
    );
    return transport.commands.filter(({ queue }) => queue === "io").map((one) => asked(one)[0]);
  };
  assertEquals(await tried(), [1, 20, 40]);
  assertEquals(stage, { state: "-", at: 41 });
  assertEquals(await tried(), [50, 1, 20]);
  assertEquals(map.count("-"), 4);
});

Deno.test("rescue() asks again, alone, for pieces that were lost along with another", async () => {
  const made = blockDrive({ blocks: 256 });
  const lost = (loss: "late" | "along") =>
    new UnreachableError("the controller was reset", { loss });
  let resets = 0;
  // The first four reads are lost in one reset; 48 makes the controller fail, and nobody says so.
  const transport = parallel(made.transport, {
    intercept(command) {
      if (command.queue !== "io") return undefined;
      const [from, to] = asked(command);
      if (resets < 4 || (from <= 48 && 48 < to)) {
        resets++;
        throw lost("along");
      }
      return undefined;
    },
  });
  const { finished, map, data } = await rescued(transport);
  assert(finished);
  assertEquals(map.of("-").map(({ first, blocks }) => [first, blocks]), [[48, 1]]);
  assertEquals(data, made.data(0, 256, [48]));
  // Four of them, the piece alone, the block with others and alone.
  assertEquals(resets, 7);
});

Deno.test("rescue() of a drive that was given up begins elsewhere the next time", async () => {
  const made = blockDrive({ blocks: 256 });
  const given = new UnreachableError("given up", { loss: "drive" });
  const transport = parallel(made.transport, {
    intercept(command) {
      if (command.queue === "io" && asked(command)[0] === 64) throw given;
      return undefined;
    },
  });
  const map = RescueMap.untried(256);
  const error = await assertRejects(() => rescued(transport, { map }), UnreachableError);
  assertEquals(error, given);
  assertEquals(extents(map), "0+64+ 64+16/ 80+176?");
});

/** A drive on a bus: 256 blocks that say which they are, and what befalls reads of some of them. */
function busDrive(
  hung: readonly number[],
  befalls: (rig: PolledRig) => { readonly kind: "drop" },
  { tap = "nvme:io:decode", ...options }: RigOptions & {
    readonly tap?: "nvme:io:decode" | "nvme:io:writeback";
  } = {},
): { readonly rig: PolledRig; readonly transport: Transport; readonly data: Uint8Array } {
  const rig = new PolledRig({ ...options, drive: { limits: { mdts: 1 } } });
  const data = Uint8Array.from({ length: 256 * 512 }, (_, at) => (at >> 9) * 3 + at);
  rig.bench.drive.store.find(1)?.media.write(0, 256, { data, metadata: new Uint8Array(0) });
  for (const block of hung) data.fill(0, block * 512, (block + 1) * 512);
  rig.attach(tap, ({ command: { opcode, cdw10, cdw12 } }) => {
    const end = cdw10 + (cdw12 & 0xffff) + 1;
    const hangs = opcode === OPCODE.read && hung.some((block) => cdw10 <= block && block < end);
    return hangs ? befalls(rig) : undefined;
  });
  const { backing, clock } = rig;
  // A transport that its test closes.
  return { rig, data, transport: new PolledTransport({ backing, clock, hostPageBytes: 4096 }) };
}

for (
  const [what, tap, befalls] of [
    ["is aborted", "nvme:io:decode", () => {}],
    ["takes a controller reset to end", "nvme:io:writeback", () => {}],
    [
      "makes the controller fail",
      "nvme:io:decode",
      (rig: PolledRig) => rig.bench.drive.first.registers.fail(),
    ],
  ] as const
) {
  Deno.test(`rescue() over our own driver gets everything around a read that ${what}`, async () => {
    const hung = [20, 21, 200];
    const { transport, data } = busDrive(hung, (rig) => {
      befalls(rig);
      return { kind: "drop" };
    }, { tap });
    await using _transport = transport;
    const found = await rescued(transport, { blocks: 256n });
    assert(found.finished);
    assertEquals(extents(found.map), "0+20+ 20+2- 22+178+ 200+1- 201+55+");
    assertEquals(found.data, data);
  });
}

Deno.test("rescue() over our own driver that gives the drive up begins elsewhere the next time", async () => {
  const stuck = busDrive([100], (rig) => {
    // No reset ends any more.
    rig.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
      const { offset, value } = context as RegisterTap;
      if (offset !== REGISTERS.CSTS.offset) return undefined;
      return { kind: "mutate", value: value | BigInt(CSTS.compose({ rdy: true })) };
    });
    return { kind: "drop" };
  }, { tap: "nvme:io:writeback", withoutReset: true });
  const map = RescueMap.untried(256);
  const saved = new Uint8Array(256 * 512);
  {
    await using transport = stuck.transport;
    const error = await assertRejects(
      () => rescued(transport, { map, data: saved, blocks: 256n }),
      UnreachableError,
      "Cannot use virtual: any more: Read (02h, namespace 1) did not end in 30000 ms",
    );
    assertEquals(error.exitCode, 4);
  }
  assertEquals(map.of("/").some(({ first, blocks }) => first <= 100 && 100 < first + blocks), true);
  const well = busDrive([100], () => ({ kind: "drop" }));
  await using transport = well.transport;
  const order: number[] = [];
  const second = await rescued(transport, {
    map,
    data: saved,
    blocks: 256n,
    onWrite: (first) => order.push(first),
  });
  assert(second.finished);
  assertEquals(extents(map), "0+100+ 100+1- 101+155+");
  assertEquals(second.data, well.data);
  assert(order.findIndex((first) => first > 112) < order.findIndex((first) => first === 96));
});

Deno.test("rescue() lets a drive come back that the kernel has lost, and ends at a signal meanwhile", async () => {
  const made = blockDrive({ blocks: 256 });
  const away = new UnreachableError("on a lost path", { code: "EIO", loss: "along" });
  const clock = new FakeClock();
  const begin = clock.now();
  // One read hangs, and the kernel needs ten seconds to connect again.
  let hangs = 1;
  const transport = observed(made.transport, (command) => {
    if (command.queue !== "io") return undefined;
    if (asked(command)[0] === 32 && hangs-- > 0) {
      throw new DeadlineError("a read", 30_000, { loss: "late" });
    }
    if (hangs < 1 && clock.now() < begin + 10_000) throw away;
    return undefined;
  });
  const { finished, map, data } = await rescued(transport, { clock });
  assert(finished);
  assertEquals([extents(map), clock.sleeps.filter((ms) => ms > 0)], ["0+256+", [15_000]]);
  assertEquals(data, made.data(0, 256));
  // One that does not come back ends it; so does a signal, at once.
  const gone = (): never => {
    throw away;
  };
  const never = observed(made.transport, ({ queue }) => queue === "io" ? gone() : undefined);
  await assertRejects(() => rescued(never, { clock }), UnreachableError, "3 reads one after");
  assertEquals(clock.now() - begin, 60_000);
  const abort = new AbortController();
  clock.sleep = async (ms, signal) => {
    if (ms > 0) abort.abort(new Error("Ctrl-C"));
    await Promise.resolve();
    signal?.throwIfAborted();
  };
  const ended = await rescued(never, { clock, signal: abort.signal });
  assertEquals([ended.finished, extents(ended.map)], [false, "0+256?"]);
});
