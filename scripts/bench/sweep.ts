// Sweep: one nvmectl over all drives of a guest, against a shell's loop over nvme-cli.

import { boot, type Guest } from "../vm/guest.ts";
import { checkoutPath } from "../vm/host.ts";
import { formatMs, type Section } from "./report.ts";
import { measurePairs, type Pair, ratios, spread } from "./statistics.ts";

const DRIVES = 24;
const PLAN = { pairs: 20, dropped: 2 };
const TIMEOUT_MS = 180_000;
const NVMECTL = "nvmectl health --all -o json";
const NVME_CLI =
  'for drive in /sys/class/nvme/nvme*; do nvme smart-log "/dev/${drive##*/}" -o json; done';
/** In the guest's memory. */
const OUTPUT = "/tmp/sweep.json";

export const SWEEP_TITLE = "Sweep";

/** Boots a guest with many drives and measures both ways to read the health of all of them. */
export async function sweep(log: (line: string) => void): Promise<Section> {
  log(`booting a guest with ${DRIVES} drives`);
  await using guest = await boot({
    drives: Array.from({ length: DRIVES }, (_, at) => ({ serial: `SWEEP${at + 1}` })),
  }, log);
  await guest.put(checkoutPath("build/nvmectl"), "/usr/local/bin/nvmectl");
  const pairs = await measurePairs(
    PLAN,
    () => timed(guest, NVMECTL, temperaturesByNvmectl),
    () => timed(guest, NVME_CLI, temperaturesByNvmeCli),
  );
  return {
    title: SWEEP_TITLE,
    method:
      `The health of ${DRIVES} drives as JSON, in a guest that QEMU emulates without KVM, so ` +
      "only the ratio means something. Every answer is checked: all drives, and the " +
      `same temperatures. ${PLAN.pairs} pairs, the first ${PLAN.dropped} dropped. Time is taken ` +
      "outside of the guest, output goes to a file in its memory.",
    commands: [["nvmectl", NVMECTL], ["nvme-cli", NVME_CLI]],
    heads: ["nvmectl", "nvme-cli"],
    comparisons: [{ what: `${DRIVES} drives, total time`, ...compare(pairs), aim: 1 }],
  };
}

function compare(pairs: readonly Pair<number>[]) {
  return {
    ours: formatMs(spread(pairs.map(({ ours }) => ours)).median),
    reference: formatMs(spread(pairs.map(({ reference }) => reference)).median),
    ratio: ratios(pairs, (ms) => ms),
  };
}

/** Milliseconds that a script takes; it must have answered for every drive. */
async function timed(
  guest: Guest,
  script: string,
  temperatures: (output: string) => readonly number[],
): Promise<number> {
  const { code, stderr, ms } = await guest.run(`{ ${script}; } >${OUTPUT}`, {
    timeoutMs: TIMEOUT_MS,
  });
  const { stdout } = await guest.run(`cat ${OUTPUT}`);
  if (code !== 0) throw new Error(`Cannot run "${script}": status ${code}, ${stderr.trim()}`);
  const found = temperatures(stdout);
  // QEMU's drives are all as warm as each other.
  if (found.length === DRIVES && found.every((kelvin) => kelvin === QEMU_KELVIN)) return ms;
  throw new Error(
    `Cannot compare "${script}": it read ${found.join(", ")} K, need ${DRIVES} × ${QEMU_KELVIN} K`,
  );
}

/** What QEMU's drive reports unless told otherwise. */
const QEMU_KELVIN = 323;

/** The temperatures in kelvin of `nvmectl health --all -o json`; a drive that failed has none. */
export function temperaturesByNvmectl(output: string): readonly number[] {
  const { drives } = JSON.parse(output) as {
    readonly drives: readonly { readonly smart?: { readonly composite_temperature: number } }[];
  };
  return drives.flatMap(({ smart }) => smart?.composite_temperature ?? []);
}

/** The temperatures in kelvin of several `nvme smart-log -o json`, one after another. */
export function temperaturesByNvmeCli(output: string): readonly number[] {
  // Each is an object that ends with a brace at the start of a line.
  return output.split(/(?<=^\})$/m).filter((text) => text.trim() !== "").map((text) =>
    (JSON.parse(text) as { readonly temperature: number }).temperature
  );
}
