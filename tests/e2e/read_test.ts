// read and registers through the compiled program: real files, real signals, real pipes.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BINARY, type BinaryResult, nvmectl, runProgram } from "../support/binary.ts";

const SERIAL = "READ0001";
const BLOCKS = 2048;

/** A drive file of 1 MiB in a directory of its own, and the data that is on it. */
async function withDrive(
  run: (drive: { target: string; directory: string; data: Uint8Array }) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    const content = {
      schema: "nvmectl.drive/1",
      preset: "healthy",
      overrides: {
        serial: SERIAL,
        namespaces: [{ nsid: 1, capacityBytes: BLOCKS * 512, format: 0 }],
      },
    };
    await Deno.writeTextFile(`${directory}/d.json`, JSON.stringify(content));
    const target = `virtual:${directory}/d.json`;
    const data = Uint8Array.from({ length: BLOCKS * 512 }, (_, at) => (at * 31 + (at >> 9)) & 0xff);
    await Deno.writeFile(`${directory}/in`, data);
    for (let lba = 0; lba < BLOCKS; lba += 1024) {
      await Deno.writeFile(`${directory}/part`, data.subarray(lba * 512, (lba + 1024) * 512));
      await write(target, "0x01", lba, 1024, "--data-out", `${directory}/part`);
    }
    await run({ target, directory, data });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Sends a command about blocks that changes them. */
async function write(
  target: string,
  opcode: string,
  lba: number,
  blocks: number,
  ...more: readonly string[]
): Promise<void> {
  const words = ["raw", "io", target, "--opcode", opcode, "--nsid", "1", "--cdw10", `${lba}`];
  const confirmed = ["--yes", "--serial", SERIAL];
  const { code, stderr } = await nvmectl(
    [...words, "--cdw12", `${blocks - 1}`, ...more, ...confirmed],
  );
  assertEquals(code, 0, stderr);
}

async function names(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(directory)) found.push(name);
  return found.filter((name) => !/^(d\.json.*|in|part)$/.test(name)).sort();
}

