// The one way to wait: how often it looks, when it gives up, and what it says then.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { DeadlineError } from "../../../src/errors.ts";
import { until } from "../../../src/transport/polled/poll_clock.ts";
import { StepClock } from "./rig.ts";

Deno.test("until() does not pause for what is there at once", async () => {
  const clock = new StepClock();
  let looks = 0;
  await until(() => ++looks === 30, { clock, limitMs: 0, what: "it" });
  assertEquals([looks, clock.pauses.length], [30, 0]);
});

Deno.test("until() pauses longer and longer, to 10 ms, and never beyond the limit", async () => {
  const clock = new StepClock();
  const begin = clock.now();
  const error = await assertRejects(
    () => until(() => false, { clock, limitMs: 47, what: "the moon" }),
    DeadlineError,
    "Cannot wait longer for the moon: nothing after 47 ms",
  );
  assertEquals(error.limitMs, 47);
  assertEquals(clock.pauses.slice(0, 7), [0, 1, 2, 4, 8, 10, 10]);
  assert(Math.abs(clock.now() - begin - 47) < 1e-6, `${clock.now() - begin}`);
});

Deno.test("until() asks for the name of what it waited for when the time is up", async () => {
  const clock = new StepClock();
  let state = "before";
  const wait = until(() => state === "never", { clock, limitMs: 5, what: () => `it (${state})` });
  state = "after";
  await assertRejects(() => wait, DeadlineError, "it (after)");
});

Deno.test("until() looks once more when the time is up: a process may have been stopped", async () => {
  const clock = new StepClock();
  let there = false;
  const wait = until(() => there, { clock, limitMs: 5, what: "it" });
  clock.time += 60_000;
  there = true;
  await wait;
});

Deno.test("until() ends with the reason of its signal", async () => {
  const clock = new StepClock();
  const stop = new AbortController();
  const reason = new Error("Ctrl-C");
  const wait = until(() => false, { clock, limitMs: 1e6, what: "it", signal: stop.signal });
  stop.abort(reason);
  assertEquals(await wait.catch((error) => error), reason);
});

Deno.test("until() names the next step", async () => {
  const clock = new StepClock();
  const { next } = await assertRejects(
    () => until(() => false, { clock, limitMs: 0, what: "it", next: "Try again" }),
    DeadlineError,
  );
  assertEquals(next, "Try again");
});
