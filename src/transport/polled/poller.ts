// The loop that polls: in slices, with pauses in which timers, signals and files are served. Who
// waits for commands alone goes on within a slice.

import { MalformedError, UnreachableError } from "../../errors.ts";
import type { PolledController } from "./controller.ts";
import { recover, type Trouble } from "./recovery.ts";
import { failureOf, saysPaused } from "./words.ts";

/** Who has the work. */
export interface PollerHost {
  /** Posts and rings what can be; `now` is when that is. */
  fill(now: number): void;
  /** Whether there is anything to do. */
  readonly busy: () => boolean;
  /** Single commands that have not been posted yet. */
  readonly waiting: () => number;
  /** The drive cannot be used any more. */
  lost(error: unknown): void;
}

/**
 * How long it polls before others get a turn. That takes microseconds, but a quarter of a
 * millisecond where a processor is emulated.
 */
const SLICE_MS = 10;
/** The clock is looked at once in so many rounds: that takes longer than a round. */
const ROUNDS_PER_LOOK = 1024;
/** What a command counts for that has ended: those who waited for it take their time as well. */
const ROUNDS_PER_COMMAND = 16;
/** Reactions to a promise, one after the other, until most programs send what they have to. */
const QUICK_STEPS = 3;
/** A slice ends after so many looks even where the clock stands still. */
const LOOKS_PER_SLICE = 256;
/** After so long without a completion there is no hurry. */
const QUIET_MS = 20;
/** How often the status register is read while nothing comes; never while something does. */
const STATUS_MS = 100;

/** What commands get yet while processing is paused, and after that. */
const RESUME_MS = 5000;

/** Polls while there is something to wait for. */
export class Poller {
  readonly #controller: PolledController;
  readonly #host: PollerHost;
  #loop: Promise<void> = Promise.resolve();
  #running = false;
  /** Somebody's promise has settled: they go on first, because they may have more to send. */
  #woken = false;
  /** Commands that were under way before the last that ended. */
  #level = 0;
  /** Rounds until the clock is looked at. */
  #rounds = 0;
  #now = 0;
  /** When something came last, and when the status register was read. */
  #progress = 0;
  #looked = 0;
  /** When a command was late for the first time because processing is paused. */
  #pausedSince: number | undefined;

  constructor(controller: PolledController, host: PollerHost) {
    this.#controller = controller;
    this.#host = host;
  }

  /** Begins, unless it is at it. */
  kick(): void {
    if (this.#running) return;
    this.#running = true;
    this.#loop = this.#run();
  }

  /** Somebody's promise has settled, or somebody else has what is to be sent next. */
  wakes(): void {
    this.#woken = true;
  }

  /** Settles when it has stopped, for lack of work. */
  get stopped(): Promise<void> {
    return this.#loop;
  }

  async #run(): Promise<void> {
    const { clock } = this.#controller;
    // What is sent in the same turn goes in the same batch.
    await undefined;
    this.#now = this.#progress = this.#looked = clock.now();
    this.#level = 0;
    try {
      while (this.#host.busy()) {
        this.#host.fill(this.#now);
        const trouble = await this.#poll();
        if (trouble !== undefined) await this.#recover(trouble);
      }
    } catch (error) {
      this.#host.lost(error);
    } finally {
      // In the same turn in which there was nothing to do: whoever comes later begins anew.
      this.#running = false;
    }
  }

