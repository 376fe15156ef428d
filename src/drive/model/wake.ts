// Doing something at a time on the drive's clock, for what somebody waits for.

import type { Subsystem } from "../machine.ts";

/** A timer cannot count further: one of more milliseconds would be over at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Calls back when the clock has reached `at`. The drive has to have timers. */
export function wakeAt(drive: Subsystem, at: number, action: () => void): void {
  drive.after(Math.max(0, Math.min(LONGEST_WAIT_MS, at - drive.now())), () => {
    // It may be further than a timer counts, and timers may be early by a fraction.
    if (drive.now() < at) wakeAt(drive, at, action);
    else action();
  });
}
