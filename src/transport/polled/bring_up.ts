// From a function on the bus to a controller that takes admin commands.

import { DeadlineError, UnreachableError } from "../../errors.ts";
import { AMS, AQA, CSS, REGISTERS, SHST } from "../../spec/registers.ts";
import type { Watch } from "../transport.ts";
import type { Backing } from "./backing.ts";
import { startBusMaster, stopBusMaster, switchOnMemory } from "./command_register.ts";
import { type Capabilities, ControllerRegisters } from "./controller_registers.ts";
import { type PollClock, until } from "./poll_clock.ts";
import { QueuePair } from "./queue_pair.ts";
import { quirksOf } from "./quirks.ts";
import { disable } from "./shut_down.ts";
import { watchedRegisters } from "./watched_registers.ts";

/** How a controller is brought up. */
export interface BringUpOptions {
  readonly clock: PollClock;
  /** Ends it with the signal's reason; the controller is left disabled. */
  readonly signal?: AbortSignal | undefined;
  /** Entries of both admin queues: 2 to 4096. */
  readonly adminEntries: number;
  /** The page size of this machine, a power of two: the controller's too, if it can. */
  readonly hostPageBytes: number;
  /** The admin queues of the time before a reset, to be used again. */
  readonly admin?: QueuePair | undefined;
  /** Sees the accesses to registers, those through `BroughtUp.registers` too. */
  readonly watch?: Watch | undefined;
}

/** One step that was done. */
export interface BringUpStep {
  readonly name: string;
  /** When it was done, ms after the beginning. */
  readonly atMs: number;
}

/** A controller that is ready. */
export interface BroughtUp {
  readonly registers: ControllerRegisters;
  readonly admin: QueuePair;
  /** The page that CC.MPS stands for: of queues, of PRP entries. */
  readonly pageBytes: number;
  /** How long the controller may take to become ready, or not ready. */
  readonly readyLimitMs: number;
  readonly steps: readonly BringUpStep[];
}

/** The controller reported a fatal error in place of getting ready. */
export class FatalStatusError extends UnreachableError {}

/** CC.IOSQES and CC.IOCQES: entries of 64 and of 16 bytes, as exponents of 2. */
const ENTRY_SIZES = { iosqes: 6, iocqes: 4 } as const;
const SMALLEST_PAGE_BITS = 12;
/** How long a controller that would not come up is waited for while it is disabled. */
const CLEANUP_MS = 1000;

/**
 * Brings a controller up, in the order of [BASE-2.1 §3.5.1]: lets one that is just starting finish,
 * disables it, sets the admin queues, makes the function bus master, configures and enables the
 * controller and waits until it is ready. Where that fails the controller is disabled again, and
 * kept from host memory.
 *
 * @throws {DeadlineError} naming the step, and CC and CSTS as they were
 * @throws {FatalStatusError} where it reports a fatal error, naming them too
 * @throws {UnreachableError} where the device is gone
 */
export async function bringUp(backing: Backing, options: BringUpOptions): Promise<BroughtUp> {
  const { clock, hostPageBytes, signal } = options;
  const steps = new Steps(clock);
  signal?.throwIfAborted();
  await steps.run("switch on its memory", () => switchOnMemory(backing));
  const registers = await steps.run("read CAP", () => registersOf(backing, options.watch));
  const limitMs = registers.readyLimitMs();
  const context: Context = { backing, registers, limitMs, options };
  const pageBytes = choosePage(registers.cap, hostPageBytes);
  let { admin } = options;
  try {
    await steps.run("wait until it has started", () => settled(context));
    await steps.run("disable it", () => disabled(context));
    admin ??= adminPair(context, pageBytes);
    setAdminQueues(registers, admin);
    steps.did("set the admin queues");
    await steps.run("make the function bus master", () => startBusMaster(backing));
    await steps.run("configure and enable it", () => enable(registers, pageBytes));
    await steps.run("wait until it is ready", () => ready(context));
  } catch (error) {
    if (registers.enabledHere) {
      await disable(registers, { clock, limitMs: CLEANUP_MS }).catch(() => {});
    }
    // Only now is it certain that nobody writes to the queues any more.
    stopBusMaster(backing);
    if (!options.admin) admin?.[Symbol.dispose]();
    throw error;
  }
  return { registers, admin, pageBytes, readyLimitMs: limitMs, steps: steps.done };
}

function registersOf({ bar0, target }: Backing, watch?: Watch): ControllerRegisters {
  if (watch === undefined) return new ControllerRegisters({ bar0, target });
  const watched = watchedRegisters(bar0, (use) => watch.register(use));
  return new ControllerRegisters({ bar0: watched, target });
}