/** Runs it until it has written something, sends a signal, and waits for the end. */
async function interrupted(
  words: readonly string[],
  { signal, begun }: { signal: Deno.Signal; begun: () => Promise<boolean> },
): Promise<BinaryResult & { readonly ms: number }> {
  const child = new Deno.Command(BINARY, {
    args: [...words],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  for (let tries = 0; !await begun(); tries++) {
    assert(tries < 600, "it never began");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const at = performance.now();
  child.kill(signal);
  const { code, stdout, stderr } = await output;
  const text = new TextDecoder();
  return {
    code,
    stdout: text.decode(stdout),
    stderr: text.decode(stderr),
    stdoutBytes: new Uint8Array(stdout),
    ms: performance.now() - at,
  };
}

/** Whether any file in the directory has grown beyond so many bytes. */
async function hasFile(directory: string, bytes: number): Promise<boolean> {
  for await (const { name } of Deno.readDir(directory)) {
    const { size, blocks } = await Deno.stat(`${directory}/${name}`).catch(() => ({
      size: 0,
      blocks: 0,
    }));
    if (size > bytes && (blocks ?? 0) * 512 > bytes) return true;
  }
  return false;
}

Deno.test("read saves exactly the blocks that were asked for", async () => {
  await withDrive(async ({ target, directory, data }) => {
    const out = `${directory}/out.bin`;
    for (const [lba, blocks] of [[0, BLOCKS], [0, 1], [BLOCKS - 1, 1], [7, 1001]] as const) {
      const { code, stderr } = await nvmectl(
        ["read", target, "--nsid", "1", "--lba", `${lba}`, "--blocks", `${blocks}`, "--out", out],
      );
      assertEquals(code, 0, stderr);
      const found = await Deno.readFile(out);
      assertEquals(found.length, blocks * 512);
      assert(found.every((byte, at) => byte === data[lba * 512 + at]), `${lba}+${blocks}`);
    }
    assertEquals(await names(directory), ["out.bin"]);
    const piped = await nvmectl(["read", target, "--lba", "9", "--blocks", "700", "-o", "raw"]);
    assertEquals(piped.code, 0, piped.stderr);
    assert(piped.stdoutBytes.every((byte, at) => byte === data[9 * 512 + at]));
    assertEquals(piped.stdoutBytes.length, 700 * 512);
    const beyond = await nvmectl(["read", target, "--lba", "2048", "--out", out]);
    assertEquals([beyond.code, beyond.stdout], [2, ""]);
    assertStringIncludes(beyond.stderr, "its blocks are 0 to 2047");
  });
});

Deno.test("a bad block ends read with its status and no file; --skip-errors saves the rest", async () => {
  await withDrive(async ({ target, directory, data }) => {
    // Write Uncorrectable.
    await write(target, "0x04", 100, 2);
    await write(target, "0x04", 2047, 1);
    const out = `${directory}/out.bin`;
    const failed = await nvmectl(["read", target, "--out", out, "-o", "json"]);
    assertEquals([failed.code, failed.stdout], [3, ""]);
    assertStringIncludes(failed.stderr, "Cannot read block 100 of namespace 1");
    assertStringIncludes(failed.stderr, "02h/81h");
    assertEquals(await names(directory), []);

    const words = ["read", target, "--out", out, "--skip-errors", "-o", "json"];
    const saved = await nvmectl(words);
    assertEquals(saved.code, 1, saved.stderr);
    const report = JSON.parse(saved.stdout);
    assertEquals(
      [report.blocks_read, report.blocks_unreadable, report.exit_status],
      [BLOCKS - 3, 3, 1],
    );
    assertEquals(report.unreadable, [{ lba: 100, blocks: 2 }, { lba: 2047, blocks: 1 }]);
    assertEquals(await names(directory), ["out.bin", "out.bin.map"]);
    const expected = data.slice();
    expected.fill(0, 100 * 512, 102 * 512);
    expected.fill(0, 2047 * 512);
    const found = await Deno.readFile(out);
    assert(found.length === expected.length && found.every((byte, at) => byte === expected[at]));
    const map = (await Deno.readTextFile(`${out}.map`)).trim().split("\n");
    assertEquals(map.slice(5), [
      "0x00000000  0x0000C800  +",
      "0x0000C800  0x00000400  -",
      "0x0000CC00  0x000F3200  +",
      "0x000FFE00  0x00000200  -",
    ]);
    // Written again they can be read, and the same command has it all.
    await Deno.writeFile(`${directory}/part`, data.subarray(100 * 512, 102 * 512));
    await write(target, "0x01", 100, 2, "--data-out", `${directory}/part`);
    await Deno.writeFile(`${directory}/part`, data.subarray(2047 * 512));
    await write(target, "0x01", 2047, 1, "--data-out", `${directory}/part`);
    const again = await nvmectl(words);
    assertEquals(again.code, 0, again.stderr);
    assert((await Deno.readFile(out)).every((byte, at) => byte === data[at]));
  });
});

Deno.test("Ctrl-C ends read soon, says what is left, and leaves nothing", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr, ms } = await interrupted(
      ["read", "virtual:", "--out", `${directory}/out.bin`],
      { signal: "SIGINT", begun: () => hasFile(directory, 1_000_000) },
    );
    assertEquals([code, stdout], [130, ""]);
    assertMatch(stderr, /Interrupted: [0-9,]+ of 1,953,525,168 blocks were read, [0-9,]+ are left/);
    assert(ms < 2000, `${ms} ms`);
    assertEquals(await names(directory), []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a signal ends read -o raw soon whose reader takes nothing any more", async () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const child = new Deno.Command(BINARY, {
      args: ["read", "virtual:", "-o", "raw"],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    assert(((await reader.read()).value?.length ?? 0) > 0);
    // The pipe is full by then.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const at = performance.now();
    child.kill(signal);
    assertEquals((await child.status).code, status);
    const ms = performance.now() - at;
    assert(ms < 2000, `${ms} ms`);
    assertMatch(
      await new Response(child.stderr).text(),
      /Interrupted: [0-9,]+ of 1,953,525,168 blocks were read, [0-9,]+ are left/,
    );
    await reader.cancel();
  }
});

Deno.test("SIGTERM ends read --skip-errors with a map from which it goes on", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const out = `${directory}/out.bin`;
    const words = ["read", "virtual:no-selftest", "--out", out, "--skip-errors"];
    const finished = async (): Promise<number> => {
      const text = await Deno.readTextFile(`${out}.map`);
      const [, bytes] = /^0x00000000 {2}(0x[0-9A-F]+) {2}\+$/m.exec(text) ?? [];
      return Number(bytes ?? 0);
    };
    const first = await interrupted(words, {
      signal: "SIGTERM",
      begun: () => hasFile(directory, 1_000_000),
    });
    assertEquals(first.code, 143, first.stderr);
    assertStringIncludes(first.stderr, `the same command goes on from ${out}.map`);
    const before = await finished();
    assert(before >= 1_000_000, `${before}`);
    assertEquals((await Deno.stat(out)).size, 10_737_418_240);
    const second = await interrupted(words, {
      signal: "SIGINT",
      begun: () => hasFile(directory, before + 1_000_000),
    });
    assertEquals(second.code, 130, second.stderr);
    assert(await finished() > before);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("SIGHUP ends it as SIGTERM does, unless it was started to outlive its terminal", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const out = `${directory}/out.bin`;
    const words = ["read", "virtual:no-selftest", "--out", out, "--skip-errors"];
    const ended = await interrupted(words, {
      signal: "SIGHUP",
      begun: () => hasFile(directory, 1_000_000),
    });
    assertEquals(ended.code, 129, ended.stderr);
    assertStringIncludes(ended.stderr, `the same command goes on from ${out}.map`);
    // As nohup does it.
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", `trap '' HUP; exec "$0" "$@"`, BINARY, "read", "virtual:", "-o", "raw"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    for (let bytes = 0; bytes < 1_000_000;) bytes += (await reader.read()).value?.length ?? 0;
    child.kill("SIGHUP");
    for (let bytes = 0; bytes < 100_000_000;) {
      const { value } = await reader.read();
      assert(value, "it goes on");
      bytes += value.length;
    }
    child.kill("SIGTERM");
    while (!(await reader.read()).done);
    assertEquals((await child.status).code, 143);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("read -o raw to a full device says that the blocks are lost, and not a report of them", async () => {
  const script = `exec "$0" "$@" >/dev/full`;
  const { code, stderr } = await runProgram("/bin/sh", [
    ...["-c", script, BINARY, "read", "virtual:", "--blocks", "64", "-o", "raw"],
  ]);
  assertEquals(code, 4);
  assertMatch(
    stderr,
    /Cannot write blocks to standard output: No space left on device .*; 0 of 64 blocks had been/,
  );
  assertMatch(stderr, /Next: where there is room for the rest: --lba 0 begins with it/);
});

Deno.test("a file that becomes too large is an error of its own, and nothing is left", async () => {
  const directory = await Deno.makeTempDir();
  try {
    // A limit of the shell in place of a full disk: 512 KiB.
    const script = `trap '' XFSZ; ulimit -f 1024; exec "$0" "$@"`;
    const { code, stdout, stderr } = await runProgram("/bin/sh", [
      ...["-c", script, BINARY, "read", "virtual:", "--blocks", "4096"],
      ...["--out", `${directory}/out.bin`],
    ]);
    assertEquals([code, stdout], [4, ""], stderr);
    assertStringIncludes(stderr, `Cannot write ${directory}/out.bin`);
    assertEquals(await names(directory), []);
    const nowhere = await nvmectl(["read", "virtual:", "--blocks", "1", "--out", "/nowhere/x"]);
    assertEquals(nowhere.code, 4);
    assertStringIncludes(nowhere.stderr, "Cannot write /nowhere/x: no such file or directory");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("read writes to /dev/null and to a pipe that is closed early, never to another device", async () => {
  const nothing = await nvmectl(["read", "virtual:", "--blocks", "4096", "--out", "/dev/null"]);
  assertEquals(nothing.code, 0, nothing.stderr);
  assert((await Deno.stat("/dev/null")).isCharDevice);
  const script = `"$0" read virtual: -o raw | head -c 1000 | wc -c`;
  const piped = await runProgram("/bin/sh", ["-c", script, BINARY]);
  assertEquals([piped.stdout.trim(), piped.stderr], ["1000", ""]);
  const full = await nvmectl(["read", "virtual:", "--blocks", "1", "--out", "/dev/full"]);
  assertEquals(full.code, 4);
  assertStringIncludes(full.stderr, "Cannot write /dev/full: it is a device");
  const own = await nvmectl(["read", "virtual:", "--blocks", "1", "--out", "/dev/stdout"]);
  assertEquals([own.code, own.stdout], [4, ""]);
  assertStringIncludes(own.stderr, "nvmectl uses no files below /dev, /proc and /sys");
});

Deno.test("registers decodes the registers of a virtual drive in every format", async () => {
  const table = await nvmectl(["registers", "virtual:"]);
  assertEquals(table.code, 0, table.stderr);
  assertMatch(table.stdout, /^VS +08h +0x00020100 +2\.1\.0$/m);
  const { registers } = JSON.parse((await nvmectl(["registers", "virtual:", "-o", "json"])).stdout);
  assertEquals([registers.csts.fields.rdy, registers.cap.fields.mqes], [true, 1023]);
  const raw = await nvmectl(["registers", "virtual:", "-o", "raw"]);
  assertEquals(raw.stdoutBytes.length, 4096);
  assertEquals(new DataView(raw.stdoutBytes.buffer).getUint32(8, true), 0x20100);
});
