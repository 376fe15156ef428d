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

const [output = "build/nvmectl"] = Deno.args;
const folder = "build/bundle";
const bundle = ["bundle", "--quiet", "--platform", "deno"];

await Deno.remove(folder, { recursive: true }).catch(() => {});
await Deno.mkdir(folder, { recursive: true });
// What TypeScript would use if somebody had installed it beside it.
const external = ["--external", "source-map-support"];
const packed = `${folder}/typescript_compiler.js.gz`;
await deno([
  ...bundle,
  ...external,
  "--minify",
  "--output",
  `${folder}/compiler.js`,
  "src/serve/plugin/typescript_compiler.ts",
]);
await gzip(`${folder}/compiler.js`, packed);
await Deno.remove(`${folder}/compiler.js`);
await deno([
  ...bundle,
  "--code-splitting",
  "--external",
  "typescript",
  "--outdir",
  folder,
  "main.ts",
]);
const threads = WORKERS.map((path) => `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`);
for (const [at, path] of WORKERS.entries()) {
  await deno([...bundle, "--output", `${folder}/worker.js`, path]);
  // The program names it as the source does.
  await Deno.rename(`${folder}/worker.js`, threads[at] ?? "");
}
await deno([
  "compile",
  "--quiet",
  "--no-config",
  "--no-prompt",
  "--no-check",
  // The cache would be a file of known name in /tmp, which root then loads: anybody could plant it.
  "--no-code-cache",
  // A plug-in's thread is made without permissions.
  "--unstable-worker-options",
  // A run is over before it has allocated that much: without, it pauses to collect garbage twice.
  "--v8-flags=--min-semi-space-size=4",
  ...PERMISSIONS,
  ...[...threads, packed].flatMap((path) => ["--include", path]),
  "--output",
  output,
  `${folder}/main.js`,
]);

async function gzip(from: string, to: string): Promise<void> {
  const source = await Deno.open(from);
  const stream = source.readable.pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(to, stream);
}

async function deno(args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
