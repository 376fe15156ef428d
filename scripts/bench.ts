// Measures nvmectl against its peers and its floors: deno run -A scripts/bench.ts --help

// deno-lint-ignore-file no-console

import { type BenchmarkName, HELP, NAMES, parseArguments, UsageError } from "./bench/arguments.ts";
import { decode, DECODE_TITLE } from "./bench/decode.ts";
import { direct, DIRECT_TITLE } from "./bench/direct.ts";
import { machineText, thisMachine } from "./bench/machine.ts";
import { formatSection, formatTable, judge, mergeDocument, type Section } from "./bench/report.ts";
import { polled, POLLED_TITLE } from "./bench/polled.ts";
import { ring, RING_TITLE } from "./bench/ring.ts";
import { startup, STARTUP_TITLE } from "./bench/startup.ts";
import { sweep, SWEEP_TITLE } from "./bench/sweep.ts";
import { target, TARGET_TITLE } from "./bench/target.ts";
import { telemetry, TELEMETRY_TITLE } from "./bench/telemetry.ts";
import { checkoutPath, GuestUnavailable } from "./vm/host.ts";

const BENCHMARKS: Readonly<
  Record<BenchmarkName, { readonly title: string; readonly measure: () => Promise<Section> }>
> = {
  startup: { title: STARTUP_TITLE, measure: startup },
  sweep: { title: SWEEP_TITLE, measure: () => sweep(progress) },
  decode: { title: DECODE_TITLE, measure: decode },
  direct: { title: DIRECT_TITLE, measure: direct },
  ring: { title: RING_TITLE, measure: ring },
  polled: { title: POLLED_TITLE, measure: () => polled(progress) },
  target: { title: TARGET_TITLE, measure: () => target(progress) },
  telemetry: { title: TELEMETRY_TITLE, measure: () => telemetry(progress) },
};

const DOCUMENT = "BENCHMARKS.md";
const EXIT = { missed: 1, usage: 2, noGuest: 125 } as const;

if (import.meta.main) Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseArguments(args);
    if (request.help) {
      console.log(HELP.trimEnd());
      return 0;
    }
    return await measure(request.names, request.write);
  } catch (error) {
    if (error instanceof UsageError) return fail(error, EXIT.usage);
    if (error instanceof GuestUnavailable) return fail(error, EXIT.noGuest);
    throw error;
  }
}

async function measure(names: readonly BenchmarkName[], write: boolean): Promise<number> {
  const machine = machineText(await thisMachine());
  console.log(`Machine: ${machine}`);
  let missed = 0;
  for (const name of names) {
    progress(`measuring ${name}`);
    const [load = 0] = Deno.loadavg();
    const section = await BENCHMARKS[name].measure();
    console.log(`\n${section.title}`);
    for (const [who, command] of section.commands) console.log(`  ${who}: ${command}`);
    console.log(formatTable(section));
    missed += section.comparisons.filter((comparison) =>
      (judge(comparison) ?? "met") !== "met"
    ).length;
    if (!write) continue;
    const command = `.tools/bin/deno run -A scripts/bench.ts ${name}`;
    await renew(section.title, formatSection(section, { command, machine, load }));
  }
  return missed > 0 ? EXIT.missed : 0;
}

/** Puts a section into the document, formatted as the repository's documents are. */
async function renew(title: string, text: string): Promise<void> {
  const path = checkoutPath(DOCUMENT);
  const existing = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const order = NAMES.map((name) => BENCHMARKS[name].title);
  await Deno.writeTextFile(path, mergeDocument(existing, new Map([[title, text]]), order));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", path],
    stdin: "null",
  }).spawn().status;
  if (!success) throw new Error(`Cannot format ${DOCUMENT}: see above`);
  progress(`wrote "${title}" to ${DOCUMENT}`);
}

function progress(line: string): void {
  console.error(`bench: ${line}`);
}

function fail({ message }: Error, code: number): number {
  progress(message);
  return code;
}
