// Tests of doing something at a time.

import { assertEquals } from "@std/assert";
import { wakeAt } from "../../../src/drive/model/wake.ts";
import { Bench } from "../bench.ts";

Deno.test("wakeAt() waits on when a timer was early, and calls once", () => {
  const bench = new Bench();
  let calls = 0;
  let early = 2;
  const drive = {
    device: bench.drive.device,
    personality: bench.drive.personality,
    state: bench.drive.state,
    store: bench.drive.store,
    controllers: bench.drive.controllers,
    taps: bench.drive.taps,
    now: () => bench.time,
  };
  const after = (ms: number, action: () => void): () => void => {
    bench.time += early-- > 0 ? ms - 1 : ms;
    action();
    return () => {};
  };
  wakeAt(
    Object.assign(Object.create(bench.drive), drive, { after }),
    bench.time + 100,
    () => calls++,
  );
  assertEquals(calls, 1);
});

Deno.test("wakeAt() waits for longer than a timer can count, without being called all the time", () => {
  const waits: number[] = [];
  const bench: Bench = new Bench("", 1, (ms, action) => {
    waits.push(ms);
    bench.time += ms;
    action();
    return () => {};
  });
  let calls = 0;
  wakeAt(bench.drive, bench.time + 2 ** 32, () => calls++);
  assertEquals([calls, waits], [1, [2 ** 31 - 1, 2 ** 31 - 1, 2]]);
});
