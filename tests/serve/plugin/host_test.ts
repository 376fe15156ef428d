// Tests of plug-in files: what they can decide from their thread, and that they cannot do harm.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BUDGETS, pluginFrom } from "../../../src/serve/plugin/host.ts";
import { UsageError } from "../../../src/errors.ts";
import { Bench, OK } from "../../drive/bench.ts";

const SUM = `
export function setup(taps) {
  taps.attach("nvme:admin:decode", ({ command }) => {
    if (command.opcode !== 0xc0) return;
    return { kind: "claim", dw0: command.cdw10 + command.cdw11 };
  });
}`;

/** A drive whose timers are real ones, with a plug-in file loaded. */
async function loaded(
  source: string,
  { path = "test.js", budgets = BUDGETS } = {},
): Promise<{ readonly bench: Bench; readonly said: string[] } & AsyncDisposable> {
  const bench = new Bench("", 1, realTimer);
  const said: string[] = [];
  bench.drive.plugins.onLog = (_plugin, message) => void said.push(message);
  const plugin = await pluginFrom({ path, source }, budgets);
  await bench.drive.plugins.load(plugin, { name: path, seed: 7 });
  return {
    bench,
    said,
    async [Symbol.asyncDispose]() {
      bench.drive.plugins.unloadAll();
      // The thread gets a moment to end; a timer that is left over would fail the test.
      await new Promise((resolve) => setTimeout(resolve, budgets.atOnceMs + 20));
    },
  };
}

function realTimer(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

Deno.test("a plug-in file claims a command from its thread", async () => {
  await using drive = await loaded(SUM);
  assertEquals((await drive.bench.admin(0xc0, { cdw10: 10, cdw11: 5 })).dw0, 15);
  assertEquals((await drive.bench.identify(0x01)).status, OK);
});

Deno.test("a plug-in file can be TypeScript", async () => {
  const source = SUM.replace("setup(taps)", "setup(taps: any): void");
  await using drive = await loaded(source, { path: "sum.ts" });
  assertEquals((await drive.bench.admin(0xc0, { cdw10: 1, cdw11: 2 })).dw0, 3);
});

Deno.test("TypeScript that is none is refused with its line", async () => {
  const { message } = await assertRejects(
    () => pluginFrom({ path: "bad.ts", source: "\nexport function {" }),
    UsageError,
  );
  assert(message.startsWith("Cannot load bad.ts:2: "), message);
});

Deno.test("a plug-in file decides at once where the drive cannot wait", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:regread:writeback", ({ offset, value }) =>
    offset === 0x1c ? { kind: "mutate", value: value | 2n } : undefined);
}`);
  assertEquals(drive.bench.drive.first.registers.read(0x1c, 4) & 2n, 2n);
});

Deno.test("a deferred command is completed by the plug-in's timer", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:io:decode", (context) => {
    taps.after(20, () => context.complete({ kind: "claim", status: { type: 2, code: 0x81 } }));
    return { kind: "defer" };
  });
}`);
  assertEquals((await drive.bench.io(0x00, { nsid: 1 })).status, "02h/81h");
});

Deno.test("a plug-in file has no permissions, and prints nothing by itself", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  const tried = (what) => { try { what(); return "done"; } catch (e) { return e.name; } };
  taps.log(tried(() => Deno.readTextFileSync("/etc/hostname")));
  taps.log(tried(() => Deno.writeTextFileSync("/tmp/never", "")));
  taps.log(tried(() => Deno.env.get("HOME")));
  taps.log(tried(() => new Deno.Command("true").outputSync()));
  taps.log(tried(() => Deno.dlopen("libc.so.6", {})));
  console.log("printed", 1);
}`);
  await drive.bench.identify(0x01);
  const denied = Array.from({ length: 5 }, () => "ReferenceError");
  assertEquals(drive.said, [...denied, "printed 1"]);
});

Deno.test("a plug-in file that throws is detached and reported", async () => {
  await using drive = await loaded(`
export function setup(taps) {
  taps.attach("nvme:*:decode", () => { throw new RangeError("no"); });
}`);
  assertEquals((await drive.bench.io(0x00, { nsid: 1 })).status, OK);
  const { taps, plugins } = drive.bench.drive;
  assertEquals([plugins.loaded, taps.armed], [[], Object.create(null)]);
  assertEquals(taps.reports.map(({ message }) => message), ["threw plug-in: RangeError: no"]);
});

Deno.test("a plug-in file that never returns is ended, and the drive goes on", async () => {
  const budgets = { ...BUDGETS, setupMs: 2000, callMs: 100, atOnceMs: 100 };
  await using drive = await loaded(
    `export function setup(taps) {
      taps.attach("nvme:io:decode", () => { for (;;); });
    }`,
    { budgets },
  );
  assertEquals((await drive.bench.io(0x00, { nsid: 1 })).status, OK);
  assertEquals(drive.bench.drive.plugins.loaded, []);
});

Deno.test("a plug-in file that never returns at a register ends too", async () => {
  const budgets = { ...BUDGETS, setupMs: 2000, callMs: 100, atOnceMs: 100 };
  await using drive = await loaded(
    `export function setup(taps) {
      taps.attach("nvme:regread:writeback", () => { for (;;); });
    }`,
    { budgets },
  );
  drive.bench.drive.first.registers.read(0x1c, 4);
  assertEquals(drive.bench.drive.plugins.loaded, []);
  assertEquals(drive.bench.drive.taps.reports.length, 1);
});

Deno.test("a setup that fails, or never ends, is refused", async () => {
  const budgets = { ...BUDGETS, setupMs: 200, callMs: 100, atOnceMs: 50 };
  const load = async (source: string): Promise<string> => {
    const { message } = await assertRejects(() => loaded(source, { budgets }), Error);
    await new Promise((resolve) => setTimeout(resolve, 80));
    return message;
  };
  assertEquals(await load("export const x = 1;"), "TypeError: it exports no function setup");
  assertEquals(
    await load('export function setup(taps) { taps.attach("nvme:io:up", () => {}); }'),
    "RangeError: there is no tap nvme:io:up",
  );
  assertEquals(
    await load("export function setup() { for (;;); }"),
    "setup took more than 200 ms",
  );
});

Deno.test("another kind of file is no plug-in", async () => {
  await assertRejects(() => pluginFrom({ path: "a.py", source: "" }), UsageError, ".js or .ts");
});

Deno.test("a plug-in that takes memory without end is ended, and the drive goes on", async () => {
  for (
    const piece of ["new Uint8Array(1 << 20).fill(1)", "new Array(1 << 17).fill(Math.random())"]
  ) {
    const source = `export function setup(taps) {
      const kept = [];
      taps.attach("nvme:admin:decode", () => {
        const more = () => {
          for (let at = 0; at < 16; at++) kept.push(${piece});
          setTimeout(more);
        };
        more();
      });
    }`;
    await using drive = await loaded(source, {
      budgets: { ...BUDGETS, memoryBytes: 128 * 2 ** 20 },
    });
    const { taps } = drive.bench.drive;
    const reports: string[] = [];
    taps.onReport = ({ message }) => void reports.push(message);
    assertEquals((await drive.bench.identify(0x01)).status, OK);
    for (let tries = 0; reports.length === 0 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertEquals(reports, ["or another plug-in took more than 128 MiB of memory"]);
    assertEquals(taps.armed["nvme:admin:decode"], undefined);
    assertEquals((await drive.bench.identify(0x01)).status, OK);
  }
});
