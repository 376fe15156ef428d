// Tests of heat over time.

import { assertEquals } from "@std/assert";
import { changeHealth } from "../../../src/drive/model/health.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { Bench } from "../bench.ts";

const MINUTE_MS = 60_000;

async function smart(bench: Bench): Promise<SmartLog> {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

Deno.test("Minutes above the thresholds are counted while the drive is hot", async () => {
  const bench = new Bench();
  bench.time += 10 * MINUTE_MS;
  changeHealth(bench.drive, { heatK: 45 });
  bench.time += 3 * MINUTE_MS;
  assertEquals((await smart(bench)).warningTemperatureTime, 3);
  changeHealth(bench.drive, { heatK: 50 });
  bench.time += 2 * MINUTE_MS;
  changeHealth(bench.drive, { heatK: 0 });
  bench.time += 60 * MINUTE_MS;
  const { warningTemperatureTime, criticalTemperatureTime } = await smart(bench);
  assertEquals([warningTemperatureTime, criticalTemperatureTime], [3, 2]);
});

Deno.test("The drive slows down at the temperatures that the host set, and counts it", async () => {
  const bench = new Bench();
  changeHealth(bench.drive, { heatK: 20 });
  bench.time += MINUTE_MS;
  assertEquals((await smart(bench)).thermalTransitions1, 0);
  await bench.admin(0x09, { cdw10: 0x10, cdw11: (325 << 16) | 340 });
  bench.drive.settle();
  bench.time += 5_000;
  changeHealth(bench.drive, { heatK: 30 });
  bench.time += 7_000;
  changeHealth(bench.drive, { heatK: 20 });
  bench.time += 1_000;
  changeHealth(bench.drive, { heatK: 0 });
  bench.time += MINUTE_MS;
  const log = await smart(bench);
  assertEquals([log.thermalTransitions1, log.thermalTransitions2], [2, 1]);
  assertEquals([log.thermalTime1, log.thermalTime2], [6, 7]);
});

Deno.test("Heat is not counted while the power is off", async () => {
  const bench = new Bench();
  changeHealth(bench.drive, { heatK: 45 });
  bench.time += MINUTE_MS;
  bench.drive.settle();
  bench.time += 60 * MINUTE_MS;
  bench.drive.state.poweredOnAt = bench.time;
  bench.time += 2 * MINUTE_MS;
  assertEquals((await smart(bench)).warningTemperatureTime, 3);
});
