// Tests of what outlives the process of a drive with faults.

import { assertEquals } from "@std/assert";
import { lastingState } from "../../../src/drive/model/lasting.ts";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { Bench } from "../bench.ts";

async function struck(kind: string, text: string): Promise<Bench> {
  const bench = new Bench(kind);
  const { scenario, create } = parseInjection(text);
  await bench.drive.plugins.load(create(bench.drive), { name: scenario.name, seed: 1 });
  for (let step = 0; step < 10; step++) bench.advance(1000);
  bench.drive.settle();
  return bench;
}

for (
  const text of ["spare-drain", "wear-out", "thermal-ramp", "read-only-media", "degraded"]
) {
  Deno.test(`what lasts of ${text} is what is left when it is cleared`, async () => {
    const { drive } = await struck("", text);
    const before = structuredClone(drive.state);
    const lasting = structuredClone(lastingState(drive.state, drive.personality));
    assertEquals(drive.state, before, "the drive goes on as it is");
    drive.plugins.unloadAll();
    assertEquals(lasting.wear, drive.state.wear);
    assertEquals(before.wear.extraMediaErrors, text === "degraded" ? 100 : 0);
  });
}

Deno.test("what lasts of ana-flip is the access of before, and that it changed", async () => {
  const { drive } = await struck("multipath", "ana-flip:state=persistent-loss,time=1h");
  const lasting = structuredClone(lastingState(drive.state, drive.personality));
  const usual = drive.personality.ana?.states ?? {};
  assertEquals(lasting.ana.states, { ...usual });
  drive.plugins.unloadAll();
  assertEquals(lasting.ana.changes, drive.state.ana.changes);
  assertEquals(lasting.ana.logChanges, drive.state.ana.logChanges);
});
