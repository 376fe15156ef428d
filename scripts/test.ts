// Runs every suite and counts all of them together: `N passed, N failed` is the last line.

// deno-lint-ignore-file no-console

import { GuestUnavailable, installTestPrograms } from "./vm/install.ts";

/** How a suite is run. Each prints its own output; `counts` says how its tests are counted. */
interface Suite {
  readonly name: string;
  readonly args: readonly string[];
  /** `tests` reads the counts that the test runner prints; `one` counts the whole suite as one. */
  readonly counts: "tests" | "one";
}

const TEST = ["test", "--quiet", "--no-prompt", "--no-check"];

/** Tests against the kernel of this machine. */
const WITH_FFI = [
  "tests/ffi",
  "tests/host/system_view_test.ts",
  "tests/host/pci/system_host_test.ts",
];
/** Tests with sockets, files and threads of their own. */
const WITH_SOCKETS = ["tests/serve", "tests/open"];

/** Sources whose comments have examples that run. */
const WITH_EXAMPLES = ["src/library.ts", "src/controller", "src/keys"];

const SUITES: readonly Suite[] = [
  { name: "fmt", args: ["fmt", "--check", "--quiet"], counts: "one" },
  { name: "lint", args: ["lint", "--quiet"], counts: "one" },
  {
    name: "check",
    args: ["check", "--quiet", "main.ts", "src", "ffi", "scripts", "tests"],
    counts: "one",
  },
  { name: "tidy", args: ["run", "--quiet", "--allow-read=.", "scripts/tidy.ts"], counts: "one" },
  // Without --allow-ffi: nothing outside ffi/ needs the kernel to be tested.
  {
    name: "unit",
    args: [
      ...TEST,
      "--allow-read=.",
      `--ignore=${["tests/e2e", "tests/vm", ...WITH_FFI, ...WITH_SOCKETS]}`,
      "tests",
    ],
    counts: "tests",
  },
  // The examples of the library's functions, as a program would run them.
  {
    name: "doc",
    args: [
      "test",
      "--quiet",
      "--no-prompt",
      "--doc",
      "--allow-read",
      "--allow-ffi",
      "--preload",
      "tests/support/load_libc.ts",
      ...WITH_EXAMPLES,
    ],
    counts: "tests",
  },
  {
    name: "ffi",
    args: [
      ...TEST,
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      "--allow-env",
      ...WITH_FFI,
    ],
    counts: "tests",
  },
  {
    name: "serve",
    args: [...TEST, "--unstable-worker-options", "--allow-all", ...WITH_SOCKETS],
    counts: "tests",
  },
  { name: "e2e", args: [...TEST, "--allow-all", "tests/e2e"], counts: "tests" },
  { name: "vm", args: [...TEST, "--allow-all", "tests/vm"], counts: "tests" },
];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/**
 * The counts on the test runner's summary line, `ok | 12 passed (3 steps) | 0 failed | 1 ignored`;
 * undefined when there is none, which means that it did not get to the end.
 */
export function parseSummary(output: string): Counts | undefined {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  const found = [...plain.matchAll(/^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed(.*)$/gm)].at(
    -1,
  );
  if (!found) return undefined;
  const ignored = /(\d+) ignored/.exec(found[3] ?? "");
  return { passed: Number(found[1]), failed: Number(found[2]), ignored: Number(ignored?.[1] ?? 0) };
}

/** Copies a stream to our output while keeping it. */
async function tee(
  stream: ReadableStream<Uint8Array>,
  to: { writeSync(bytes: Uint8Array): number },
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(to.writeSync(rest));
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function say(line: string): void {
  console.error(`test: ${line}`);
}

async function runSuite({ name, args, counts }: Suite): Promise<Counts> {
  console.log(`== ${name}`);
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [stdout, , status] = await Promise.all([
    tee(child.stdout, Deno.stdout),
    tee(child.stderr, Deno.stderr),
    child.status,
  ]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const counted = counts === "tests" ? parseSummary(stdout) : undefined;
  const result: Counts = counted ?? { passed: 0, failed: 0, ignored: 0 };
  // A runner that fails without saying which test failed is a failure of its own.
  const unexplained = !status.success && result.failed === 0 ? 1 : 0;
  const whole = counts === "one" && status.success ? 1 : 0;
  const missing = counts === "tests" && status.success && counted === undefined ? 1 : 0;
  const total = {
    passed: result.passed + whole,
    failed: result.failed + unexplained + missing,
    ignored: result.ignored,
  };
  console.log(`== ${name}: ${total.passed} passed, ${total.failed} failed in ${seconds} s`);
  return total;
}

if (import.meta.main) {
  const asked = Deno.args;
  const unknown = asked.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(
      `test: no suite ${unknown.join(", ")}; there are ${
        SUITES.map(({ name }) => name).join(", ")
      }`,
    );
    Deno.exit(2);
  }
  const chosen = SUITES.filter(({ name }) => asked.length === 0 || asked.includes(name));
  let passed = 0;
  let failed = 0;
  let ignored = 0;
  if (chosen.some(({ name }) => name === "e2e")) {
    await installTestPrograms(say).catch((error) => {
      if (!(error instanceof GuestUnavailable)) throw error;
      say(error.message);
    });
  }
  for (const suite of chosen) {
    const counts = await runSuite(suite);
    passed += counts.passed;
    failed += counts.failed;
    ignored += counts.ignored;
  }
  if (ignored > 0) console.log(`${ignored} left out, each for the reason given above`);
  // Under CI, a test that was left out is a test that did not pass.
  const inCi = Deno.env.get("CI") === "true";
  if (inCi) failed += ignored;
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exitCode = failed === 0 ? 0 : 1;
}
