// Tests of plug-in files that mean harm, or are broken: the program and the drive go on.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Budgets, pluginFrom } from "../../../src/serve/plugin/host.ts";
import { Bench, OK } from "../../drive/bench.ts";

const BUDGETS: Budgets = {
  setupMs: 3000,
  callMs: 300,
  atOnceMs: 150,
  memoryBytes: 512 * 2 ** 20,
};

interface Loaded extends AsyncDisposable {
  readonly bench: Bench;
  readonly said: string[];
  readonly reported: () => readonly string[];
}

/** A drive whose timers are real ones, with a plug-in file loaded. */
async function loaded(source: string, thread?: URL): Promise<Loaded> {
  const bench = new Bench("", 1, realTimer);
  const { plugins, taps } = bench.drive;
  const said: string[] = [];
  plugins.onLog = (_plugin, message) => void said.push(message);
  const plugin = await pluginFrom({ path: "test.js", source }, BUDGETS, thread);
  await plugins.load(plugin, { name: "test.js", seed: 7 });
  return {
    bench,
    said,
    reported: () => taps.reports.map(({ message }) => message),
    async [Symbol.asyncDispose]() {
      plugins.unloadAll();
      // The thread gets a moment to end; a timer that is left over would fail the test.
      await pause(BUDGETS.atOnceMs + 20);
    },
  };
}

function realTimer(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition() && round < 200; round++) await pause(10);
}

/** A thread that says what it likes, after it is ready. */
function rawThread(message: string): URL {
  const program = `
    self.onmessage = ({ data }) => {
      if (data.kind === "load") {
        postMessage({ kind: "ready" });
        setTimeout(() => postMessage(${message}), 20);
      }
      if (data.kind === "teardown") postMessage({ kind: "gone" });
    };`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

Deno.test("a thread that says what is no message is ended", async () => {
  const messages = [
    "null",
    "7",
    "{ kind: 'toString' }",
    "{ kind: 'log', message: 1 }",
    "{ kind: 'attach', attachment: 1, tap: 'nope', options: {} }",
    "{ kind: 'attach', attachment: 1, tap: 'nvme:io:decode', options: null }",
    "{ kind: 'detach', tap: 'nope' }",
  ];
  for (const message of messages) {
    await using drive = await loaded("", rawThread(message));
    await until(() => drive.reported().length > 0);
    assertEquals([message, drive.bench.drive.plugins.loaded], [message, []]);
    assert(drive.reported()[0]?.startsWith("sent "), drive.reported()[0]);
  }
});

Deno.test("a plug-in's thread has no way out but the taps", async () => {
  await using drive = await loaded(`
export async function setup(taps) {
  const names = ["Deno", "postMessage", "onmessage", "close", "Worker", "process"];
  taps.log(names.map((name) => typeof globalThis[name]).join());
  const tried = async (text) => {
    try {
      await import("data:text/javascript," + encodeURIComponent(text));
      return "done";
    } catch {
      return "refused";
    }
  };
  taps.log(await tried('import { Worker } from "node:worker_threads"; new Worker("", { eval: true })'));
  taps.log(await tried('import fs from "node:fs"; fs.writeSync(1, "x")'));
  taps.log(await tried('import fs from "node:fs"; fs.readFileSync("/etc/hostname")'));
  taps.log(await tried('import { execSync } from "node:child_process"; execSync("true")'));
}`);
  await until(() => drive.said.length === 5);
  const nothing = Array.from({ length: 6 }, () => "undefined").join();
  assertEquals(drive.said, [nothing, "refused", "refused", "refused", "refused"]);
});

Deno.test("nothing that a plug-in writes gets into the program's output", async () => {
  const host = new URL("../../../src/serve/plugin/host.ts", import.meta.url).href;
  const writes = `
export async function setup(taps) {
  const attempts = [
    () => Deno.stdout.writeSync(new TextEncoder().encode("LEAK")),
    async () => (await import("node:process")).default.stdout.write("LEAK"),
    async () => (await import("node:fs")).writeSync(1, "LEAK"),
    async () => (await import("node:fs")).writeSync(2, "LEAK"),
    async () => (await import("node:console")).default.log("LEAK"),
    () => console.dir("LEAK"), () => console.table(["LEAK"]), () => console.trace("LEAK"),
  ];
  for (const attempt of attempts) try { await attempt(); } catch {}
}`;
  const program = `
import { pluginFrom } from ${JSON.stringify(host)};
const plugin = await pluginFrom({ path: "a.js", source: ${JSON.stringify(writes)} });
const noop = () => {};
const clock = { random: () => 0.5, now: () => 0, after: noop };
await plugin.setup({ attach: noop, detach: noop, log: noop, ...clock });
console.log("loaded");
plugin.teardown();`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const args = ["run", "-q", "--no-check", "--unstable-worker-options", "-A"];
    await Deno.writeTextFile(file, program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, `--config=${config}`, file],
    }).output();
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    assertEquals([text(stdout), text(stderr)], ["loaded\n", ""]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("an error that nobody catches takes the plug-in out, with one report", async () => {
  const sources = {
    "throw new Error('late')": "threw Error: late, and did not catch it",
    "Promise.reject(Object.create(null))":
      "threw something that cannot be shown, and did not catch it",
  };
  for (const [what, report] of Object.entries(sources)) {
    await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:io:decode", () => undefined);
  setTimeout(() => { ${what}; }, 10);
}`);
    await until(() => drive.reported().length > 0);
    await pause(50);
    assertEquals([drive.reported(), drive.said], [[report], []]);
    assertEquals(drive.bench.drive.plugins.loaded, []);
    assertEquals((await drive.bench.io(0x00, { nsid: 1 })).status, OK);
  }
});

Deno.test("an event that is not answered takes the plug-in out", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:format:event", () => { for (;;); });
}`);
  assertEquals((await drive.bench.admin(0x80, { nsid: 1 })).status, OK);
  await until(() => drive.reported().length > 0);
  assertEquals(drive.reported(), ["gave no answer within 300 ms at nvme:format:event"]);
  assertEquals(drive.bench.drive.plugins.loaded, []);
});

Deno.test("an event that is answered leaves the plug-in where it is", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:format:event", ({ event }) => taps.log(event));
}`);
  await drive.bench.admin(0x80, { nsid: 1 });
  await pause(BUDGETS.callMs + 100);
  assertEquals([drive.said.length > 0, drive.reported()], [true, []]);
});

Deno.test("wrong verdicts from a thread detach the plug-in, and commands go on", async () => {
  const answers = [
    '{ kind: "claim", status: "x" }',
    '{ kind: "mutate", data: "zzz" }',
    "{ kind: 10n }",
    "() => 1",
    "({ get kind() { throw Object.create(null); } })",
  ];
  for (const answer of answers) {
    await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:io:decode", () => (${answer}));
}`);
    assertEquals((await drive.bench.io(0x00, { nsid: 1 })).status, OK);
    assertEquals([answer, drive.reported().length], [answer, 1]);
  }
});

