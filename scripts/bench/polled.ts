// The polling driver in a guest: reads through it, against reads through the kernel's driver.

import { boot, type Guest } from "../vm/guest.ts";
import { checkoutPath } from "../vm/host.ts";
import { doorbellWrites, DriveTrace, registerReads, type Seen } from "../vm/drive_trace.ts";
import { installBenchmarkPrograms } from "../vm/install.ts";
import { PolledReader } from "./polled_reader.ts";
import { type Comparison, formatWhole, type Section } from "./report.ts";
import { measurePairs, type Pair, ratios, spread } from "./statistics.ts";
import { readsPerSecond } from "./target.ts";

/** Pairs for each half: our driver has the one drive in the first, the other in the second. */
const PLAN = { pairs: 5, dropped: 1 };
const RUN_SECONDS = 2;
/** Until everything is compiled that will be. */
const WARM_MS = 3000;
const COUNT_MS = 300;
const COUNT_READS = 2000;
const TIMEOUT_MS = 120_000;
const IMAGE_BYTES = 64 * 1024 * 1024;
const SERIALS = ["POLLED1", "POLLED2"] as const;
const DEEP = 32;

/** One comparison: how our driver is used, and what reads through the kernel's. */
interface Contest {
  readonly what: string;
  readonly how: "feed" | "submit";
  readonly depth: number;
  readonly engine: string;
  readonly aim?: number;
  /** fio does not look at the clock for each read. */
  readonly blind?: boolean;
}

const CONTESTS: readonly Contest[] = [
  // Twice as many reads, and four times as many.
  { what: "depth 1, to pread", how: "feed", depth: 1, engine: "psync", aim: 0.5 },
  { what: "depth 32, to libaio", how: "feed", depth: DEEP, engine: "libaio", aim: 0.25 },
  {
    what: "depth 32, to libaio without a clock",
    how: "feed",
    depth: DEEP,
    engine: "libaio",
    blind: true,
  },
  { what: "depth 1, to io_uring", how: "feed", depth: 1, engine: "io_uring" },
  { what: "depth 32, to io_uring", how: "feed", depth: DEEP, engine: "io_uring" },
  { what: "a promise each, depth 1, to pread", how: "submit", depth: 1, engine: "psync" },
  { what: "a promise each, depth 32, to libaio", how: "submit", depth: DEEP, engine: "libaio" },
];

export const POLLED_TITLE = "Polling driver in a guest";

/** Boots a guest with two drives that are alike, and reads from both, each driver from one. */
export async function polled(log: (line: string) => void): Promise<Section> {
  await installBenchmarkPrograms(log);
  log("booting a guest with an IOMMU");
  using trace = new DriveTrace();
  await using guest = await boot({
    drives: SERIALS.map((serial) => ({ serial, namespaces: [{ bytes: IMAGE_BYTES }] })),
    iommu: true,
    trace: trace.bootOptions(),
  }, log);
  await guest.put(checkoutPath("build/nvmectl"), "/usr/local/bin/nvmectl");
  for (const at of SERIALS.keys()) await fill(guest.imagePath(at));
  const pairs = CONTESTS.map((): Pair<number>[] => []);
  const counts: Comparison[] = [];
  for (const [ours, theirs] of [SERIALS, SERIALS.toReversed()]) {
    const device = await deviceOf(guest, theirs ?? "");
    await using reader = await PolledReader.open(guest, ours ?? "", IMAGE_BYTES / 512);
    for (const [at, contest] of CONTESTS.entries()) {
      log(`reading from ${ours}: ${contest.what}`);
      pairs[at]?.push(...await compete(guest, reader, device, contest));
    }
    if (counts.length > 0) continue;
    for (const depth of [1, DEEP]) {
      counts.push(await count({ guest, reader, device, trace }, depth));
    }
  }
  return {
    title: POLLED_TITLE,
    method:
      "Random reads of 4 KiB: the time that one takes of all that go on at a time, and reads " +
      "in a second, in a guest that QEMU emulates without KVM, so only the ratio means something. " +
      "Two drives with the same content in one boot; our driver has one of them, the kernel's the " +
      `other, and half-way they change places. ${CONTESTS.length} times 2 × ${PLAN.pairs} pairs of ` +
      `${RUN_SECONDS} s, the first ${PLAN.dropped} of each half dropped, after ` +
      `${WARM_MS / 1000} s of reading that do not count. Our reads go by \`run()\` of the ` +
      "transport, or each by a promise of its own. fio measures each read, as it does unless told " +
      "otherwise; in the comparison without a clock it does not (--gtod_reduce=1). A ratio of 0.5 " +
      "is twice the reads. Accesses to registers are counted in QEMU's trace: doorbells that are " +
      "written, registers that are read.",
    commands: [
      ["nvmectl", "scripts/bench/polled_child.ts"],
      ["kernel", fioCommand({ device: "DEVICE", depth: DEEP, engine: "libaio" })],
    ],
    heads: ["our driver", "kernel's driver"],
    comparisons: [
      ...CONTESTS.map((contest, at) => comparison(contest, pairs[at] ?? [])),
      ...counts,
    ],
  };
}

