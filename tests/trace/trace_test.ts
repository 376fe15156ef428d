// The tracing layer: which events it makes, and that it never gets between host and drive.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError } from "../../src/errors.ts";
import {
  type CommandEvent,
  type CompletionEvent,
  counter,
  type FailureEvent,
  type TraceEvent,
  type TraceOptions,
  type TraceSink,
  tracing,
} from "../../src/trace/trace.ts";
import { type RegisterAccess, type Transport, wrap } from "../../src/transport/transport.ts";
import { type Answer, answering, pattern, START_NS, TICK_NS, tickingClock } from "./scenario.ts";

function recording(): { readonly sink: TraceSink; readonly events: TraceEvent[] } {
  const events: TraceEvent[] = [];
  const push = (event: TraceEvent) => void events.push(event);
  return { events, sink: { command: push, completion: push, register: push } };
}

function traced(sink: TraceSink, answer: Answer, options: Partial<TraceOptions> = {}): Transport {
  return wrap(
    answering(answer),
    tracing(sink, {
      device: "/dev/nvme0",
      clock: tickingClock(),
      failed: (error) => {
        throw error;
      },
      ...options,
    }),
  );
}

const success = { status: 0, result: 0n };

Deno.test("tracing() gives the command before it goes out and the completion after", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, () => {
    assertEquals(events.map(({ kind }) => kind), ["command"]);
    return { status: 0x4109, result: 7n };
  });
  await drive.submit({ queue: "admin", opcode: 0x02, nsid: 1, cdw10: 0x7f });
  const [command, completion] = events as [CommandEvent, CompletionEvent];
  assertEquals(command.command, {
    queue: "admin",
    opcode: 0x02,
    nsid: 1,
    cdw10: 0x7f,
    direction: "none",
    dataLength: 0,
    metadataLength: 0,
  });
  assertEquals([command.index, completion.index], [0, 1]);
  assertEquals([command.timeNs, completion.timeNs], [START_NS, START_NS + TICK_NS]);
  assertEquals([command.sqid, command.cid, completion.cid], [0, 0, 0]);
  assertEquals(completion.completion, { status: 0x4109, result: 7n });
  assertEquals(completion.issuedNs, START_NS);
  assertEquals(command.device, "/dev/nvme0");
});

Deno.test("tracing() numbers the commands of each queue on its own", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, () => success);
  for (const queue of ["admin", "io", "admin", "io"] as const) {
    await drive.submit({ queue, opcode: 0x0c });
  }
  const commands = events.filter(({ kind }) => kind === "command") as CommandEvent[];
  assertEquals(commands.map(({ sqid, cid }) => [sqid, cid]), [[0, 0], [1, 0], [0, 1], [1, 1]]);
});

Deno.test("tracing() never gives the identifier that means no command", async () => {
  const cids = new Set<number>();
  const sink: TraceSink = {
    command: ({ cid }) => void cids.add(cid),
    completion: () => {},
    register: () => {},
  };
  const layer = tracing(sink, { device: "", clock: () => 0n, failed: () => {} });
  for (let count = 0; count < 0x10002; count++) {
    await layer.submit({ queue: "io", opcode: 0 }, () => Promise.resolve(success));
  }
  assertEquals(Math.max(...cids), 0xfffd);
  assertEquals(cids.size, 0xfffe);
});

Deno.test("tracing() copies what goes out before, and what came in after", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, (command) => {
    if (command.direction === "in") command.data?.bytes.set(pattern(16));
    return success;
  });
  using data = drive.allocate(16);
  await drive.submit({ queue: "io", opcode: 0x02, direction: "in", data });
  data.bytes.fill(0xee);
  await drive.submit({ queue: "io", opcode: 0x01, direction: "out", data });
  data.bytes.fill(0);
  const payloads = (events as (CommandEvent | CompletionEvent)[]).map((event) => event.data);
  assertEquals(payloads, [
    undefined,
    pattern(16),
    new Uint8Array(16).fill(0xee),
    undefined,
  ]);
});

