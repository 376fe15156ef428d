// A million submission queue entries that nobody would send, through the direct face: each gets a
// status or waits, nothing throws, and the drive's memory does not grow.

import { assert, assertEquals } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import { buildFirmwareImage, presetNames } from "../../../src/drive/mod.ts";
import { NamespaceCreateData } from "../../../src/spec/admin/namespace_management.ts";
import { decodeSubmission, SubmissionEntry } from "../../../src/spec/command.ts";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { encodeControllerList } from "../../../src/spec/identify/identify_lists.ts";
import type { Command, DataBuffer, Queue } from "../../../src/transport/transport.ts";
import { Bench, type BenchCommand } from "../bench.ts";
import { ALL_ROWS } from "./all_rows.ts";
import { EVERY_IO } from "./io_rows.ts";
import { OPCODE_ROWS } from "./opcodes.ts";
import { Seeded, withSeed } from "./seeded.ts";

const ENTRIES = 1_000_000;
/** Commands that are sent before anybody waits for them, and before time goes on. */
const BATCH = 256;
const STATE_BYTES_MOST = 4 * 1024 * 1024;
/** Images of more bytes are refused. */
const IMAGE_BYTES_MOST = 16 * 1024 * 1024;
const MEDIA_BYTES_MOST = 512 * 1024 * 1024;
/** Time enough for whatever was begun. */
const MINUTES_MOST = 300;
const ENTRY_BYTES = 64;

/** Values that are more often wrong in an interesting way than others. */
const EDGES = [0, 1, 2, 5, 6, 17, 0x7f, 0xff, 0x100, 0xffff, 0x1_0000, 2 ** 31, 2 ** 32 - 1];

const IMAGE = buildFirmwareImage({ revision: "3.0.0", activation: "withoutReset" });

/** Commands that nothing is wrong with, for what the tables only have refusals of. */
const FINE: readonly (readonly [Queue, number, BenchCommand])[] = [
  ["admin", 0x0d, { out: NamespaceCreateData.encode({ nsze: 64n, ncap: 64n }) }],
  ["admin", 0x11, { cdw10: IMAGE.length / 4 - 1, out: IMAGE }],
  ["admin", 0x10, { cdw10: 0 }],
  ["admin", 0x10, { cdw10: 3 << 3 }],
  ["admin", 0x15, { nsid: 1, out: encodeControllerList([1]) }],
  ["admin", 0x15, { nsid: 1, cdw10: 1, out: encodeControllerList([1]) }],
  ["admin", 0x19, { nsid: 1, cdw11: 1, cdw12: 1 }],
  ["admin", 0x1a, { nsid: 1, cdw10: 1023, cdw11: 1 }],
  ["admin", 0x86, { nsid: 1, cdw12: 1023, cdw13: 0x1000_0000 }],
  ...EVERY_IO.map(([opcode, command]) => ["io", opcode, { ...command, nsid: 1 }] as const),
];

/** What is sent: an entry, and the data for it where they matter. */
interface Sent {
  readonly queue: Queue;
  readonly bytes: Uint8Array;
  readonly out?: Uint8Array | undefined;
}

/** The commands of the tables, which are valid but for one thing, as entries. */
const CORPUS: readonly Sent[] = [
  ...ALL_ROWS.map(({ queue, opcode, command }) => sentOf(queue, opcode, command)),
  ...Array.from({ length: 4 }, () => FINE.map((fine) => sentOf(...fine))).flat(),
];

function sentOf(queue: Queue, opcode: number, command: BenchCommand): Sent {
  const bytes = SubmissionEntry.encode({ ...words(command), opcode });
  return { queue, bytes, out: command.out };
}

function words(
  { flags = 0, nsid = 0, cdw10 = 0, cdw11 = 0, cdw12 = 0, cdw13 = 0, cdw14 = 0, cdw15 = 0 }:
    BenchCommand,
) {
  return { flags: { value: flags }, nsid, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 };
}

/** An entry of nothing but chance. */
function pure(random: Seeded): Sent {
  return { queue: random.once(2) ? "admin" : "io", bytes: random.bytes(ENTRY_BYTES) };
}

/** An entry of the tables with a few bits or a dword changed. */
function mutated(random: Seeded): Sent {
  const { queue, bytes: original, out } = random.pick(CORPUS);
  const bytes = original.slice();
  for (let change = random.below(4); change > 0; change--) {
    const at = random.below(ENTRY_BYTES);
    if (random.once(2)) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    else {
      const view = new DataView(bytes.buffer);
      const value = random.once(2) ? random.word() : random.pick(EDGES);
      view.setUint32(at & ~3, value, true);
    }
  }
  return { queue, bytes, out: random.once(2) ? out : undefined };
}

function commandOf(queue: Queue, bytes: Uint8Array, data: DataBuffer): Command {
  const entry = decodeSubmission(new DataView(bytes.buffer), 0);
  const { opcode, nsid, cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 } = entry;
  const dwords = { cdw2, cdw3, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 };
  return { queue, opcode, flags: entry.flags.value, nsid, ...dwords, data, metadata: data };
}