async function compete(
  guest: Guest,
  reader: PolledReader,
  device: string,
  { how, depth, engine, blind = false }: Contest,
): Promise<readonly Pair<number>[]> {
  await reader.read(how, depth, WARM_MS);
  return await measurePairs(
    PLAN,
    async () => {
      const { reads, ms } = await reader.read(how, depth, RUN_SECONDS * 1000);
      return ms / reads;
    },
    async () => 1000 / await fio(guest, { device, depth, engine, blind }),
  );
}

function comparison({ what, aim }: Contest, pairs: readonly Pair<number>[]): Comparison {
  const describe = (times: readonly number[]): string => {
    const { median } = spread(times);
    return `${(median * 1000).toFixed(1)} µs, ${formatWhole(1000 / median)}/s`;
  };
  return {
    what,
    ours: describe(pairs.map(({ ours }) => ours)),
    reference: describe(pairs.map(({ reference }) => reference)),
    ratio: ratios(pairs, (ms) => ms),
    ...(aim === undefined ? {} : { aim }),
  };
}

/** What is counted with. */
interface Counting {
  readonly guest: Guest;
  readonly reader: PolledReader;
  readonly device: string;
  readonly trace: DriveTrace;
}

/** Accesses to registers for each read, doorbells among them, as QEMU saw them. */
async function count(
  { guest, reader, device, trace }: Counting,
  depth: number,
): Promise<Comparison> {
  const engine = depth === 1 ? "psync" : "libaio";
  const mine = await trace.during(guest, () => reader.read("feed", depth, COUNT_MS));
  const theirs = await trace.during(
    guest,
    () => fio(guest, { device, depth, engine, reads: COUNT_READS }),
  );
  const ours = accessesOf(mine.seen, mine.result.reads);
  const reference = accessesOf(theirs.seen, COUNT_READS);
  return {
    what: `accesses to registers for a read, depth ${depth}`,
    ours: ours.text,
    reference: reference.text,
    ratio: spread([ours.each / reference.each]),
    // A doorbell for the command and one for its completion; with more at a time they share them.
    ...(depth === 1 ? { aim: 2, absolute: { value: spread([ours.each]), unit: "accesses" } } : {}),
  };
}

function accessesOf(seen: Seen, reads: number): { readonly each: number; readonly text: string } {
  const [doorbells, others] = [doorbellWrites(seen), registerReads(seen)];
  return {
    each: (doorbells + others) / reads,
    text: `${(doorbells / reads).toFixed(3)} doorbells, ${(others / reads).toFixed(3)} reads`,
  };
}

/** One run of fio, for a time or for so many reads. */
interface FioRun {
  readonly device: string;
  readonly depth: number;
  readonly engine: string;
  readonly reads?: number;
  readonly blind?: boolean;
}

function fioCommand({ device, depth, engine, reads, blind = false }: FioRun): string {
  const length = reads === undefined
    ? `--time_based --runtime=${RUN_SECONDS}`
    : `--number_ios=${reads}`;
  return `fio --name=read --rw=randread --bs=4k --direct=1 --norandommap ` +
    (blind ? "--gtod_reduce=1 " : "") +
    `--filename=${device} --iodepth=${depth} --ioengine=${engine} ${length} ` +
    "--output-format=json --output=/run/fio.json";
}

async function fio(guest: Guest, fioRun: FioRun): Promise<number> {
  await must(guest, fioCommand(fioRun));
  return readsPerSecond(await must(guest, "cat /run/fio.json"));
}

/** The same bytes into every image. */
async function fill(path: string): Promise<void> {
  const words = Uint32Array.from({ length: IMAGE_BYTES / 4 }, (_, at) => Math.imul(at, 2654435761));
  await Deno.writeFile(path, new Uint8Array(words.buffer), { create: false });
}

/** The block device of a drive that the kernel has. */
async function deviceOf(guest: Guest, serial: string): Promise<string> {
  const found = await must(guest, `grep -l ${serial} /sys/class/nvme/nvme*/serial`);
  return `/dev/${/nvme\d+(?=\/serial)/.exec(found)?.[0]}n1`;
}

async function must(guest: Guest, script: string): Promise<string> {
  const { code, stdout, stderr } = await guest.run(script, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return stdout;
  throw new Error(`Cannot run "${script}": status ${code}, ${stderr.trim()}`);
}
