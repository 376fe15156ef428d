// What lasts when a drive is left: our own driver leaves it by a reset of the controller, which
// ends short self-tests, takes settings back that were not saved, and starts firmware.

import type { Drive } from "../controller/drive.ts";
import { interrupted, type InterruptedError, UsageError } from "../errors.ts";

/** Whether this program leaves the drive by a Controller Level Reset [BASE-2.1 §3.7.2]. */
export function isResetAtTheEnd({ transport: { kind } }: Drive): boolean {
  return kind === "polled";
}

/**
 * Refuses to start a short self-test that nobody waits for, where leaving aborts it; an extended
 * one goes on [BASE-2.1 §8.1.7].
 *
 * @throws UsageError
 */
export function refuseToLeave(drive: Drive): void {
  if (!isResetAtTheEnd(drive)) return;
  throw new UsageError(
    `Cannot leave ${drive.target} with a short self-test: our own driver resets the controller ` +
      "when it ends, which aborts the self-test",
    { next: `nvmectl selftest ${drive.target} --short --wait` },
  );
}

/** The end of the waiting for a self-test: what becomes of the self-test. */
export function stoppedWaiting(
  drive: Drive,
  { name, isShort, signal }: {
    /** `short self-test`. */
    readonly name: string;
    readonly isShort: boolean;
    readonly signal: AbortSignal;
  },
): InterruptedError {
  const { target } = drive;
  if (isShort && isResetAtTheEnd(drive)) {
    return interrupted(
      signal,
      `Interrupted: the ${name} of ${target} ends as well, because our own driver leaves the ` +
        "drive by a reset of the controller",
      `nvmectl selftest ${target} shows that it was aborted`,
    );
  }
  return interrupted(
    signal,
    `Stopped waiting: ${target} goes on with its ${name}`,
    `nvmectl selftest ${target} shows it; nvmectl selftest ${target} --abort stops it`,
  );
}

/** What is to be said of a feature that was set without being saved; undefined: nothing. */
export function unsavedNotice(drive: Drive): string | undefined {
  if (!isResetAtTheEnd(drive)) return undefined;
  return "this lasts until nvmectl ends: our own driver leaves the drive by a reset of the " +
    "controller, after which features have their saved or default values; --save keeps it";
}
