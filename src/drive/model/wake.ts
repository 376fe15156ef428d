// Doing something at a time on the drive's clock, for what somebody waits for.

import type { Subsystem } from "../machine.ts";

/** Calls back when the clock has reached `at`. The drive has to have timers. */
export function wakeAt(drive: Subsystem, at: number, action: () => void): void {
  drive.after(Math.max(0, at - drive.now()), () => {
    // Timers may be early by a part of a millisecond.
    if (drive.now() < at) wakeAt(drive, at, action);
    else action();
  });
}
