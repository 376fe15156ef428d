// Telemetry of several MiB, saved by nvmectl and by nvme-cli from the same served drive.

import { boot, type Guest } from "../vm/guest.ts";
import { checkoutPath } from "../vm/host.ts";
import { type Comparison, formatMs, type Section } from "./report.ts";
import { measurePairs, type Pair, ratios, spread } from "./statistics.ts";

const PLAN = { pairs: 8, dropped: 1 };
const TIMEOUT_MS = 300_000;
const MEMORY_MIB = 2048;
const MIB = 1024 * 1024;
/** The memory dump in the drive's telemetry. What drives give to their vendors is 1 to 32 MiB. */
const DUMP_MIB = 4;
const AIM = 1;

/** The drive that is measured, and one whose telemetry is some kB: what everything else costs. */
const DRIVES = {
  large: { serial: "TELEMETRY01", port: 4420, dumpBytes: DUMP_MIB * MIB },
  small: { serial: "TELEMETRY02", port: 4421, dumpBytes: 0 },
} as const;

/** The host's capture as it is, up to data area 3, into a file. */
const OURS = (device: string): string =>
  `nvmectl telemetry ${device} --host --area 3 --out /tmp/ours.bin`;
const PEER = (device: string): string =>
  `nvme telemetry-log ${device} --host-generate=0 --data-area=3 --output-file=/tmp/peer.bin`;

export const TELEMETRY_TITLE = "Telemetry";

/** One after the other from both drives: milliseconds. */
interface Run {
  readonly large: number;
  readonly small: number;
}

/** Boots a guest that serves two drives to itself and saves the telemetry of both. */
export async function telemetry(log: (line: string) => void): Promise<Section> {
  log("booting a guest that serves drives with telemetry to itself");
  await using guest = await boot({ drives: [], memoryMiB: MEMORY_MIB }, log);
  await guest.put(checkoutPath("build/nvmectl"), "/usr/local/bin/nvmectl");
  await must(guest, "modprobe nvme-tcp");
  const large = await serve(guest, DRIVES.large);
  const small = await serve(guest, DRIVES.small);
  for (const device of [large, small]) {
    await must(guest, `nvmectl telemetry ${device} --host --new --out /tmp/ours.bin`);
    await must(guest, `${OURS(device)} && ${PEER(device)} && cmp /tmp/ours.bin /tmp/peer.bin`);
  }
  const bytes = Number(await must(guest, `${PEER(large)} && stat -c %s /tmp/peer.bin`));
  log(`saving ${bytes} bytes of telemetry`);
  const run = (command: (device: string) => string) => async (): Promise<Run> => ({
    large: await time(guest, command(large)),
    small: await time(guest, command(small)),
  });
  const pairs = await measurePairs(PLAN, run(OURS), run(PEER));
  return {
    title: TELEMETRY_TITLE,
    method: `The wall time of saving ${(bytes / MIB).toFixed(1)} MiB of telemetry, up to data ` +
      "area 3, by both tools from the same drive: served by nvmectl in the guest that saves, " +
      "over loopback, the capture taken before. QEMU emulates the guest without KVM, so only " +
      "the ratio means something; starting nvmectl takes more than a second there. Transfer " +
      "alone is that time less the time of the same command for a drive whose telemetry is " +
      "some kB. nvme-cli 2.3 asks for 4 KiB at a time and compares no generation afterwards; " +
      "nvmectl asks for 256 KiB. An emulated drive takes milliseconds for a command, so that " +
      "fewer of them gain more than they would with a real one. " +
      `${PLAN.pairs} pairs, the first dropped.`,
    commands: [["nvmectl", OURS("DEVICE")], ["nvme-cli", PEER("DEVICE")]],
    heads: ["nvmectl", "nvme-cli"],
    comparisons: [
      comparison("from the command to the whole file", pairs, ({ large }) => large),
      comparison("transfer alone", pairs, transferMs),
    ],
  };
}

/** What the larger telemetry adds. */
export function transferMs({ large, small }: Run): number {
  return large - small;
}

function comparison(
  what: string,
  pairs: readonly Pair<Run>[],
  of: (run: Run) => number,
): Comparison {
  const median = (runs: readonly Run[]): string => formatMs(spread(runs.map(of)).median);
  return {
    what,
    ours: median(pairs.map(({ ours }) => ours)),
    reference: median(pairs.map(({ reference }) => reference)),
    ratio: ratios(pairs, of),
    aim: AIM,
  };
}

/** Serves a drive from a file and connects the guest to it; the path of its controller. */
async function serve(
  guest: Guest,
  { serial, port, dumpBytes }: typeof DRIVES[keyof typeof DRIVES],
): Promise<string> {
  const file = `/tmp/${serial}.json`;
  const drive = {
    schema: "nvmectl.drive/1",
    preset: "healthy",
    overrides: { serial, telemetryDumpBytes: dumpBytes },
    seed: 1,
  };
  await guest.run(`cat > ${file}`, { stdin: JSON.stringify(drive) });
  const nqn = `nqn.2014-08.org.nvmexpress:nvmectl-bench-${port}`;
  const output = await must(
    guest,
    `nvmectl drive serve virtual:${file} --tcp ${port} --subnqn ${nqn} >${file}.out 2>&1 &
     for wait in $(seq 120); do grep -q ^Next: ${file}.out && break; sleep 0.5; done
     nvme connect -t tcp -a 127.0.0.1 -s ${port} -n ${nqn} -i 1 -k 60 >/dev/null || exit
     for wait in $(seq 60); do
       grep -l ${serial} /sys/class/nvme/nvme*/serial && exit; sleep 0.5
     done; exit 1`,
  );
  return `/dev/${output.trim().split("/").at(-2)}`;
}

/** Milliseconds that a command takes, by the guest's own clock. */
async function time(guest: Guest, command: string): Promise<number> {
  const script = `start=$(date +%s%N); ${command} >/tmp/out 2>&1 || ` +
    "{ cat /tmp/out >&2; exit 1; }; end=$(date +%s%N); echo $(((end - start) / 1000))";
  return Number(await must(guest, script)) / 1000;
}

async function must(guest: Guest, script: string): Promise<string> {
  const { code, stdout, stderr } = await guest.run(script, { timeoutMs: TIMEOUT_MS });
  if (code === 0) return stdout;
  throw new Error(`Cannot run "${script}": status ${code}, ${stderr.trim()}`);
}
