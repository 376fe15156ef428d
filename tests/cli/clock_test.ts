// The real clock: waits end in time, or at once when interrupted, and leave nothing behind.

import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { systemClock } from "../../src/cli/clock.ts";
import { InterruptedError } from "../../src/errors.ts";

Deno.test("sleep() ends no sooner than asked", async () => {
  const before = performance.now();
  await systemClock.sleep(20);
  assertGreater(performance.now() - before, 18);
});

Deno.test("sleep() of no time ends at once", async () => {
  await systemClock.sleep(0);
});

Deno.test("an interrupt ends the wait with its reason and leaves no timer running", async () => {
  const controller = new AbortController();
  const waiting = systemClock.sleep(600_000, controller.signal);
  controller.abort(new InterruptedError("Interrupted by SIGINT"));
  await assertRejects(() => waiting, InterruptedError, "SIGINT");
});

Deno.test("a wait that begins after the interrupt does not begin", async () => {
  const signal = AbortSignal.abort(new InterruptedError("Interrupted by SIGTERM"));
  await assertRejects(() => systemClock.sleep(600_000, signal), InterruptedError, "SIGTERM");
  await assertRejects(() => systemClock.sleep(0, signal), InterruptedError, "SIGTERM");
});

Deno.test("a wait longer than a timer can run does not end at once", async () => {
  const controller = new AbortController();
  let ended = false;
  const waiting = systemClock.sleep(1193 * 3_600_000, controller.signal).finally(() => {
    ended = true;
  });
  await systemClock.sleep(20);
  assertEquals(ended, false);
  controller.abort(new InterruptedError("Interrupted by SIGINT"));
  await assertRejects(() => waiting, InterruptedError);
});

Deno.test("sleeping for no time lets timers, and so signals, have their turn", async () => {
  let heard = false;
  setTimeout(() => heard = true, 0);
  await systemClock.sleep(0);
  assert(heard);
});
