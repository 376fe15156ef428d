// Compiles main.ts into one binary: scripts/setup.sh calls it, and so may a person.
//
// The modules are bundled into a few files first: one with what every invocation needs, others with
// what a verb or a kind of drive adds. Loading two hundred modules, or one file with all of them,
// took longer than everything that nvmectl does after that.

/**
 * What the binary may do; everything else (other programs, environment) the runtime refuses.
 * ARCHITECTURE.md says why each is there.
 */
const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-ffi", "--allow-net"];

/** The threads' modules, which the program finds beside itself by name. */
const WORKERS = ["ffi/slow_ioctl_worker.ts", "src/serve/plugin/plugin_thread.ts"];

const BUNDLE = ["bundle", "--quiet", "--platform", "deno"];

/** A step that failed and has said why, or Ctrl-C; `exit` is the status of all of this. */
class FailedStep extends Error {
  constructor(readonly exit: number) {
    super("Cannot compile");
  }
}

const [output = "build/nvmectl"] = Deno.args;
await Deno.mkdir("build", { recursive: true });
// Each compilation has its own: several may run at once.
const folder = await Deno.makeTempDir({ dir: "build", prefix: "bundle-" });
let interrupted = false;
// Ctrl-C ends the step that runs as well; what is left is to clean up.
Deno.addSignalListener("SIGINT", () => interrupted = true);
try {
  await compile(await bundle());
} catch (error) {
  if (!(error instanceof FailedStep)) throw error;
  Deno.exitCode = error.exit;
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Bundles all modules into the folder; the files that the program finds beside its own module. */
async function bundle(): Promise<readonly string[]> {
  const packed = `${folder}/typescript_compiler.js.gz`;
  await deno([
    ...BUNDLE,
    // What TypeScript would use if somebody had installed it beside it.
    ...["--external", "source-map-support"],
    "--minify",
    ...["--output", `${folder}/compiler.js`],
    "src/serve/plugin/typescript_compiler.ts",
  ]);
  await gzip(`${folder}/compiler.js`, packed);
  await Deno.remove(`${folder}/compiler.js`);
  await deno([
    ...BUNDLE,
    "--code-splitting",
    ...["--external", "typescript"],
    ...["--outdir", folder],
    "main.ts",
  ]);
  const threads = WORKERS.map((path) => `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`);
  for (const [at, path] of WORKERS.entries()) {
    await deno([...BUNDLE, "--output", `${folder}/worker.js`, path]);
    // The program names it as the source does.
    await Deno.rename(`${folder}/worker.js`, threads[at] ?? "");
  }
  return [...threads, packed];
}

/** Makes the program, which takes its name when it is whole: Deno renames it at the end. */
async function compile(included: readonly string[]): Promise<void> {
  await deno([
    "compile",
    "--quiet",
    "--no-config",
    "--no-prompt",
    "--no-check",
    // The cache would be a file of known name in /tmp, which root then loads: anybody could plant
    // it.
    "--no-code-cache",
    // A plug-in's thread is made without permissions.
    "--unstable-worker-options",
    // A run is over before it has allocated that much: without, it pauses to collect garbage twice.
    "--v8-flags=--min-semi-space-size=4",
    ...PERMISSIONS,
    ...included.flatMap((path) => ["--include", path]),
    ...["--output", output],
    `${folder}/main.js`,
  ]);
}

async function gzip(from: string, to: string): Promise<void> {
  const source = await Deno.open(from);
  const stream = source.readable.pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(to, stream);
}

async function deno(args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (interrupted) throw new FailedStep(130);
  if (code !== 0) throw new FailedStep(code);
}
