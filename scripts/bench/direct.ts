// The direct face: commands per second of a virtual drive in this process, against a straight line
// that only copies; and what a tap costs, while something is attached to it and when it has gone.

import { directTransport, preset, VirtualDrive } from "../../src/drive/mod.ts";
import type { Command, Completion, DataBuffer } from "../../src/transport/transport.ts";
import { type Comparison, formatWhole, type Section } from "./report.ts";
import { measurePairs, ratios, spread } from "./statistics.ts";

const PLAN = { pairs: 201, dropped: 21 };
/** Short ones: most are over before the scheduler lets something else run. */
const BATCH_MS = 4;
const WARM_MS = 300;
const TRANSFER_BYTES = 4096;
/** Bytes of the region that is read and written: more than a processor's nearer caches hold. */
const REGION_BYTES = 16 * 1024 * 1024;
const PLACES = REGION_BYTES / TRANSFER_BYTES;
const BLOCKS = TRANSFER_BYTES / 512;
/** Goes through all places, none twice before all were. */
const STRIDE = 1021;
const TAP = "nvme:io:decode";
const [READ, WRITE, IDENTIFY] = [0x02, 0x01, 0x06];
const IDENTIFY_CONTROLLER = 1;

/** Something that commands can be sent to. */
export interface Face {
  submit(command: Command): Promise<Completion>;
}

/** A command of the benchmark: the one with this number. */
export type MakeCommand = (number: number, data: DataBuffer) => Command;

/** The commands that are measured. */
export const COMMANDS = {
  read: (number, data) => io(READ, number, data),
  write: (number, data) => io(WRITE, number, data),
  identify: (_number, data) => ({
    queue: "admin",
    opcode: IDENTIFY,
    direction: "in",
    data,
    cdw10: IDENTIFY_CONTROLLER,
  }),
} as const satisfies Record<string, MakeCommand>;

export const DIRECT_TITLE = "Direct face";

/** Measures commands, the tap, and a tap that nothing is attached to any more. */
export async function direct(): Promise<Section> {
  const { read, write, identify } = COMMANDS;
  return {
    title: DIRECT_TITLE,
    method: "Commands to `virtual:` in this process, one after another, each awaited; 4 KiB of " +
      `${REGION_BYTES / 2 ** 20} MiB at a time. The floor is an object with the same method that ` +
      "makes the same copies (memory of the drive, a buffer of its own, memory of the host) and " +
      "nothing else; of Identify Controller it has the page ready. A plug-in that does nothing, " +
      `at \`${TAP}\`, is compared with none; so is one that was attached, saw ` +
      `${
        formatWhole(2 * PLACES)
      } commands and was detached again. ${PLAN.pairs} pairs of batches of ` +
      `${BATCH_MS} ms, the first ${PLAN.dropped} dropped.`,
    commands: [["nvmectl", "directTransport() in src/drive/face/direct.ts"]],
    heads: ["drive", "reference"],
    comparisons: [
      await compare("4 KiB read, to the floor", read, [await newFace(), floorFace()]),
      await compare("4 KiB write, to the floor", write, [await newFace(), floorFace()]),
      await compare("Identify Controller, to the floor", identify, [await newFace(), floorFace()]),
      await compare("read with a plug-in, to none", read, await facesOf("attached")),
      await compare("write with a plug-in, to none", write, await facesOf("attached")),
      {
        ...await compare("read after a plug-in, to none ever", read, await facesOf("detached")),
        aim: 1.03,
      },
    ],
  };
}

