// Compiles main.ts into one binary: scripts/setup.sh calls it, and so may a person.
//
// The modules are bundled into one file first. Loading one file instead of two hundred is half of
// the start-up time, and `deno compile` then embeds nothing of the packages but what is used.

/**
 * What the binary may do; everything else (network, other programs, environment) the runtime
 * refuses. ARCHITECTURE.md says why each is there.
 */
const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-ffi"];

/** A thread's module, which the program finds beside itself by name. */
const WORKER = "ffi/slow_ioctl_worker.ts";

const [output = "build/nvmectl"] = Deno.args;
const folder = "build/bundle";

await Deno.remove(folder, { recursive: true }).catch(() => {});
await Deno.mkdir(folder, { recursive: true });
await deno([
  "bundle",
  "--quiet",
  "--platform",
  "deno",
  "--output",
  `${folder}/nvmectl.js`,
  "main.ts",
]);
await deno(["bundle", "--quiet", "--platform", "deno", "--output", `${folder}/worker.js`, WORKER]);
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
  `${folder}/nvmectl.js`,
]);

async function deno(args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args] }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