interface Context {
  readonly backing: Backing;
  readonly registers: ControllerRegisters;
  readonly limitMs: number;
  readonly options: BringUpOptions;
}

/** Which steps were done when. */
class Steps {
  readonly done: BringUpStep[] = [];
  readonly #clock: PollClock;
  readonly #begin: number;

  constructor(clock: PollClock) {
    this.#clock = clock;
    this.#begin = clock.now();
  }

  async run<T>(name: string, step: () => T | Promise<T>): Promise<T> {
    const result = await step();
    this.did(name);
    return result;
  }

  did(name: string): void {
    this.done.push({ name, atMs: this.#clock.now() - this.#begin });
  }
}

/**
 * Clearing CC.EN is undefined while the controller is on its way to ready
 * [BASE-2.1 §3.1.4.5, Fig. 41]; one that failed, or was shut down, may get there no more. One that
 * has not got there in its time hangs, and there is nothing else left to try.
 */
async function settled({ registers, limitMs, options }: Context): Promise<void> {
  if (!registers.configuration().en) return;
  try {
    await until(() => {
      const { rdy, cfs, shst } = registers.status();
      return rdy || cfs || shst !== SHST.normal;
    }, wait(registers, "CSTS.RDY = 1 before it is disabled", { ...options, limitMs }));
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
  }
}

/** CSTS.CFS may stay until the reset is done, and says nothing here. */
function disabled({ backing, registers, limitMs, options }: Context): Promise<void> {
  const { clock, signal } = options;
  const { disabledPauseMs = 0 } = quirksOf(backing.config);
  return disable(registers, { clock, limitMs, signal, pauseMs: disabledPauseMs });
}

function adminPair({ backing, registers, options }: Context, pageBytes: number): QueuePair {
  const { adminEntries: entries } = options;
  return new QueuePair(backing, { qid: 0, entries, dstrd: registers.dstrd, pageBytes });
}

function setAdminQueues(registers: ControllerRegisters, admin: QueuePair): void {
  admin.reset();
  const size = admin.entries - 1;
  registers.bar0.write32(REGISTERS.AQA.offset, AQA.compose({ asqs: size, acqs: size }));
  registers.write64(REGISTERS.ASQ.offset, admin.submissionIova);
  registers.write64(REGISTERS.ACQ.offset, admin.completionIova);
}

/** The configuration is there before the controller is enabled, in a write of its own. */
function enable(registers: ControllerRegisters, pageBytes: number): void {
  const mps = Math.log2(pageBytes) - SMALLEST_PAGE_BITS;
  const css = commandSets(registers.cap);
  const configuration = { css, mps, ams: AMS.roundRobin, ...ENTRY_SIZES };
  registers.configure({ en: false, ...configuration });
  registers.configure({ en: true, ...configuration });
}

async function ready({ registers, limitMs, options }: Context): Promise<void> {
  await until(() => {
    const { rdy, cfs } = registers.status();
    if (cfs) throw failed(registers);
    return rdy;
  }, wait(registers, "CSTS.RDY = 1 after it was enabled", { ...options, limitMs }));
}

function wait(
  registers: ControllerRegisters,
  what: string,
  { clock, signal, limitMs }: Pick<BringUpOptions, "clock" | "signal"> & { limitMs: number },
): Parameters<typeof until>[1] {
  return {
    clock,
    signal,
    limitMs,
    what: () => `${registers.target} to have ${what} (${registers.describe()})`,
    next: "Reset the function or switch the machine off and on; the drive may be broken",
  };
}

function failed(registers: ControllerRegisters): FatalStatusError {
  return new FatalStatusError(
    `Cannot bring up ${registers.target}: the controller reports a fatal error after it was ` +
      `enabled (${registers.describe()})`,
    { next: "Reset the function or switch the machine off and on; the drive may be broken" },
  );
}

/** CC.CSS by CAP.CSS: step 3 of [BASE-2.1 §3.5.1]. */
function commandSets({ noiocss, iocss }: Capabilities): number {
  // A drive that says both, as QEMU's does, can also be used without I/O command sets.
  if (iocss) return CSS.all;
  return noiocss ? CSS.adminOnly : CSS.nvm;
}

/** The machine's page, or the controller's nearest to it [BASE-2.1 §3.1.4.1, Fig. 36]. */
function choosePage({ mpsmin, mpsmax }: Capabilities, hostPageBytes: number): number {
  const wanted = Math.log2(hostPageBytes) - SMALLEST_PAGE_BITS;
  return 2 ** (SMALLEST_PAGE_BITS + Math.max(mpsmin, Math.min(mpsmax, wanted)));
}