async function compare(
  what: string,
  make: MakeCommand,
  [ours, reference]: readonly [ours: Face, reference: Face],
): Promise<Comparison> {
  const batch = async (face: Face): Promise<() => Promise<number>> => {
    const count = await calibrate(face, make);
    return () => run(face, make, count);
  };
  const pairs = await measurePairs(PLAN, await batch(ours), await batch(reference));
  const text = (nanoseconds: number): string =>
    `${formatWhole(nanoseconds)} ns, ${formatWhole(1e9 / nanoseconds)}/s`;
  return {
    what,
    ours: text(spread(pairs.map((pair) => pair.ours)).median),
    reference: text(spread(pairs.map((pair) => pair.reference)).median),
    ratio: ratios(pairs, (nanoseconds) => nanoseconds),
  };
}

/** Commands that take about a batch's time; running them also warms the code. */
async function calibrate(face: Face, make: MakeCommand): Promise<number> {
  const started = performance.now();
  let fastest = Infinity;
  while (performance.now() - started < WARM_MS) {
    fastest = Math.min(fastest, await run(face, make, 100));
  }
  return Math.max(1, Math.round(BATCH_MS * 1e6 / fastest));
}

/** Sends commands one after another; nanoseconds that one of them took. */
export async function run(face: Face, make: MakeCommand, count: number): Promise<number> {
  const data = hostBuffer();
  const started = performance.now();
  for (let number = 0; number < count; number++) {
    const { status } = await face.submit(make(number, data));
    if (status !== 0) throw new Error(`Cannot measure: status ${status}, need 0`);
  }
  return (performance.now() - started) * 1e6 / count;
}

/** A drive with a plug-in, attached or attached no more, and one that never had any. */
async function facesOf(plugin: "attached" | "detached"): Promise<readonly [Face, Face]> {
  const attached: VirtualDrive[] = [];
  const ours = await newFace((drive) => {
    drive.taps.attach(TAP, () => undefined);
    attached.push(drive);
  });
  const reference = await newFace();
  if (plugin === "detached") { for (const drive of attached) drive.taps.detach(TAP); }
  return [ours, reference];
}

/** The way to a new drive whose region has been written and read once, since `prepare`. */
async function newFace(prepare: (drive: VirtualDrive) => void = () => {}): Promise<Face> {
  const personality = preset("");
  if (!personality) throw new Error("Cannot make a drive: there is no default personality");
  const drive = new VirtualDrive({
    personality,
    now: () => Date.now(),
    seed: 1,
    after: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
  });
  prepare(drive);
  const face = directTransport(drive, "virtual:");
  await run(face, COMMANDS.write, PLACES);
  // Off the write cache: what is read is what the media keep.
  drive.shutdown();
  await run(face, COMMANDS.read, PLACES);
  return face;
}

/** Nothing but the copies of a drive; commands that it does not know come back as they are. */
export function floorFace(): Face {
  const memory = new Uint8Array(REGION_BYTES).fill(1);
  const page = new Uint8Array(TRANSFER_BYTES).fill(2);
  return {
    submit({ opcode, cdw10 = 0, data }) {
      const at = cdw10 * 512;
      if (!data) return Promise.reject(new Error("Cannot copy: the command has no data"));
      if (opcode === READ) {
        const own = new Uint8Array(TRANSFER_BYTES);
        own.set(memory.subarray(at, at + TRANSFER_BYTES));
        data.bytes.set(own);
      } else if (opcode === WRITE) {
        const own = new Uint8Array(TRANSFER_BYTES);
        own.set(data.bytes);
        memory.set(own, at);
      } else {
        const own = new Uint8Array(TRANSFER_BYTES);
        own.set(page);
        data.bytes.set(own);
      }
      return Promise.resolve({ status: 0, result: 0n });
    },
  };
}

function io(opcode: number, number: number, data: DataBuffer): Command {
  return {
    queue: "io",
    opcode,
    nsid: 1,
    direction: opcode === READ ? "in" : "out",
    data,
    cdw10: (number * STRIDE) % PLACES * BLOCKS,
    cdw12: BLOCKS - 1,
  };
}

function hostBuffer(): DataBuffer {
  return { bytes: new Uint8Array(TRANSFER_BYTES).fill(3), [Symbol.dispose]: () => {} };
}
