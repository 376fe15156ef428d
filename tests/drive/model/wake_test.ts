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
