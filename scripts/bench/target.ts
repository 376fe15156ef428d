// The NVMe/TCP target: the kernel of a guest reads from nvmectl's and from its own, on loopback.

import { boot, type Guest } from "../vm/guest.ts";
import { checkoutPath } from "../vm/host.ts";
import { installBenchmarkPrograms } from "../vm/install.ts";
import { type Comparison, formatMs, formatWhole, type Section } from "./report.ts";
import { measurePairs, ratios, spread } from "./statistics.ts";

const PLAN = { pairs: 12, dropped: 2 };
const RUN_SECONDS = 5;
const RAMP_SECONDS = 1;
const WARM_SECONDS = 10;
const TIMEOUT_MS = 120_000;
const MEMORY_MIB = 2048;
const FILE_MIB = 64;
const QUEUES = 2;
/** Half of the peer's operations in a second: each takes twice as long. */
const AIM = 2;

const OURS = { nqn: "nqn.2014-08.org.nvmexpress:nvmectl-bench", port: 4420 } as const;
const PEER = { nqn: "nqn.2014-08.org.nvmexpress:nvmet-bench", port: 4421 } as const;

const SERVE = `nvmectl drive serve virtual: --tcp ${OURS.port} --subnqn ${OURS.nqn}`;
const FIO = "fio --name=read --rw=randread --bs=4k --direct=1 --time_based " +
  `--size=${FILE_MIB}M --output-format=json --output=/tmp/fio.json`;

/** The engine that each depth is read with: system calls of a program that waits, or a queue. */
const DEPTHS = [[1, "psync"], [32, "libaio"]] as const;

export const TARGET_TITLE = "NVMe/TCP target";

/** Boots a guest that serves two drives to itself and reads from both. */
export async function target(log: (line: string) => void): Promise<Section> {
  await installBenchmarkPrograms(log);
  log("booting a guest that serves drives to itself");
  await using guest = await boot({ drives: [], memoryMiB: MEMORY_MIB }, log);
  await guest.put(checkoutPath("build/nvmectl"), "/usr/local/bin/nvmectl");
  await must(guest, START_OURS);
  await must(guest, START_PEER);
  const [ours, peer] = [await connect(guest, OURS), await connect(guest, PEER)];
  // The same contents on both, on the media of ours and not in its write cache.
  for (const device of [ours, peer]) await must(guest, fill(device));
  const comparisons: Comparison[] = [];
  for (const [depth, engine] of DEPTHS) {
    log(`reading at queue depth ${depth}`);
    const read = (device: string) => () => readTime(guest, { device, depth, engine });
    for (const device of [ours, peer]) {
      await readTime(guest, { device, depth, engine, seconds: WARM_SECONDS });
    }
    const pairs = await measurePairs(PLAN, read(ours), read(peer));
    comparisons.push({
      what: `4 KiB random read, queue depth ${depth}`,
      ours: describe(pairs.map((pair) => pair.ours)),
      reference: describe(pairs.map((pair) => pair.reference)),
      ratio: ratios(pairs, (ms) => ms),
      aim: AIM,
    });
  }
  return {
    title: TARGET_TITLE,
    method: "The time that one read takes of all that go on at a time, and reads in a second, by " +
      "fio in a guest that QEMU emulates without KVM, so only the ratio means something. Both " +
      "targets serve the guest that they run in, over loopback, in the same boot: ours a drive " +
      `in memory, the kernel's own nvmet-tcp a file of ${FILE_MIB} MiB on tmpfs by a loop ` +
      `device, both filled before. Connected with ${QUEUES} I/O queues. ${PLAN.pairs} pairs of ` +
      `${RUN_SECONDS} s, the first ${PLAN.dropped} dropped. A ratio of ${AIM} is half of the ` +
      "peer's reads in a second.",
    commands: [
      ["nvmectl", SERVE],
      ["nvmet-tcp", "/sys/kernel/config/nvmet, modules nvmet and nvmet-tcp"],
      ["read by", fioCommand({ device: "DEVICE", depth: 32, engine: "libaio" })],
    ],
    heads: ["nvmectl", "nvmet-tcp"],
    comparisons,
  };
}

