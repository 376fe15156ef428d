// Waiting for a controller that the kernel is making ready again after a reset.

import { DeadlineError, UnreachableError } from "../errors.ts";
import type { Transport } from "./transport.ts";

/** Time, in ms. */
export interface WaitingClock {
  now(): number;
  pause(ms: number): Promise<void>;
}

const IDENTIFY = 0x06;
const CONTROLLER = 1;
const IDENTIFY_BYTES = 4096;
const PAUSE_MS = 500;
/**
 * Longer than a drive may take to be ready (CAP.TO, 127.5 s at most [BASE-2.1 §3.1.4.1, Fig. 36])
 * after the kernel has found out, by a command without an answer (60 s), that it has to begin anew.
 */
const LIMIT_MS = 200_000;

/** What the kernel says of a controller that it has removed: it comes back by another name. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENODEV", "ENXIO"]);

/**
 * Returns when Identify Controller is answered: a reset of the NVM subsystem is only begun when the
 * kernel returns from it, and until the controller is ready it gives every command up.
 *
 * @throws UnreachableError where the controller is gone for good, DeadlineError where it does not
 * come back
 */
export async function untilItAnswers(
  transport: Pick<Transport, "target" | "allocate" | "submit">,
  clock: WaitingClock,
): Promise<void> {
  const { target } = transport;
  const end = clock.now() + LIMIT_MS;
  for (;;) {
    const refused = await askOnce(transport);
    if (refused === undefined) return;
    if (refused !== "status" && GONE.has(refused.code)) {
      throw new UnreachableError(
        `Cannot find ${target} again: with the reset of its NVM subsystem the kernel removed it`,
        {
          code: refused.code,
          next: "nvmectl list shows whether it is back by another name; dmesg tells the rest",
          cause: refused,
        },
      );
    }
    if (clock.now() >= end) {
      throw new DeadlineError(`${target} to answer after a reset of its NVM subsystem`, LIMIT_MS, {
        next: "dmesg tells what the kernel saw; a power cycle may bring it back",
      });
    }
    await clock.pause(PAUSE_MS);
  }
}

/** Why there was no good answer; undefined where there was one. */
async function askOnce(
  transport: Pick<Transport, "allocate" | "submit">,
): Promise<UnreachableError | "status" | undefined> {
  using data = transport.allocate(IDENTIFY_BYTES);
  try {
    const { status } = await transport.submit({
      queue: "admin",
      opcode: IDENTIFY,
      cdw10: CONTROLLER,
      direction: "in",
      data,
      slow: true,
    });
    return status === 0 ? undefined : "status";
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
}
