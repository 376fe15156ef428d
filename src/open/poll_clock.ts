// The machine's own time for the polling driver.

import { setImmediate } from "node:timers";
import type { PollClock } from "../transport/polled/poll_clock.ts";

/**
 * The clock of this process. A pause of no time is one turn of the event loop, which serves timers
 * and signals and costs some 3 microseconds, where a timer of 0 ms costs more than 2 ms.
 */
export function systemPollClock(): PollClock {
  return {
    now: () => performance.now(),
    pause: (ms) =>
      new Promise((resolve) => {
        if (ms > 0) setTimeout(resolve, ms);
        else setImmediate(resolve);
      }),
  };
}
