// Programs of Deno in a guest that use the sources as a library: each bundled into one module, run
// by the runtime that the guest has from the host's root.

import { GuestError } from "./process.ts";
import { type Guest, quote } from "./guest.ts";

/** Where the guest has the host's root, also what its own /tmp hides. */
const HOST_ROOT = "/run/vm/host";

/** Bundles a program of this checkout and places it in the guest. Returns the words that run it. */
export async function putProgram(guest: Guest, source: string): Promise<readonly string[]> {
  const path = await Deno.makeTempFile({ prefix: "nvmectl-program-", suffix: ".js" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "--output", path, source],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new GuestError(`Cannot bundle ${source}: ${new TextDecoder().decode(stderr).trim()}`);
    }
    const inside = `/run/${source.slice(source.lastIndexOf("/") + 1)}.js`;
    await guest.put(path, inside, 0o644);
    const runtime = `${HOST_ROOT}${await Deno.realPath(Deno.execPath())}`;
    return [runtime, "run", "--quiet", "--allow-all", inside].map(quote);
  } finally {
    await Deno.remove(path);
  }
}
