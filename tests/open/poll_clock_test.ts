// The clock of the process: pauses let others run, and a pause of no time costs next to none.

import { assert } from "@std/assert";
import { systemPollClock } from "../../src/open/poll_clock.ts";

Deno.test("a pause of no time lets timers and signals run", async () => {
  const clock = systemPollClock();
  const signal = AbortSignal.timeout(5);
  let timer = false;
  setTimeout(() => timer = true, 5);
  const begin = clock.now();
  while (!timer || !signal.aborted) {
    assert(clock.now() - begin < 10_000, "a timer ran");
    await clock.pause(0);
  }
  assert(clock.now() - begin >= 4);
});

Deno.test("a pause of no time is shorter than any timer", async () => {
  const clock = systemPollClock();
  const batch = async (): Promise<number> => {
    const begin = clock.now();
    for (let turn = 0; turn < 20; turn++) await clock.pause(0);
    return clock.now() - begin;
  };
  // Timers of the runtime take at least 1 ms each; one quick batch of some shows that these do not.
  const batches: number[] = [];
  for (let tries = 0; tries < 20; tries++) batches.push(await batch());
  assert(Math.min(...batches) < 10, `${batches}`);
});

Deno.test("a pause takes its time", async () => {
  const clock = systemPollClock();
  const begin = clock.now();
  await clock.pause(20);
  assert(clock.now() - begin >= 19);
});

Deno.test("reactions to promises run to their end, and no timer does", async () => {
  const clock = systemPollClock();
  let [steps, timers] = [0, 0];
  const work = async (): Promise<void> => {
    for (let step = 0; step < 500; step++) {
      await undefined;
      steps++;
    }
  };
  setTimeout(() => timers++, 0);
  await undefined;
  const begin = clock.now();
  for (let round = 0; round < 10 || clock.now() - begin < 5; round++) {
    const working = work();
    await clock.react();
    assert(steps === 500 * (round + 1), `${steps} steps in ${round + 1} rounds`);
    await working;
  }
  assert(timers === 0, "only promises");
  while (timers === 0) await clock.pause(0);
});
