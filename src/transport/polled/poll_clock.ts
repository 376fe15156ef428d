// Time for whoever polls: a clock, pauses in which others run, and the one way to wait.

import { DeadlineError } from "../../errors.ts";

/** A clock that only goes forward, and the pauses of a loop that polls. */
export interface PollClock {
  /** Milliseconds since some moment. */
  now(): number;
  /**
   * Lets everybody go on who waits for nothing but promises that have settled, and whoever waits
   * for them in turn. No timer, signal or file is served: it is over in less than a microsecond
   * where they have little to do. Whoever calls it has been waiting for a promise too.
   */
  react(): Promise<void>;
  /** Lets timers and signals run: at least one turn of the event loop, and so many ms. */
  pause(ms: number): Promise<void>;
}

/** How long one waits, and what for. */
export interface Wait {
  readonly clock: PollClock;
  readonly limitMs: number;
  /** What is waited for; a function is asked when the time is up, for what it looks like then. */
  readonly what: string | (() => string);
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The one next step for the operator. */
  readonly next?: string;
}

/** Looks at once, before the first pause; enough for what takes a few microseconds. */
const SPINS = 64;
/** A pause grows to this. */
const LONGEST_PAUSE_MS = 10;

/**
 * Waits until a condition holds: looks a few times at once, then with pauses that grow from one
 * turn of the event loop to 10 ms. The condition is looked at once more after the time is up, so
 * that a process that was stopped meanwhile does not take that for silence.
 *
 * @throws {DeadlineError} after `limitMs`, naming `what`
 */
export async function until(condition: () => boolean, wait: Wait): Promise<void> {
  const { clock, limitMs, signal } = wait;
  const end = clock.now() + limitMs;
  for (let spin = 0; spin < SPINS; spin++) if (condition()) return;
  for (let pauseMs = 0;; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 || 1)) {
    signal?.throwIfAborted();
    const left = end - clock.now();
    if (condition()) return;
    if (left <= 0) throw late(wait);
    await clock.pause(Math.min(pauseMs, left));
  }
}

function late({ what, limitMs, next }: Wait): DeadlineError {
  return new DeadlineError(typeof what === "string" ? what : what(), limitMs, { next });
}
