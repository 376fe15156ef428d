// Drive files through the compiled program: what one process did, the next one finds.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BINARY, type BinaryResult, nvmectl, runProgram } from "../support/binary.ts";

const SERIAL = "FILE0001";
const NOBODY = 65534;

/** A drive file in a directory of its own. */
async function withDrive(
  run: (target: string, path: string, directory: string) => Promise<void>,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/drive.json`;
  try {
    await writeDrive(path, overrides);
    await run(`virtual:${path}`, path, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function writeDrive(path: string, overrides: Readonly<Record<string, unknown>>) {
  const content = {
    schema: "nvmectl.drive/1",
    preset: "healthy",
    overrides: { serial: SERIAL, ...overrides },
  };
  await Deno.writeTextFile(path, JSON.stringify(content));
}

async function succeeds(...words: string[]): Promise<BinaryResult> {
  const result = await nvmectl(words);
  assertEquals(result.code, 0, `nvmectl ${words.join(" ")}: ${result.stderr}`);
  return result;
}

async function json(...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await nvmectl([...words, "-o", "json"]);
  return JSON.parse(stdout);
}

async function counter(target: string, key: string): Promise<number> {
  const { stdout } = await succeeds("log", "smart", target, "-o", "json");
  const found = new RegExp(`"${key}": ([0-9]+)`).exec(stdout);
  assert(found, stdout);
  return Number(found[1]);
}

Deno.test("A namespace of a single block is still there in the next process", async () => {
  await withDrive(async (target) => {
    await succeeds("namespace", "delete", target, "--all", "--yes", "--serial", SERIAL);
    await succeeds("namespace", "create", target, "--blocks", "1", "--attach");
    const { stdout } = await succeeds("identify", target, "--namespace", "1");
    assertMatch(stdout, /^Block +512 bytes$/m);
  });
});

Deno.test("A namespace that was formatted is still formatted in the next process", async () => {
  await withDrive(async (target, path) => {
    const before = await succeeds("identify", target, "--namespace", "1");
    assertMatch(before.stdout, /^Block +512 bytes$/m);
    await succeeds("format", target, "--block-size", "4096", "--yes", "--serial", SERIAL);
    const after = await succeeds("identify", target, "--namespace", "1");
    assertMatch(after.stdout, /^Block +4,096 bytes$/m);
    const names: string[] = [];
    for await (const { name } of Deno.readDir(`${path}.data`)) names.push(name);
    assertEquals(names.sort(), ["1.1.blocks", "1.1.map", "lock"]);
  });
});

Deno.test("What one process wrote the next one reads, and where nothing was written are zeros", async () => {
  await withDrive(async (target, _path, directory) => {
    const data = Uint8Array.from({ length: 4096 }, (_, at) => (at * 31 + 7) & 0xff);
    await Deno.writeFile(`${directory}/out`, data);
    const consent = ["--yes", "--serial", SERIAL];
    const write = ["raw", "io", target, "--nsid", "1", "--opcode", "1", "--cdw12", "7"];
    await succeeds(...write, "--cdw10", "1000000", "--data-out", `${directory}/out`, ...consent);
    const read = ["raw", "io", target, "--nsid", "1", "--opcode", "2", "--data-in", "4096"];
    const back = await succeeds(...read, "--cdw10", "1000000", "--cdw12", "7", "-o", "raw");
    assertEquals(back.stdoutBytes, data);
    const beside = await succeeds(...read, "--cdw10", "1000008", "--cdw12", "7", "-o", "raw");
    assert(beside.stdoutBytes.length === 4096 && beside.stdoutBytes.every((byte) => byte === 0));
    assertEquals(await counter(target, "host_write_commands"), 254_321_988);
  });
});

Deno.test("A terabyte drive takes no more of the disk than was written", async () => {
  await withDrive(async (target, path) => {
    await succeeds("health", target);
    const { stdout } = await runProgram("du", ["-s", "--block-size=1024", `${path}.data`]);
    assert(Number(stdout.split("\t")[0]) < 1024, stdout);
  });
});

Deno.test("A self-test that one process started the next one finds progressing, then done", async () => {
  await withDrive(async (target) => {
    await succeeds("selftest", "--extended", target);
    const { stdout } = await succeeds("selftest", target);
    assertMatch(stdout, /extended/i);
    const found = /([0-9]+) ?%/.exec(stdout);
    assert(found && Number(found[1]) < 100, stdout);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const done = await succeeds("log", "self-test", target);
    assertMatch(done.stdout, /extended/i);
    assertMatch(done.stdout, /passed|without error/i);
  }, { selfTests: { shortMs: 1000, extendedMs: 3000 } });
});

Deno.test("A second process is told that the drive is in use; a killed one leaves it usable", async () => {
  await withDrive(async (target, path) => {
    const before = await counter(target, "unsafe_shutdowns");
    const first = new Deno.Command(BINARY, {
      args: ["selftest", "--short", "--wait", target],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => (await Deno.readTextFile(path)).includes('"power": "on"'));
    const second = await nvmectl(["health", target]);
    assertEquals([second.code, second.stdout], [4, ""]);
    assertStringIncludes(second.stderr, "another process is using it");
    assertStringIncludes(second.stderr, "Next: ");
    first.kill("SIGKILL");
    await first.status;
    assertEquals(await counter(target, "unsafe_shutdowns"), before + 1);
  }, { selfTests: { shortMs: 60_000, extendedMs: 60_000 } });
});

Deno.test("A process that is asked to end leaves a drive that was shut down", async () => {
  await withDrive(async (target, path) => {
    const before = await counter(target, "unsafe_shutdowns");
    const first = new Deno.Command(BINARY, {
      args: ["selftest", "--short", "--wait", target],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => (await Deno.readTextFile(path)).includes('"power": "on"'));
    // Long enough for the wait to have begun, which is what the signal ends.
    await new Promise((resolve) => setTimeout(resolve, 500));
    first.kill("SIGTERM");
    await first.status;
    assertEquals(await counter(target, "unsafe_shutdowns"), before);
  }, { selfTests: { shortMs: 60_000, extendedMs: 60_000 } });
});

Deno.test("Files that are no drives say what is wrong with them, on stderr, with status 2", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const cases: readonly (readonly [content: string, says: RegExp])[] = [
      ["", /it is damaged/],
      ['{"schema": ', /it is damaged/],
      ["[]", /the file is no record/],
      ['{"schema": "nvmectl.drive/9"}', /schema is "nvmectl\.drive\/9", need "nvmectl\.drive\/1"/],
      ['{"schema": "nvmectl.drive/1", "preset": "x"}', /preset is "x", need one of healthy/],
      [
        '{"schema": "nvmectl.drive/1", "preset": "old", "overrides": {"model": 1}}',
        /overrides\.model is a number, need a text/,
      ],
    ];
    for (const [content, says] of cases) {
      const path = `${directory}/bad.json`;
      await Deno.writeTextFile(path, content);
      const { code, stdout, stderr } = await nvmectl(["health", `virtual:${path}`]);
      assertEquals([code, stdout], [2, ""], stderr);
      assertMatch(stderr, says);
      assertEquals(await Deno.readTextFile(path), content);
    }
    const missing = await nvmectl(["health", `virtual:${directory}/none.json`]);
    assertEquals(missing.code, 2);
    assertMatch(missing.stderr, /there is no such file\n.*nvmectl drive new /);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("A directory that cannot be written is said to be that, with status 4", async () => {
  await withDrive(async (target, path, directory) => {
    await Deno.chmod(directory, 0o755);
    await Deno.chmod(path, 0o644);
    const words = ["health", target];
    // Root may write anywhere, so it becomes somebody else.
    const { code, stdout, stderr } = Deno.uid() === 0
      ? await runProgram("setpriv", [
        `--reuid=${NOBODY}`,
        `--regid=${NOBODY}`,
        "--clear-groups",
        BINARY,
        ...words,
      ])
      : await (async () => {
        await Deno.chmod(directory, 0o555);
        try {
          return await nvmectl(words);
        } finally {
          await Deno.chmod(directory, 0o755);
        }
      })();
    assertEquals([code, stdout], [4, ""], stderr);
    assertMatch(stderr, /Cannot open virtual:.*[Pp]ermission denied/);
  });
});

Deno.test("health -o json of a drive file is that of any drive", async () => {
  await withDrive(async (target) => {
    const report = await json("health", target);
    assertEquals([report["schema"], report["exit_status"]], ["nvmectl.health/1", 0]);
  });
});

Deno.test("A drive file has registers and takes a reset, as any virtual drive", async () => {
  await withDrive(async (target) => {
    const { registers } = await json("registers", target) as { registers: Record<string, unknown> };
    assert("csts" in registers);
    await succeeds("reset", target);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let left = 100; left > 0; left--) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Cannot wait longer: it did not come true");
}
