// The machine's own time for the polling driver.

import { nextTick } from "node:process";
import { setImmediate } from "node:timers";
import type { PollClock } from "../transport/polled/poll_clock.ts";

/**
 * The clock of this process. A pause of no time is one turn of the event loop, which serves timers
 * and signals and costs some 3 microseconds, where a timer of 0 ms costs more than 2 ms. What was
 * left for the next tick runs when no reaction to a promise is left, before the event loop's turn,
 * and costs a tenth of that.
 */
export function systemPollClock(): PollClock {
  return {
    now: () => performance.now(),
    react: () => new Promise((resolve) => nextTick(resolve)),
    pause: (ms) =>
      new Promise((resolve) => {
        if (ms > 0) setTimeout(resolve, ms);
        else setImmediate(resolve);
      }),
  };
}
