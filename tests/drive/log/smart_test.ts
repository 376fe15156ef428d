// Tests of the SMART log page.

import { assert, assertEquals } from "@std/assert";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { Bench } from "../bench.ts";

const HOUR = 3_600_000;

async function smart(bench: Bench): Promise<SmartLog> {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

Deno.test("SMART counts what the host reads and writes, in units rounded up", async () => {
  const bench = new Bench();
  const before = await smart(bench);
  const block = new Uint8Array(512);
  await bench.io(0x01, { nsid: 1, out: block });
  const one = await smart(bench);
  assertEquals(one.dataUnitsWritten, before.dataUnitsWritten + 1n);
  assertEquals(one.hostWriteCommands, before.hostWriteCommands + 1n);
  assertEquals(one.dataUnitsRead, before.dataUnitsRead);
  for (let round = 0; round < 3; round++) await bench.io(0x02, { nsid: 1, cdw12: 999 });
  await bench.io(0x05, { nsid: 1, out: block });
  const two = await smart(bench);
  assertEquals(two.dataUnitsRead, before.dataUnitsRead + 4n);
  assertEquals(two.hostReadCommands, before.hostReadCommands + 4n);
});

Deno.test("SMART does not count commands that fail", async () => {
  const bench = new Bench();
  const before = await smart(bench);
  await bench.io(0x02, { nsid: 1, cdw11: 1 });
  await bench.io(0x01, { nsid: 2 });
  const { hostReadCommands, hostWriteCommands, errorLogEntries } = await smart(bench);
  assertEquals([hostReadCommands, hostWriteCommands], [
    before.hostReadCommands,
    before.hostWriteCommands,
  ]);
  assertEquals(errorLogEntries, 2n);
});

Deno.test("SMART ages with the clock", async () => {
  const bench = new Bench();
  const { powerOnHours, powerCycles } = await smart(bench);
  assertEquals([powerOnHours, powerCycles], [4_321n, 312n]);
  bench.time += 10 * HOUR - 1;
  assertEquals((await smart(bench)).powerOnHours, 4_330n);
  bench.time += 1;
  assertEquals((await smart(bench)).powerOnHours, 4_331n);
});

Deno.test("SMART wears with what is written", async () => {
  const bench = new Bench();
  bench.drive.state.counters.sectorsWritten = 600n * 10n ** 12n / 512n;
  assertEquals((await smart(bench)).percentageUsed, 103);
  bench.drive.state.counters.sectorsWritten *= 9n;
  assertEquals((await smart(bench)).percentageUsed, 255);
});

Deno.test("SMART temperature moves a little, the same way for the same seed", async () => {
  const course = async (seed: number): Promise<readonly number[]> => {
    const bench = new Bench("", seed);
    const seen: number[] = [];
    for (let round = 0; round < 50; round++) {
      bench.time += 10_000;
      seen.push((await smart(bench)).compositeTemperature);
    }
    return seen;
  };
  const first = await course(1);
  assert(first.every((kelvin) => kelvin >= 309 && kelvin <= 313));
  assert(new Set(first).size > 2);
  assertEquals(await course(1), first);
  assert((await course(2)).join() !== first.join());
});

Deno.test("SMART temperature stands still while the clock does", async () => {
  const bench = new Bench();
  const { temperatureSensors, compositeTemperature } = await smart(bench);
  assertEquals(temperatureSensors, [311, 317, 0, 0, 0, 0, 0, 0]);
  for (let round = 0; round < 20; round++) {
    assertEquals((await smart(bench)).compositeTemperature, compositeTemperature);
  }
});

Deno.test("SMART warns at the thresholds that the host sets", async () => {
  const bench = new Bench();
  const warned = async (): Promise<boolean> => (await smart(bench)).criticalWarning.temperature;
  const set = (cdw11: number): Promise<unknown> => bench.admin(0x09, { cdw10: 0x04, cdw11 });
  assertEquals(await warned(), false);
  await set(311);
  assertEquals(await warned(), true);
  await set(312);
  assertEquals(await warned(), false);
  await set((1 << 20) | (2 << 16) | 317);
  assertEquals(await warned(), true);
});

Deno.test("SMART of the worn drives says what is wrong with them", async () => {
  const warning = await smart(new Bench("warning"));
  assertEquals(warning.criticalWarning.value, 0);
  assertEquals([warning.percentageUsed, warning.availableSpare], [101, 12]);
  assert(warning.compositeTemperature >= 355 && warning.compositeTemperature < 358);
  const critical = await smart(new Bench("critical"));
  const { availableSpare, reliability, readOnly, temperature } = critical.criticalWarning;
  assertEquals([availableSpare, reliability, readOnly, temperature], [true, true, true, false]);
});

Deno.test("SMART counts the minutes that a hot drive spends hot", async () => {
  const bench = new Bench("warning");
  bench.time += 90_000;
  const { warningTemperatureTime, criticalTemperatureTime } = await smart(bench);
  assertEquals([warningTemperatureTime, criticalTemperatureTime], [1_521, 4]);
});

Deno.test("SMART can be all zero, and impossible", async () => {
  const zero = await new Bench("zero").log(0x02, 512);
  assert(zero.data.every((byte) => byte === 0));
  const { compositeTemperature, availableSpare, dataUnitsRead } = await smart(
    new Bench("impossible"),
  );
  assertEquals([compositeTemperature, availableSpare, dataUnitsRead], [0, 255, 2n ** 128n - 1n]);
});