Deno.test("a wrong verdict where one is needed at once detaches the plug-in", async () => {
  for (const answer of ["{ value: 1 }", "loop", "{ then() {} }"]) {
    await using drive = await loaded(`
const loop = { kind: "mutate" };
loop.data = loop;
export function setup(taps) {
  taps.attach("nvme:regread:writeback", () => (${answer}));
}`);
    drive.bench.drive.first.registers.read(0x1c, 4);
    assertEquals([answer, drive.reported().length], [answer, 1]);
  }
});

Deno.test("a command that was put off goes on when its plug-in goes", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:io:decode", () => { taps.log("asked"); return { kind: "defer" }; });
}`);
  const answer = drive.bench.io(0x00, { nsid: 1 });
  await until(() => drive.said.length > 0);
  await pause(50);
  drive.bench.drive.plugins.unloadAll();
  assertEquals((await answer).status, OK);
});

Deno.test("a flood of messages is cut, and counted", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  for (let at = 0; at < 5000; at++) console.log("flood", at);
}`);
  await until(() => drive.said.some((text) => text.endsWith("left out")));
  drive.bench.drive.plugins.unloadAll();
  const left = drive.said.filter((text) => text.endsWith(" messages left out"));
  const count = left.map((text) => parseInt(text)).reduce((sum, each) => sum + each, 0);
  assertEquals([drive.said.length - left.length + count, drive.said.length <= 22], [5000, true]);
});

Deno.test("a setup that attaches too often is refused", async () => {
  const { message } = await assertRejects(
    () =>
      loaded(`
export function setup(taps) {
  for (let at = 0; at < 1001; at++) taps.attach("nvme:io:decode", () => undefined);
}`),
    Error,
  );
  await pause(BUDGETS.atOnceMs + 20);
  assertEquals(message, "RangeError: a plug-in can have 1000 attachments, and has 1000");
});
