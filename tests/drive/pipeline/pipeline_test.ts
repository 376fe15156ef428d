// Tests of the pipeline: the rules that hold for every command, and ports that take their time.

import { assert, assertEquals } from "@std/assert";
import { presetNames, type VirtualDrive } from "../../../src/drive/mod.ts";
import type { Payload, Port, Result } from "../../../src/drive/pipeline/exchange.ts";
import { nextRandom } from "../../../src/drive/random.ts";
import { SubmissionEntry } from "../../../src/spec/command.ts";
import { decodeStatus } from "../../../src/spec/status/status.ts";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK } from "../bench.ts";

type EntryInput = Parameters<typeof SubmissionEntry.encode>[0];

function entry(input: EntryInput): SubmissionEntry {
  return SubmissionEntry.decode(SubmissionEntry.encode(input));
}

/** A port whose transfers end when the test says so. */
class SlowPort implements Port {
  result: Result | undefined;
  dropped = false;
  go: () => void = () => {};

  constructor(
    readonly given: Payload = { data: new Uint8Array(512), metadata: new Uint8Array(0) },
  ) {}

  receive(_sizes: unknown, deliver: (payload: Payload) => void): void {
    this.go = () => deliver(this.given);
  }
  send(_payload: Payload, sent: () => void): void {
    this.go = sent;
  }
  post(result: Result): void {
    assert(this.result === undefined, "completed twice");
    this.result = result;
  }
  drop(): void {
    this.dropped = true;
  }
}

function submit(drive: VirtualDrive, queue: "admin" | "io", input: EntryInput): SlowPort {
  const port = new SlowPort();
  drive.first.submit({ queue, sqid: queue === "admin" ? 0 : 1, entry: entry(input), port });
  return port;
}

Deno.test("Pipeline refuses opcodes that nobody has, the vendor's among them", async () => {
  const bench = new Bench();
  const expected = { status: INVALID_OPCODE, byte: 0 };
  for (const opcode of [0x00, 0x01, 0x1c, 0x1d, 0x24, 0x7c, 0xc0, 0xff]) {
    await bench.refuses("admin", opcode, { nsid: 1 }, expected);
  }
  for (const opcode of [0x03, 0x0d, 0x0e, 0x11, 0x12, 0x15, 0x18, 0x1d, 0x79, 0x80, 0xff]) {
    await bench.refuses("io", opcode, { nsid: 1 }, expected);
  }
});

Deno.test("Pipeline refuses fused commands", async () => {
  const bench = new Bench();
  const expected = { status: INVALID_FIELD, byte: 1 };
  await bench.refuses("io", 0x05, { nsid: 1, flags: 1 }, expected);
  await bench.refuses("io", 0x01, { nsid: 1, flags: 2 }, expected);
});

Deno.test("Pipeline waits for data from the host before it stores any", () => {
  const { drive } = new Bench();
  const port = submit(drive, "io", { opcode: 0x01, cid: 5, nsid: 1 });
  assertEquals(port.result, undefined);
  assertEquals(drive.first.namespaces.find(1)?.media.allocatedBlocks, 0);
  port.go();
  assertEquals(port.result, { status: 0, dw0: 0, dw1: 0 });
  assertEquals(drive.first.namespaces.find(1)?.media.allocatedBlocks, 1);
});

Deno.test("Pipeline waits for data to have reached the host before it completes", () => {
  const { drive } = new Bench();
  const port = submit(drive, "admin", { opcode: 0x06, cdw10: 1 });
  assertEquals(port.result, undefined);
  port.go();
  assertEquals(port.result?.status, 0);
});

Deno.test("Pipeline refuses a command identifier in use, and keeps the first command", () => {
  const { drive } = new Bench();
  const first = submit(drive, "io", { opcode: 0x02, cid: 9, nsid: 1 });
  const second = submit(drive, "io", { opcode: 0x02, cid: 9, nsid: 1 });
  const other = submit(drive, "admin", { opcode: 0x06, cid: 9, cdw10: 1 });
  assertEquals(decodeStatus(second.result?.status ?? 0).code, 0x03);
  other.go();
  first.go();
  assertEquals([first.result?.status, other.result?.status], [0, 0]);
  const again = submit(drive, "io", { opcode: 0x00, cid: 9, nsid: 1 });
  assertEquals(again.result?.status, 0);
});

Deno.test("A reset makes commands under way vanish, even when their data arrives later", () => {
  const { drive } = new Bench();
  const write = submit(drive, "io", { opcode: 0x01, cid: 1, nsid: 1 });
  const read = submit(drive, "io", { opcode: 0x02, cid: 2, nsid: 1 });
  const event = submit(drive, "admin", { opcode: 0x0c, cid: 3 });
  drive.first.reset();
  assertEquals([write.dropped, read.dropped, event.dropped], [true, true, true]);
  write.go();
  read.go();
  assertEquals([write.result, read.result], [undefined, undefined]);
  assertEquals(drive.first.namespaces.find(1)?.media.allocatedBlocks, 0);
});

Deno.test("Pipeline answers 20,000 random commands on every preset without a fault", async () => {
  const state = { random: 20_241_117 };
  const below = (limit: number): number => Math.floor(nextRandom(state) * limit);
  const choose = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const dword = (): number =>
    choose([
      () => 0,
      () => below(16),
      () => below(0x1_0000),
      () => below(0x1_0000_0000),
      () => 2 ** below(32),
      () => 0xffff_ffff,
    ])();
  const opcodes = {
    admin: [0x02, 0x06, 0x08, 0x09, 0x0a, 0x14, 0x18, 0x80, 0x0c],
    io: [0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0c],
  };
  const names = presetNames();
  const benches = names.map((name) => new Bench(name, below(1000)));
  let answered = 0;
  let succeeded = 0;
  for (let round = 0; round < 20_000; round++) {
    const bench = choose(benches);
    const queue = choose(["admin", "io"] as const);
    const opcode = below(20) === 0 ? below(256) : choose(opcodes[queue]);
    using data = bench.transport.allocate(choose([0, 4, 512, 4096, 8192]));
    const completion = bench.transport.submit({
      queue,
      opcode,
      nsid: choose([0, 1, 1, 1, 2, 5, 0xffffffff, dword()]),
      flags: below(30) === 0 ? below(256) : 0,
      cdw10: dword(),
      cdw11: dword(),
      cdw12: queue === "io" ? (dword() & 0xfe00_00ff) >>> 0 : dword(),
      cdw13: dword(),
      cdw14: dword(),
      cdw15: dword(),
      data,
    });
    bench.time += below(5_000);
    // A request for events may well be held for ever.
    if (queue === "admin" && opcode === 0x0c) {
      completion.catch(() => {});
      if (below(10) === 0) bench.drive.first.reset();
      continue;
    }
    const { status } = await completion;
    assert(Number.isInteger(status) && status >= 0 && status <= 0x7fff);
    answered++;
    if (status === 0) succeeded++;
  }
  assert(answered > 15_000 && succeeded > 1_000, `${answered} answered, ${succeeded} succeeded`);
  for (const bench of benches) assertEquals((await bench.identify(0x01)).status, OK);
});
