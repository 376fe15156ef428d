// The real clock.

import type { Clock } from "./command.ts";

/** The longest that one timer can run; one that is set for longer fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Time as it passes. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    // No time at all is a turn of the event loop yet, in which signals are heard.
    let rest = Math.max(0, ms);
    do {
      await oneTimer(Math.min(rest, TIMER_MAX_MS), signal);
      rest -= TIMER_MAX_MS;
    } while (rest > 0);
    signal?.throwIfAborted();
  },
};

function oneTimer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
