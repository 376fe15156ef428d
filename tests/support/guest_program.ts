// Programs of Deno for a guest that use the sources as a library, each as one module.

import type { Guest, RunOptions } from "../../scripts/vm/guest.ts";
import { quote } from "../../scripts/vm/guest.ts";
import { shell } from "./guest.ts";

/** A program that a guest can run. */
export interface GuestProgram extends AsyncDisposable {
  /** Runs it, which must succeed, and returns its standard output. */
  run(guest: Guest, words: readonly string[], options?: RunOptions): Promise<string>;
}

/** Bundles a program of `tests/support/programs`. The guest has the runtime from the host's root. */
export async function bundledProgram(name: string): Promise<GuestProgram> {
  const path = await Deno.makeTempFile({ prefix: "nvmectl-program-", suffix: ".js" });
  const source = new URL(`./programs/${name}`, import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", "--output", path, source],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${name}: ${new TextDecoder().decode(stderr)}`);
  return {
    async run(guest, words, options) {
      const inside = `/run/${name}.js`;
      await guest.put(path, inside, 0o644);
      const program = [Deno.execPath(), "run", "--quiet", "--allow-all", inside, ...words];
      return await shell(guest, program.map(quote).join(" "), options);
    },
    [Symbol.asyncDispose]: () => Deno.remove(path),
  };
}