const START_OURS = `modprobe nvme-tcp && { ${SERVE} >/tmp/serve.out 2>/tmp/serve.err & } && ` +
  `for wait in $(seq 120); do grep -q ${OURS.nqn} /tmp/serve.out && exit 0; sleep 0.5; done; ` +
  "cat /tmp/serve.err >&2; exit 1";

const NVMET = "/sys/kernel/config/nvmet";
const START_PEER = `set -e
modprobe nvmet-tcp
modprobe loop
mount -t configfs none /sys/kernel/config 2>/dev/null || true
mkdir -p /tmp/peer
mount -t tmpfs none /tmp/peer
dd if=/dev/zero of=/tmp/peer/file bs=1M count=${FILE_MIB} 2>/dev/null
losetup /dev/loop0 /tmp/peer/file
subsystem=${NVMET}/subsystems/${PEER.nqn}
mkdir "$subsystem" "$subsystem/namespaces/1" ${NVMET}/ports/1
echo 1 >"$subsystem/attr_allow_any_host"
echo /dev/loop0 >"$subsystem/namespaces/1/device_path"
echo 1 >"$subsystem/namespaces/1/enable"
cd ${NVMET}/ports/1
echo tcp >addr_trtype
echo ipv4 >addr_adrfam
echo 127.0.0.1 >addr_traddr
echo ${PEER.port} >addr_trsvcid
ln -s "$subsystem" subsystems/
`;

/** Connects the guest to a target; the path of its namespace. */
async function connect(
  guest: Guest,
  { nqn, port }: { readonly nqn: string; readonly port: number },
): Promise<string> {
  const output = await must(
    guest,
    `nvme connect -t tcp -a 127.0.0.1 -s ${port} -n ${nqn} -i ${QUEUES} >/dev/null && ` +
      "for wait in $(seq 60); do " +
      `folder="$(dirname "$(grep -lx ${nqn} /sys/class/nvme-subsystem/*/subsysnqn)")"; ` +
      // Below the subsystem where it has several paths, below its controller where it has one.
      'ls -d "$folder"/nvme*n1 "$folder"/nvme*/nvme*n1 2>/dev/null | ' +
      "grep -Eo 'nvme[0-9]+n1$' && exit 0; sleep 0.5; done; exit 1",
  );
  return `/dev/${output.trim()}`;
}

function fill(device: string): string {
  return `dd if=/dev/urandom of=${device} bs=1M count=${FILE_MIB} oflag=direct conv=fsync 2>&1`;
}

/** One run of fio. */
interface FioRun {
  readonly device: string;
  readonly depth: number;
  readonly engine: string;
  readonly seconds?: number;
}

function fioCommand({ device, depth, engine, seconds = RUN_SECONDS }: FioRun): string {
  return `${FIO} --filename=${device} --iodepth=${depth} --ioengine=${engine} ` +
    `--runtime=${seconds} --ramp_time=${RAMP_SECONDS}`;
}

/** Milliseconds that one read takes: the time of all of them, divided by their number. */
async function readTime(guest: Guest, fioRun: FioRun): Promise<number> {
  await must(guest, fioCommand(fioRun));
  return 1000 / readsPerSecond(await must(guest, "cat /tmp/fio.json"));
}

/** Reads in a second of a run of fio with `--output-format=json`. Throws when there were none. */
export function readsPerSecond(output: string): number {
  // fio writes notes in front of its JSON.
  const report = JSON.parse(output.slice(Math.max(0, output.indexOf("{")))) as {
    readonly jobs: readonly { readonly error: number; readonly read: { readonly iops: number } }[];
  };
  const [job] = report.jobs;
  if (job && job.error === 0 && job.read.iops > 0) return job.read.iops;
  throw new Error(`Cannot compare targets: fio ended with error ${job?.error ?? "none"}`);
}

function describe(times: readonly number[]): string {
  const { median } = spread(times);
  return `${formatMs(median)}, ${formatWhole(1000 / median)}/s`;
}

async function must(guest: Guest, script: string): Promise<string> {
  const { code, stdout, stderr } = await guest.run(script, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return stdout;
  throw new Error(`Cannot run "${script}": status ${code}, ${stderr.trim()}`);
}