Deno.test("tracing() has no data for a command that was refused", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, () => ({ status: 0x2002, result: 0n }));
  using data = drive.allocate(16);
  await drive.submit({ queue: "admin", opcode: 0x06, direction: "in", data });
  assertEquals((events[1] as CompletionEvent).data, undefined);
});

Deno.test("tracing() withholds the payload of Security Send and Receive", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, () => success);
  using data = drive.allocate(8);
  data.bytes.fill(0x70);
  await drive.submit({ queue: "admin", opcode: 0x81, direction: "out", data });
  await drive.submit({ queue: "admin", opcode: 0x82, direction: "in", data });
  const [send, , , received] = events as [CommandEvent, unknown, unknown, CompletionEvent];
  for (const event of [send, received]) {
    assertEquals(event.data, new Uint8Array(8));
    assertEquals(event.notes, ["payload withheld, zeros instead"]);
  }
});

Deno.test("tracing() shows dwords as the controller sees them", async () => {
  const { sink, events } = recording();
  await traced(sink, () => success).submit({ queue: "admin", opcode: 0xc0, cdw12: -1 });
  assertEquals((events[0] as CommandEvent).command.cdw12, 0xffffffff);
});

Deno.test("tracing() gives a failure for a command without answer", async () => {
  const { sink, events } = recording();
  const drive = traced(sink, () => {
    throw new DeadlineError("a completion", 5);
  });
  await assertRejects(() => drive.submit({ queue: "admin", opcode: 0x06 }), DeadlineError);
  const failure = events[1] as FailureEvent;
  assertEquals(failure.kind, "failure");
  assertEquals(failure.error, {
    name: "DeadlineError",
    message: "Cannot wait longer for a completion: nothing after 5 ms",
  });
  assertEquals([failure.cid, failure.issuedNs], [0, START_NS]);
});

Deno.test("tracing() gives what registers read as, but not those that the drive refuses", async () => {
  const { sink, events } = recording();
  const access: RegisterAccess = {
    model: "message",
    read: (offset) => Promise.resolve(offset === 0x1c ? 1n : undefined),
  };
  const inner = { ...answering(() => success), registers: () => Promise.resolve(access) };
  const options = { device: "/dev/nvme0", clock: tickingClock(), failed: () => {} };
  const drive = wrap(inner, tracing(sink, options));
  const registers = await drive.registers?.();
  assert(registers);
  assertEquals(registers.model, "message");
  assertEquals([await registers.read(0x1c, 4), await registers.read(0x0c, 4)], [1n, undefined]);
  assertEquals(events, [{
    index: 0,
    timeNs: START_NS,
    device: "/dev/nvme0",
    kind: "register",
    access: "read",
    offset: 0x1c,
    width: 4,
    value: 1n,
    notes: ["CSTS"],
  }]);
});

Deno.test("tracing() ends when its sink throws; the commands go on", async () => {
  const told: unknown[] = [];
  let calls = 0;
  const broken = (): void => {
    calls++;
    throw new Error("disk full");
  };
  const drive = traced({ command: broken, completion: broken, register: broken }, () => success, {
    failed: (error) => void told.push(error),
  });
  assertEquals(await drive.submit({ queue: "admin", opcode: 0x06 }), success);
  assertEquals(await drive.submit({ queue: "admin", opcode: 0x06 }), success);
  assertEquals([calls, told.length], [1, 1]);
  assert(told[0] instanceof Error);
});

Deno.test("tracing() takes event numbers from a shared counter", async () => {
  const { sink, events } = recording();
  const nextIndex = counter();
  const first = traced(sink, () => success, { nextIndex });
  const second = traced(sink, () => success, { nextIndex, device: "/dev/nvme1" });
  await first.submit({ queue: "admin", opcode: 0x06 });
  await second.submit({ queue: "admin", opcode: 0x06 });
  assertEquals(events.map(({ index, device }) => [index, device]), [
    [0, "/dev/nvme0"],
    [1, "/dev/nvme0"],
    [2, "/dev/nvme1"],
    [3, "/dev/nvme1"],
  ]);
});
