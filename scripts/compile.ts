// Compiles main.ts into one binary: scripts/setup.sh calls it, and so may a person.
//
// The modules are bundled into a few files first: one with what every invocation needs, others with
// what a verb or a kind of drive adds. Loading two hundred modules, or one file with all of them,
// took longer than everything that nvmectl does after that.

/**
 * What the binary may do; everything else (network, other programs, environment) the runtime
 * refuses. ARCHITECTURE.md says why each is there.
 */
const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-ffi"];

/** A thread's module, which the program finds beside itself by name. */
const WORKER = "ffi/slow_ioctl_worker.ts";

const [output = "build/nvmectl"] = Deno.args;
const folder = "build/bundle";
const bundle = ["bundle", "--quiet", "--platform", "deno"];

await Deno.remove(folder, { recursive: true }).catch(() => {});
await Deno.mkdir(folder, { recursive: true });
await deno([...bundle, "--code-splitting", "--outdir", folder, "main.ts"]);
await deno([...bundle, "--output", `${folder}/worker.js`, WORKER]);
// The program names it as the source does.
await Deno.rename(`${folder}/worker.js`, `${folder}/slow_ioctl_worker.ts`);
await deno([
  "compile",
  "--quiet",
  "--no-config",
  "--no-prompt",
  "--no-check",
  // The cache would be a file of known name in /tmp, which root then loads: anybody could plant it.
  "--no-code-cache",
  ...PERMISSIONS,
  "--include",
  `${folder}/slow_ioctl_worker.ts`,
  "--output",
  output,
  `${folder}/main.js`,
]);

async function deno(args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
