// A drive that answers from a script, and a session with it: what the tests of every trace record.

import { DeadlineError } from "../../src/errors.ts";
import { type TraceSink, tracing } from "../../src/trace/trace.ts";
import {
  type Command,
  type Completion,
  type DataBuffer,
  type Transport,
  wrap,
} from "../../src/transport/transport.ts";

/** 2019-05-02, where the oldest of these traces comes from. */
export const START_NS = 1_556_804_537_200_926_382n;
/** Between two readings of the clock. */
export const TICK_NS = 1_000_500n;

/** A clock that moves by TICK_NS each time somebody looks. */
export function tickingClock(): () => bigint {
  let now = START_NS - TICK_NS;
  return () => now += TICK_NS;
}

/** What a scripted drive does with a command: may fill `data`, must answer or throw. */
export type Answer = (command: Command) => Completion;

/** A transport that gives `answer`'s answers. */
export function answering(answer: Answer, target = "/dev/nvme0"): Transport {
  return {
    kind: "scripted",
    target,
    allocate: buffer,
    submit: (command) => Promise.resolve().then(() => answer(command)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function buffer(length: number): DataBuffer {
  return { bytes: new Uint8Array(length), [Symbol.dispose]: () => {} };
}

/** A command of the session: what is sent, and the data that goes with it. */
export interface Step extends Omit<Command, "data" | "direction"> {
  readonly title: string;
  /** Bytes that go to the drive. */
  readonly out?: Uint8Array;
  /** Bytes that come from it. */
  readonly in?: Uint8Array;
  readonly status?: number;
  readonly result?: bigint;
  /** The drive never answers. */
  readonly silent?: boolean;
}

/** Sends every step through a traced transport, one after another. */
export async function record(steps: readonly Step[], sink: TraceSink): Promise<void> {
  let step: Step | undefined;
  const drive = wrap(
    answering((command) => {
      if (step?.silent) throw new DeadlineError("an answer to the command", 60_000);
      if (step?.in && !step.status) command.data?.bytes.set(step.in);
      return { status: step?.status ?? 0, result: step?.result ?? 0n };
    }),
    tracing(sink, {
      device: "00:06.0",
      clock: tickingClock(),
      failed: (error) => {
        throw error;
      },
    }),
  );
  for (step of steps) {
    const { title: _title, out, in: expected, status: _s, result: _r, silent, ...command } = step;
    const length = out?.length ?? expected?.length ?? 0;
    using data = drive.allocate(length);
    if (out) data.bytes.set(out);
    const sent = drive.submit({
      ...command,
      ...(length > 0 ? { direction: out ? "out" : "in", data } : {}),
    });
    await (silent ? sent.catch(() => undefined) : sent);
  }
}

/** Bytes that are recognisably in order. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8) & 0xff);
}

function page(length: number, parts: Readonly<Record<number, string | readonly number[]>>) {
  const bytes = new Uint8Array(length);
  for (const [offset, part] of Object.entries(parts)) {
    bytes.set(typeof part === "string" ? new TextEncoder().encode(part) : part, Number(offset));
  }
  return bytes;
}

const IDENTIFY_CONTROLLER = page(4096, {
  0: [0x36, 0x1b, 0x36, 0x1b],
  4: "TRACE0000001        ",
  24: "nvmectl scripted drive                  ",
  64: "1.0     ",
  80: [0x00, 0x01, 0x02],
  514: [0x80, 0x00],
  516: [1],
});

const SMART_LOG = page(512, { 0: [0, 0x35, 0x01, 100, 10, 3] });

const ERROR_LOG = page(256, {
  // Newest first: error count, queue, command, status with the phase bit, location, block.
  0: [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 0, 0x02, 0x05, 0xff, 0xff, 0, 8],
  64: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0x12, 0x02, 0x28, 0x00],
});

const logPage = (lid: number, length: number): Pick<Step, "cdw10"> => ({
  cdw10: ((length / 4 - 1) << 16 | lid) >>> 0,
});

/** Invalid Log Page (01h/09h), do not retry. */
export const INVALID_LOG_PAGE = 0x4109;

/** A session with a bit of everything. */
export const SESSION: readonly Step[] = [
  { title: "identify", queue: "admin", opcode: 0x06, cdw10: 1, in: IDENTIFY_CONTROLLER },
  {
    title: "smart",
    queue: "admin",
    opcode: 0x02,
    nsid: 0xffffffff,
    ...logPage(0x02, 512),
    in: SMART_LOG,
  },
  { title: "errors", queue: "admin", opcode: 0x02, ...logPage(0x01, 256), in: ERROR_LOG },
  {
    title: "queues",
    queue: "admin",
    opcode: 0x09,
    cdw10: 0x07,
    cdw11: 0x0003_0003,
    result: 0x0003_0003n,
  },
  { title: "timestamp", queue: "admin", opcode: 0x09, cdw10: 0x0e, out: pattern(8) },
  {
    title: "read",
    queue: "io",
    opcode: 0x02,
    nsid: 1,
    cdw10: 0x1000,
    cdw11: 1,
    cdw12: 255,
    in: pattern(128 * 1024),
  },
  { title: "write", queue: "io", opcode: 0x01, nsid: 1, cdw10: 8, cdw12: 7, out: pattern(4096) },
  {
    title: "long write",
    queue: "io",
    opcode: 0x01,
    nsid: 1,
    cdw10: 0x800,
    cdw12: 319,
    out: pattern(160 * 1024),
  },
  {
    title: "refused",
    queue: "admin",
    opcode: 0x02,
    ...logPage(0x7f, 512),
    in: pattern(512),
    status: INVALID_LOG_PAGE,
  },
  {
    title: "vendor in",
    queue: "admin",
    opcode: 0xc2,
    cdw10: 128,
    cdw13: 0xdeadbeef,
    in: pattern(512),
    result: 0x1_0000_000fn,
  },
  {
    title: "vendor out",
    queue: "admin",
    opcode: 0xc1,
    cdw2: 1,
    cdw3: 2,
    cdw15: 0xffffffff,
    out: pattern(512),
  },
  {
    title: "telemetry",
    queue: "admin",
    opcode: 0x02,
    nsid: 0xffffffff,
    ...logPage(0x07, 192 * 1024),
    in: page(192 * 1024, { 0: [7], 8: [1, 0, 2, 0, 3, 0] }),
  },
  { title: "flush", queue: "io", opcode: 0x00, nsid: 1, silent: true },
  { title: "self-test", queue: "admin", opcode: 0x14, nsid: 0xffffffff, cdw10: 1 },
];
