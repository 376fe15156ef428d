// Tests of the calls into a plug-in: they give what it gives, and they end.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { cpuUsage } from "node:process";
import { type Budgets, pluginFrom } from "../../../src/serve/plugin/host.ts";
import { guardedCall } from "../../../src/serve/plugin/guarded_call.ts";
import { Bench, OK } from "../../drive/bench.ts";

const BUDGETS: Budgets = { setupMs: 2000, callMs: 100, atOnceMs: 100, memoryBytes: 2 ** 29 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds of processor time that this process takes in half a second. */
async function busyMs(): Promise<number> {
  const before = cpuUsage();
  await pause(500);
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}

Deno.test("a guarded call gives what the function gives, and throws what it throws", async () => {
  assertEquals(guardedCall(() => 5, 1000), 5);
  assertEquals(await guardedCall(() => Promise.resolve(6), 1000), 6);
  const error = new RangeError("mine");
  assertEquals(
    assertThrows(() =>
      guardedCall(() => {
        throw error;
      }, 1000), RangeError),
    error,
  );
  await assertRejects(() => guardedCall(() => Promise.reject(error), 1000), RangeError, "mine");
  // Nobody but the guard says what is called.
  const open: unknown = Reflect.get(globalThis, "nvmectlCall");
  assert(typeof open === "function");
  assertEquals(open(), undefined);
});

Deno.test("a guarded call ends whatever the function catches", () => {
  const loop = (): void => {
    try {
      while (Date.now() > 0);
    } catch {
      while (Date.now() > 0);
    }
  };
  assertThrows(() => guardedCall(loop, 50), Error, "did not return within 50 ms");
  assertEquals(guardedCall(() => "next", 50), "next");
});

Deno.test("the thread of a plug-in that loops does not go on when it has been detached", async () => {
  const loops = [
    `taps.attach("nvme:admin:decode", () => { for (;;); })`,
    `taps.attach("nvme:admin:decode", () => void taps.after(1, () => { for (;;); }))`,
    `taps.attach("nvme:admin:decode", () => void setTimeout(() => { for (;;); }, 1))`,
  ];
  for (const loop of loops) {
    const bench = new Bench("", 1, (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    });
    const source = `export function setup(taps) { ${loop}; }`;
    const plugin = await pluginFrom({ path: "loop.js", source }, BUDGETS);
    await bench.drive.plugins.load(plugin, { name: "loop.js", seed: 1 });
    assertEquals((await bench.identify(0x01)).status, OK);
    for (let round = 0; bench.drive.plugins.loaded.length > 0 && round < 300; round++) {
      await pause(10);
    }
    assertEquals(bench.drive.plugins.loaded, [], loop);
    assertEquals(bench.drive.taps.reports.length, 1, loop);
    // What it still has for being told off by the drive before it ends by itself.
    await pause(700);
    const busy = await busyMs();
    assert(busy < 250, `${loop}: ${busy} ms of 500`);
  }
});