  async #recover(trouble: Trouble): Promise<void> {
    const controller = this.#controller;
    const lost = await recover(controller, trouble);
    if (lost !== undefined) {
      this.#host.lost(lost);
      controller.forget(lost);
    }
    this.#now = this.#progress = this.#looked = controller.clock.now();
  }

  /** A slice, and a pause after it; what came and cannot be is trouble too. */
  async #poll(): Promise<Trouble | undefined> {
    try {
      return await this.#slice() ?? await this.#pause();
    } catch (error) {
      if (error instanceof MalformedError) return { kind: "nonsense", found: error.message };
      throw error;
    }
  }

  /** Polls until somebody may be waiting for the event loop, for a slice at most. */
  async #slice(): Promise<Trouble | undefined> {
    const { clock } = this.#controller;
    const began = this.#now;
    const isQuiet = began - this.#progress > QUIET_MS;
    const looks = isQuiet || this.#isShort ? 1 : LOOKS_PER_SLICE;
    for (let look = 0; look < looks; look++) {
      this.#rounds = ROUNDS_PER_LOOK;
      while (this.#rounds > 0) {
        if (this.#controller.underway === 0) return undefined;
        const trouble = this.#spin();
        if (trouble !== undefined) return trouble;
        if (this.#woken && !await this.#goesOn()) return undefined;
      }
      this.#now = clock.now();
      const late = this.#late();
      if (late !== undefined || this.#now - began >= SLICE_MS) return late;
    }
    return undefined;
  }

  /** Polls until somebody is to go on, or the clock is to be looked at. */
  #spin(): Trouble | undefined {
    const controller = this.#controller;
    while (this.#rounds > 0 && !this.#woken) {
      const found = controller.poll();
      if (found === 0) {
        this.#rounds--;
        continue;
      }
      this.#rounds -= found * ROUNDS_PER_COMMAND;
      this.#progress = this.#now;
      const { stray, underway } = controller;
      if (stray !== undefined) return { kind: "nonsense", found: `the drive sent ${stray}` };
      this.#level = underway + found;
      this.#host.fill(this.#now);
      if (controller.underway === 0) this.#woken = true;
    }
    return undefined;
  }

  /**
   * The drive has less to do than it had: whoever was to send the next command may be waiting for
   * the event loop.
   */
  get #isShort(): boolean {
    return this.#controller.underway < this.#level;
  }

  /** Lets those go on whose promises have settled. Whether the slice does, too. */
  async #goesOn(): Promise<boolean> {
    this.#woken = false;
    this.#rounds -= ROUNDS_PER_COMMAND;
    const missing = this.#level - this.#controller.underway;
    for (let step = 0; step < QUICK_STEPS && !this.#isMadeUp(missing); step++) await undefined;
    if (!this.#isMadeUp(missing)) await this.#controller.clock.react();
    if (!this.#host.busy()) return false;
    this.#host.fill(this.#now);
    return !this.#isShort;
  }

  /** Whether as many commands have come as have ended; never where others took their places. */
  #isMadeUp(missing: number): boolean {
    return missing > 0 && this.#host.waiting() >= missing;
  }

  /** A command that has taken too long, unless its completion lies there by now. */
  #late(): Trouble | undefined {
    const controller = this.#controller;
    if (controller.expired(this.#now) === undefined) return undefined;
    // The process may have been stopped for a while, and the drive was not.
    controller.poll();
    const late = controller.expired(this.#now);
    return late === undefined || this.#isPaused() ? undefined : { kind: "late", late };
  }

  /**
   * Whether the drive processes nothing at the moment and says so, as while it activates firmware:
   * that time is not the commands' [BASE-2.1 §3.1.4.6, Fig. 42]. It may last as long as the drive
   * has said.
   */
  #isPaused(): boolean {
    const controller = this.#controller;
    if (!saysPaused(controller.registers)) {
      this.#pausedSince = undefined;
      return false;
    }
    this.#pausedSince ??= this.#now;
    if (this.#now - this.#pausedSince >= controller.pauseLimitMs) return false;
    controller.postpone(this.#now + RESUME_MS);
    return true;
  }

  /** Gives everybody a turn, and looks around. */
  async #pause(): Promise<Trouble | undefined> {
    const { clock } = this.#controller;
    await clock.pause(this.#now - this.#progress > QUIET_MS ? 1 : 0);
    this.#now = clock.now();
    return this.#look();
  }

  /** After each pause: whether the function is wanted back, and from time to time how it is. */
  #look(): Trouble | undefined {
    const { backing, registers, underway } = this.#controller;
    if (backing.asked?.()) {
      throw new UnreachableError(
        `Cannot go on with ${backing.target}: the kernel wants the function back`,
        { next: "somebody unbinds or removes it; let them, and name the drive again afterwards" },
      );
    }
    const since = this.#now - Math.max(this.#progress, this.#looked);
    if (underway === 0 || since < STATUS_MS) return this.#late();
    this.#looked = this.#now;
    const found = failureOf(registers);
    return found === undefined ? this.#late() : { kind: "failed", found };
  }
}
