// Tests of what can be done to a drive's health from outside: wear, heat, defects.

import { assertEquals } from "@std/assert";
import { changeHealth, restoreHealth } from "../../../src/drive/model/health.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { Bench, OK } from "../bench.ts";

const READ_ONLY_RANGE = "01h/82h";

async function smart(bench: Bench): Promise<SmartLog> {
  return SmartLog.decode((await bench.log(0x02, 512)).data);
}

Deno.test("Wear shows in SMART, and is taken back but for what was counted", async () => {
  const bench = new Bench();
  changeHealth(bench.drive, { spare: 4, percentageUsed: 120, mediaErrors: 9, degraded: true });
  const worn = await smart(bench);
  assertEquals([worn.availableSpare, worn.percentageUsed, worn.mediaErrors], [4, 120, 9n]);
  assertEquals([worn.criticalWarning.availableSpare, worn.criticalWarning.reliability], [
    true,
    true,
  ]);
  restoreHealth(bench.drive);
  const well = await smart(bench);
  assertEquals([well.availableSpare, well.percentageUsed, well.mediaErrors], [100, 3, 9n]);
  assertEquals(well.criticalWarning.value, 0);
});

Deno.test("A drive that becomes read-only takes no writes, and says so", async () => {
  const bench = new Bench();
  const write = async (): Promise<string> =>
    (await bench.io(0x01, { nsid: 1, out: new Uint8Array(512) })).status;
  assertEquals(await write(), OK);
  changeHealth(bench.drive, { readOnly: true });
  assertEquals(await write(), READ_ONLY_RANGE);
  assertEquals((await smart(bench)).criticalWarning.readOnly, true);
  restoreHealth(bench.drive);
  assertEquals(await write(), OK);
});

Deno.test("Critical warnings that begin are told to the hosts that want them", async () => {
  const bench = new Bench();
  await bench.admin(0x09, { cdw10: 0x0b, cdw11: 0x0f });
  const told: number[] = [];
  for (let count = 0; count < 2; count++) void bench.admin(0x0c).then(({ dw0 }) => told.push(dw0));
  changeHealth(bench.drive, { spare: 9 });
  bench.drive.settle();
  await bench.log(0x02, 512);
  assertEquals(told, [0x0002_0201]);
  changeHealth(bench.drive, { heatK: 60 });
  bench.drive.settle();
  await bench.log(0x02, 512);
  assertEquals(told, [0x0002_0201, 0x0002_0101]);
});

Deno.test("Temperatures beyond what a log page has room for are shown as its ends", async () => {
  for (const [heatK, kelvin] of [[-0x1_0000, 0], [0x1_0000, 0xffff]] as const) {
    const bench = new Bench();
    changeHealth(bench.drive, { heatK });
    const { compositeTemperature, temperatureSensors } = await smart(bench);
    assertEquals(compositeTemperature, kelvin);
    assertEquals(temperatureSensors.every((sensor) => sensor <= 0xffff), true);
  }
});
