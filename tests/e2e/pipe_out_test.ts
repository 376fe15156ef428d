// Results that go to a named pipe, through the compiled program: readers that come late, or never,
// and signals meanwhile.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { BINARY, nvmectl, runProgram } from "../support/binary.ts";

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;
/** How long a start may take on a busy machine. */
const START_MS = 30_000;
const FULL_MS = 300;

async function withPipe(run: (pipe: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const pipe = `${directory}/pipe`;
    assertEquals((await runProgram("mkfifo", [pipe])).code, 0);
    await run(pipe);
    const names = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
    assertEquals(names, ["pipe"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Whether a process has opened the file for writing: then nothing but a reader is missing. */
async function writes(pid: number, path: string): Promise<boolean> {
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const to = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    if (to === path) return true;
  }
  return false;
}

/** Starts what writes to a pipe, sends one signal, and waits for the end, which took so long. */
async function signalled(
  words: readonly string[],
  { pipe, signal }: { readonly pipe: string; readonly signal: Deno.Signal },
): Promise<{ code: number; ms: number; stderr: string }> {
  const child = new Deno.Command(BINARY, {
    args: [...words],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const started = performance.now();
  while (!await writes(child.pid, pipe)) {
    assert(performance.now() - started < START_MS, "it never began");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // A pipe that somebody reads is full by then.
  await new Promise((resolve) => setTimeout(resolve, FULL_MS));
  const at = performance.now();
  child.kill(signal);
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  const { code } = await child.status;
  clearTimeout(late);
  return { code, ms: performance.now() - at, stderr: await stderr };
}

for (const [signal, status] of SIGNALS) {
  Deno.test(`one ${signal} ends read --out to a pipe that nobody reads`, async () => {
    await withPipe(async (pipe) => {
      const words = ["read", "virtual:", "--out", pipe];
      const { code, ms, stderr } = await signalled(words, { pipe, signal });
      assertEquals(code, status, stderr);
      assert(ms < 2000, `${ms} ms`);
      assertMatch(stderr, /Interrupted: 0 of 1,953,525,168 blocks were read/);
    });
  });
}

Deno.test("one signal ends what else would write to a pipe that nobody reads", async () => {
  await withPipe(async (pipe) => {
    for (
      const words of [
        ["telemetry", "virtual:", "--host", "--new", "--out", pipe],
        ["raw", "admin", "virtual:", "--opcode", "6", "--cdw10", "1", "--data-in", "4096", "--save"]
          .concat(pipe),
        ["key", "dhchap", "generate", "--out", pipe],
      ]
    ) {
      const { code, ms, stderr } = await signalled(words, { pipe, signal: "SIGTERM" });
      assertEquals(code, 143, `${words[0]}: ${stderr}`);
      assert(ms < 2000, `${words[0]}: ${ms} ms`);
    }
  });
});

Deno.test("one signal ends read --out to a pipe whose reader takes nothing more", async () => {
  await withPipe(async (pipe) => {
    const sleeper = new Deno.Command("/bin/sh", {
      args: ["-c", `exec sleep 60 <"$0"`, pipe],
      stdin: "null",
    }).spawn();
    try {
      const words = ["read", "virtual:", "--out", pipe];
      const { code, ms, stderr } = await signalled(words, { pipe, signal: "SIGINT" });
      assertEquals(code, 130, stderr);
      assert(ms < 2000, `${ms} ms`);
    } finally {
      sleeper.kill("SIGKILL");
      await sleeper.status;
    }
  });
});

Deno.test("a reader that comes late gets all bytes, and one that leaves early is an error", async () => {
  await withPipe(async (pipe) => {
    const words = ["read", "virtual:", "--blocks", "20000"];
    const expected = (await nvmectl([...words, "-o", "raw"])).stdoutBytes;
    assertEquals(expected.length, 20_000 * 512);
    const script = (reader: string): Promise<{ code: number; stdoutBytes: Uint8Array }> =>
      runProgram("/bin/sh", ["-c", `sleep 0.5; exec ${reader} <"$0"`, pipe]);
    const [whole, read] = await Promise.all([
      nvmectl([...words, "--out", pipe]),
      script("cat"),
    ]);
    assertEquals(whole.code, 0, whole.stderr);
    assertEquals(read.stdoutBytes.length, expected.length);
    assert(read.stdoutBytes.every((byte, at) => byte === expected[at]));
    const [cut, first] = await Promise.all([
      nvmectl([...words, "--out", pipe]),
      script("head -c 100"),
    ]);
    assertEquals([cut.code, first.stdoutBytes.length], [4, 100], cut.stderr);
    assertMatch(cut.stderr, /Cannot write \S+pipe: Broken pipe/);
  });
});

Deno.test("a pipe in place of the map of --skip-errors is refused, not waited for", async () => {
  await withPipe(async (pipe) => {
    const words = ["read", "virtual:", "--out", `${pipe}.img`, "--skip-errors", "--map", pipe];
    const { code, stderr } = await nvmectl(words);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /Cannot go on from the map \S+: it is not a map/);
  });
});
