// Compiles main.ts into one binary: scripts/setup.sh calls it, and so may a person.

// deno-lint-ignore-file no-console
const [output = "build/nvmectl"] = Deno.args;
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["compile", "--quiet", "--no-prompt", "--output", output, "main.ts"],
}).spawn().status;
if (code !== 0) Deno.exit(code);
