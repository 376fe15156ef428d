// From a controller at work to one that leaves host memory alone.

import { DeadlineError, NvmectlError, UnreachableError } from "../../errors.ts";
import { SHN, SHST } from "../../spec/registers.ts";
import type { Backing } from "./backing.ts";
import { stopBusMaster } from "./command_register.ts";
import type { ControllerRegisters } from "./controller_registers.ts";
import { type PollClock, until } from "./poll_clock.ts";
import { quirksOf } from "./quirks.ts";

/** How a controller is disabled. */
export interface DisableOptions {
  readonly clock: PollClock;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The registers are left alone for so long after the write; 0 when left out. */
  readonly pauseMs?: number;
}

/** How a controller is shut down. */
export interface ShutDownOptions {
  readonly registers: ControllerRegisters;
  readonly clock: PollClock;
  /** All of it together takes no longer than this; as long as it needs when left out. */
  readonly budgetMs?: number | undefined;
  /** From when this fires on it takes no longer than a second. */
  readonly signal?: AbortSignal | undefined;
  /** RTD3E of Identify Controller, in microseconds; 0 if unknown. */
  readonly rtd3eUs: number;
}

/** How a shutdown ended. */
export interface ShutDownOutcome {
  /** The controller was shut down as the specification wants it, and is disabled. */
  readonly clean: boolean;
  /** What was not, as the sentence of an error. */
  readonly problem?: string;
}

/** What a shutdown gets at least, whatever RTD3E says. */
const LEAST_SHUTDOWN_MS = 10_000;
/** What a shutdown gets yet that somebody wants to have over with. */
const HURRIED_MS = 1000;
/** What disabling gets although the budget is used up: it is what keeps host memory safe. */
const LEAST_DISABLE_MS = 100;

/**
 * Disables the controller and waits until it is: a Controller Level Reset [BASE-2.1 §3.7.2]. It has
 * no queues afterwards, and leaves host memory alone.
 *
 * @throws {DeadlineError} naming CC and CSTS as they were
 * @throws {UnreachableError} where the device is gone
 */
export async function disable(
  registers: ControllerRegisters,
  { clock, limitMs, signal, pauseMs = 0 }: DisableOptions,
): Promise<void> {
  const { en, ...rest } = registers.configuration();
  if (en) {
    registers.configure({ ...rest, en: false, shn: SHN.none });
    if (pauseMs > 0) await clock.pause(pauseMs);
  }
  await until(() => !registers.status().rdy, {
    clock,
    limitMs,
    signal,
    what: () =>
      `${registers.target} to have CSTS.RDY = 0 after it was disabled (${registers.describe()})`,
    next: "Reset the function or switch the machine off and on; the drive may be broken",
  });
}

/**
 * Shuts a controller down in order [BASE-2.1 §3.6.1]: announces it (CC.SHN), waits until it is
 * complete, disables the controller, and keeps the function from host memory whatever happened
 * before. One that this driver did not enable is only kept from host memory. Never throws for what
 * the drive does: nothing can be done about it any more.
 *
 * Commands must have ended and I/O queues have been deleted before.
 */
export async function shutDown(
  backing: Backing,
  options: ShutDownOptions,
): Promise<ShutDownOutcome> {
  const { registers, clock, budgetMs = Infinity } = options;
  const end = clock.now() + budgetMs;
  const problems: string[] = [];
  try {
    if (registers.enabledHere) {
      await attempt(problems, () => announce(backing, options));
      const left = options.signal?.aborted ? LEAST_DISABLE_MS : end - clock.now();
      const limitMs = Math.min(registers.readyLimitMs(), Math.max(LEAST_DISABLE_MS, left));
      await attempt(problems, () => disable(registers, { clock, limitMs }));
    }
  } finally {
    stopBusMaster(backing);
  }
  const [problem] = problems;
  return problem === undefined ? { clean: true } : { clean: false, problem };
}

async function announce(
  { config }: Backing,
  { registers, clock, budgetMs = Infinity, signal, rtd3eUs }: ShutDownOptions,
): Promise<void> {
  const { shutdownLimitMs = Infinity } = quirksOf(config);
  const wanted = Math.max(LEAST_SHUTDOWN_MS, rtd3eUs / 1000);
  const { rdy, cfs } = registers.status();
  if (!rdy || cfs) throw notReady(registers);
  registers.configure({ ...registers.configuration(), shn: SHN.normal });
  const limitMs = Math.min(wanted, shutdownLimitMs, budgetMs);
  const what = () => `${registers.target} to complete its shutdown (${registers.describe()})`;
  const isComplete = (): boolean => registers.status().shst === SHST.complete;
  let end = Infinity;
  await until(() => {
    if (isComplete()) return true;
    if (end === Infinity && signal?.aborted) end = clock.now() + HURRIED_MS;
    if (clock.now() >= end) throw new DeadlineError(what(), HURRIED_MS);
    return false;
  }, { clock, limitMs, what });
}

/** A controller that failed would let us wait for nothing. */
function notReady(registers: ControllerRegisters): UnreachableError {
  return new UnreachableError(
    `Cannot shut down ${registers.target}: the controller is not ready (${registers.describe()})`,
  );
}

/** What a drive does wrong is kept; what we do wrong is thrown. */
async function attempt(problems: string[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof NvmectlError)) throw error;
    problems.push(error.message);
  }
}
