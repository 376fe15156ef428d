// Key files of the compiled program on a real file system: what is there is not replaced, and pipes
// and /dev/null take a key as before.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BINARY, nvmectl, runProgram } from "../support/binary.ts";
import { inFolder } from "../support/serving.ts";

const GENERATE = ["key", "tls", "generate", "--out"];

Deno.test("a key is not written over another one, but in its place where told to", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/k`;
    assertEquals((await nvmectl([...GENERATE, path])).code, 0);
    const first = await Deno.readTextFile(path);
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    await Deno.symlink(path, `${folder}/link`);
    for (const name of [path, `${folder}/link`]) {
      const refused = await nvmectl([...GENERATE, name]);
      assertEquals([refused.code, refused.stdout], [2, ""]);
      assertStringIncludes(refused.stderr, `Cannot write ${name}: it is there already`);
      assertStringIncludes(refused.stderr, "Next: name another file; --overwrite replaces");
    }
    assertEquals(await Deno.readTextFile(path), first);
    assertEquals((await nvmectl([...GENERATE, path, "--overwrite"])).code, 0);
    const second = await Deno.readTextFile(path);
    assert(second !== first && second.startsWith("NVMeTLSkey-1:01:"));
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(names.toSorted(), ["k", "link"], "nothing else is left");
  });
});

Deno.test("an empty file, a pipe and /dev/null take a key", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/empty`;
    await Deno.writeTextFile(path, "", { mode: 0o644 });
    assertEquals((await nvmectl([...GENERATE, path])).code, 0);
    assertStringIncludes(await Deno.readTextFile(path), "NVMeTLSkey-1:01:");
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assertEquals((await nvmectl([...GENERATE, "/dev/null"])).code, 0);
    const script = 'mkfifo "$1" && { cat "$1" & "$0" key tls generate --out "$1" >&2; wait; }';
    const { code, stdout } = await runProgram("sh", ["-c", script, BINARY, `${folder}/pipe`]);
    assertEquals(code, 0);
    assert(stdout.startsWith("NVMeTLSkey-1:01:"), "out of the pipe");
  });
});
