// Tests of the timers of a served drive.

import { assertEquals } from "@std/assert";
import { Timers } from "../../src/serve/timers.ts";

// A timer that is left running fails these tests by itself.

Deno.test("Timers call what was asked for once, and not what was called off", async () => {
  const called: string[] = [];
  using timers = new Timers();
  const callOff = timers.after(1, () => called.push("called off"));
  callOff();
  await new Promise<void>((resolve) => {
    timers.after(2, () => {
      called.push("late");
      resolve();
    });
  });
  assertEquals(called, ["late"]);
});

Deno.test("Timers leave nothing running when they are disposed of", async () => {
  const called: string[] = [];
  {
    using timers = new Timers();
    timers.after(600_000, () => called.push("after ten minutes"));
    timers.after(0, () => called.push("at once"));
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(called, []);
});
