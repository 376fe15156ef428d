// Tests of the faults that grow.

import { assertEquals } from "@std/assert";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { Bench } from "../bench.ts";

async function struck(text: string): Promise<Bench> {
  const bench = new Bench();
  const { scenario, create } = parseInjection(text);
  await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed: 1 });
  return bench;
}

async function smart(bench: Bench): Promise<ReturnType<typeof SmartLog.decode>> {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

/** Lets so many steps of a second pass. */
function steps(bench: Bench, count: number): void {
  for (let step = 0; step < count; step++) bench.advance(1000);
}

Deno.test("spare-drain goes down step by step, warns, and is over when it is cleared", async () => {
  const bench = await struck("spare-drain:steps=4,percent=0");
  assertEquals((await smart(bench)).availableSpare, 75);
  steps(bench, 3);
  const { availableSpare, criticalWarning } = await smart(bench);
  assertEquals([availableSpare, criticalWarning.availableSpare], [0, true]);
  bench.drive.plugins.unloadAll();
  assertEquals((await smart(bench)).availableSpare, 100);
});

Deno.test("wear-out goes past a hundred percent", async () => {
  const bench = await struck("wear-out:steps=2,percent=120");
  steps(bench, 1);
  assertEquals((await smart(bench)).percentageUsed >= 120, true);
});

Deno.test("thermal-ramp heats the drive past its thresholds, and counts the minutes", async () => {
  const bench = await struck("thermal-ramp:steps=5,kelvins=60");
  const before = (await smart(bench)).compositeTemperature;
  steps(bench, 4);
  bench.time += 300_000;
  const hot = await smart(bench);
  assertEquals(hot.compositeTemperature - before > 40, true);
  assertEquals(hot.criticalWarning.temperature, true);
  assertEquals(hot.criticalTemperatureTime >= 4, true);
});

Deno.test("read-only-media refuses writes while it lasts", async () => {
  const bench = await struck("read-only-media:time=10s");
  const write = (): Promise<string> =>
    bench.io(0x01, { nsid: 1, out: new Uint8Array(512) }).then(({ status }) => status);
  assertEquals([await write(), (await smart(bench)).criticalWarning.readOnly], ["01h/82h", true]);
  bench.advance(10_000);
  assertEquals([await write(), (await smart(bench)).criticalWarning.readOnly], ["00h/00h", false]);
});

Deno.test("degraded adds media errors up to what was asked for", async () => {
  const bench = await struck("degraded:steps=3,errors=10");
  const before = (await smart(bench)).mediaErrors;
  steps(bench, 2);
  const { mediaErrors, criticalWarning } = await smart(bench);
  assertEquals([mediaErrors - before, criticalWarning.reliability], [7n, true]);
});

Deno.test("a fault of the health that is cleared leaves the others at work", async () => {
  const bench = await struck("spare-drain:steps=1,percent=2");
  for (const text of ["degraded:steps=1", "thermal-ramp:steps=1,kelvins=90"]) {
    const { scenario, create } = parseInjection(text);
    await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed: 1 });
  }
  bench.drive.plugins.unload("thermal-ramp");
  const { availableSpare, criticalWarning } = await smart(bench);
  assertEquals([availableSpare, criticalWarning.reliability], [2, true]);
  bench.drive.plugins.unload("degraded");
  const left = await smart(bench);
  assertEquals([left.availableSpare, left.criticalWarning.reliability], [2, false]);
  bench.drive.plugins.unloadAll();
  assertEquals((await smart(bench)).availableSpare, 100);
});