/** What is sent to one drive, and what came of it. */
interface Run {
  readonly bench: Bench;
  readonly random: Seeded;
  completed: number;
  lost: number;
  readonly wrong: unknown[];
  /** The commands that succeeded: `io 2`. */
  readonly succeeded: Set<string>;
}

function sendOne(run: Run, chance: DataBuffer): void {
  const { bench, random } = run;
  const { queue, bytes, out } = random.once(2) ? pure(random) : mutated(random);
  const data = out ? { ...chance, bytes: out.slice() } : chance;
  bench.transport.submit(commandOf(queue, bytes, data)).then(
    ({ status }) => {
      run.completed++;
      if (status === 0) run.succeeded.add(`${queue} ${bytes[0]}`);
      if (!Number.isInteger(status) || status < 0 || status > 0x7fff) run.wrong.push({ status });
    },
    (error) => {
      if (error instanceof UnreachableError) run.lost++;
      else run.wrong.push(error);
    },
  );
}

/** Between batches time goes on, and sometimes the power goes. */
function disturb({ bench, random }: Run): void {
  bench.advance(random.below(30_000));
  if (random.once(40)) bench.drive.first.reset();
  if (random.once(80)) bench.drive.powercut({ cached: "partly-lost" });
}

/** The life of one drive; says which commands succeeded at least once. */
async function fuzz(preset: string, entries: number, random: Seeded): Promise<ReadonlySet<string>> {
  const bench = new Bench(preset, random.seed);
  const run: Run = { bench, random, completed: 0, lost: 0, wrong: [], succeeded: new Set() };
  using data = bench.transport.allocate(8192);
  data.bytes.set(random.bytes(data.bytes.length));
  for (let sent = 0; sent < entries;) {
    for (let one = 0; one < BATCH && sent < entries; one++, sent++) sendOne(run, data);
    await Promise.resolve();
    assertEquals(run.wrong, [], `after ${sent} entries`);
    disturb(run);
    if (random.once(40)) checkSize(bench);
  }
  checkSize(bench);
  // What waits may make what comes after it wait once more.
  for (let minute = 0; minute < MINUTES_MOST; minute++) bench.advance(60_000);
  await Promise.resolve();
  const { outstanding } = bench.drive.first;
  const waiting = outstanding.count(() => true);
  assertEquals(run.completed + run.lost + waiting, entries, "each completes, is lost, or waits");
  assertEquals(waiting, outstanding.asyncEvents.length, "only events are waited for");
  return run.succeeded;
}

/** The drive's memory is plain data, and of a size that the commands do not decide. */
function checkSize({ drive }: Bench): void {
  const { firmwareUpdate: { pieces, ...update }, ...state } = structuredClone(drive.state);
  const plain = (_key: string, value: unknown) => typeof value === "bigint" ? `${value}` : value;
  const bytes = JSON.stringify({ ...state, update }, plain).length;
  assert(bytes < STATE_BYTES_MOST, `the state has ${bytes} characters`);
  const image = pieces.reduce((sum, { length }) => sum + length, 0);
  assert(image <= IMAGE_BYTES_MOST, `${image} bytes of a firmware image`);
  const media = drive.store.allocated().reduce((sum, { media }) => sum + media.residentBytes, 0);
  assert(media < MEDIA_BYTES_MOST, `${media} bytes of media`);
}

/** Drives of each kind, one after the other: what happens to one must not spoil the whole run. */
const LIVES = 8;
const PRESETS = presetNames();
const SHARE = Math.ceil(ENTRIES / PRESETS.length / LIVES);

/** Security Send is always refused, and events happen on some drives only. */
const REFUSED = ["admin 129", "admin 12"];
/** What a drive whose media are read-only refuses besides. */
const CHANGING = ["admin 128", "io 1", "io 4", "io 8", "io 25"];

for (const [index, preset] of PRESETS.entries()) {
  Deno.test(`virtual:${preset} answers ${LIVES * SHARE} entries of chance with statuses only`, async () => {
    const succeeded = new Set<string>();
    for (let life = 0; life < LIVES; life++) {
      await withSeed(0xf022_0000 + LIVES * index + life, async (random) => {
        for (const command of await fuzz(preset, SHARE, random)) succeeded.add(command);
      });
    }
    const controller = IdentifyController.decode((await new Bench(preset).identify(0x01)).data);
    const had = OPCODE_ROWS.filter(({ has }) => has(controller))
      .map(({ queue, opcode }) => `${queue} ${opcode}`);
    const refused = preset === "critical" ? [...REFUSED, ...CHANGING] : REFUSED;
    const never = had.filter((command) => !succeeded.has(command) && !refused.includes(command));
    assertEquals(never, [], "commands that were never carried out");
  });
}
