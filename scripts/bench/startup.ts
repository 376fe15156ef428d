// Start-up: the compiled nvmectl against a compiled hello world, which is the runtime's own cost.

import { checkoutPath } from "../vm/host.ts";
import { type ChildCost, runChild } from "./child.ts";
import { formatMiB, formatMs, type Section } from "./report.ts";
import { measurePairs, ratios, spread } from "./statistics.ts";

const NVMECTL = "build/nvmectl";
const NVMECTL_ARGS = ["health", "virtual:", "-o", "json"];
const HELLO = "build/bench/hello";
const PLAN = { pairs: 41, dropped: 3 };

export const STARTUP_TITLE = "Start-up";

/** Compiles the hello world and measures both programs in pairs. */
export async function startup(): Promise<Section> {
  await compileHello();
  const pairs = await measurePairs(
    PLAN,
    () => runChild(checkoutPath(NVMECTL), NVMECTL_ARGS),
    () => runChild(checkoutPath(HELLO), []),
  );
  const compare = (of: (cost: ChildCost) => number, format: (value: number) => string) => ({
    ours: format(spread(pairs.map(({ ours }) => of(ours))).median),
    reference: format(spread(pairs.map(({ reference }) => of(reference))).median),
    ratio: ratios(pairs, of),
  });
  return {
    title: STARTUP_TITLE,
    method:
      "Start, ask the virtual drive for its health, print it as JSON, end; against a program " +
      "of one line, compiled by the same compiler with the same runtime. " +
      `${PLAN.pairs} pairs, the first ${PLAN.dropped} dropped. Resident memory is the peak that ` +
      "the kernel reports when the program has ended.",
    commands: [
      ["nvmectl", [NVMECTL, ...NVMECTL_ARGS].join(" ")],
      ["hello world", HELLO],
    ],
    heads: ["nvmectl", "hello world"],
    comparisons: [
      { what: "wall time", ...compare(({ wallMs }) => wallMs, formatMs), aim: 1.5 },
      {
        what: "resident memory",
        ...compare(({ residentKiB }) => residentKiB, formatMiB),
        aim: 1.25,
      },
      { what: "processor time", ...compare(({ processorMs }) => processorMs, formatMs) },
    ],
  };
}

/** Compiles as scripts/compile.ts does; a hello world needs no permissions. */
async function compileHello(): Promise<void> {
  const source = checkoutPath(`${HELLO}.js`);
  await Deno.mkdir(checkoutPath("build/bench"), { recursive: true });
  await Deno.writeTextFile(source, 'console.log("hello, world");\n');
  const runtime = Deno.env.get("DENORT_BIN") ??
    checkoutPath(`.tools/denort-${Deno.version.deno}`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--no-config",
      "--no-prompt",
      "--no-check",
      "--no-code-cache",
      "--output",
      checkoutPath(HELLO),
      source,
    ],
    env: { DENORT_BIN: runtime, DENO_DIR: checkoutPath(".tools/deno_dir") },
    stdin: "null",
  }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot compile ${source}: ${reason}`);
}
