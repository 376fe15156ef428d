// Parses the command line of scripts/bench.ts.

/** The benchmarks, in the order in which they run. */
export const NAMES = [
  "startup",
  "sweep",
  "decode",
  "direct",
  "ring",
  "polled",
  "target",
  "telemetry",
] as const;

/** A benchmark's name on the command line. */
export type BenchmarkName = typeof NAMES[number];

/** What the command line asks for. */
export interface BenchRequest {
  readonly help: boolean;
  readonly write: boolean;
  readonly names: readonly BenchmarkName[];
}

/** The command line makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The text of `--help`. */
export const HELP = `Measures nvmectl against a peer or a floor, in pairs, and prints ratios.

  .tools/bin/deno run -A scripts/bench.ts [BENCHMARK]... [--write]

  startup   build/nvmectl health virtual: -o json, against a compiled hello world
  sweep     nvmectl health --all over 24 drives of a QEMU guest, against a loop of nvme smart-log
  decode    pages through the tables of src/spec, against straight-line code
  direct    commands to a virtual drive in this process, against copying; and what a tap costs
  ring      the polling driver's queues with a device in this process, against doing it by hand
  polled    reads through the polling driver in a QEMU guest, against the kernel's driver
  target    reads over NVMe/TCP in a QEMU guest: nvmectl drive serve, against the kernel's target
  telemetry several MiB of telemetry saved in a QEMU guest, against nvme telemetry-log

Without a BENCHMARK all of them run. scripts/setup.sh must have made build/nvmectl.

  --write   renew these benchmarks' sections of BENCHMARKS.md
  --help    this text

Exit status: 0 all aims met, 1 an aim missed or unclear, 2 wrong usage, 125 there is no guest.
`;

/** @throws {UsageError} */
export function parseArguments(args: readonly string[]): BenchRequest {
  const asked = args.filter((word) => !word.startsWith("-"));
  const options = args.filter((word) => word.startsWith("-"));
  const unknown = options.find((word) => word !== "--write" && word !== "--help") ??
    asked.find((word) => !isName(word));
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot understand "${unknown}": need ${NAMES.join(", ")}, --write or --help`,
    );
  }
  return {
    help: options.includes("--help"),
    write: options.includes("--write"),
    names: NAMES.filter((name) => asked.length === 0 || asked.includes(name)),
  };
}

function isName(word: string): word is BenchmarkName {
  return NAMES.some((name) => name === word);
}
