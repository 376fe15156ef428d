// What a plug-in is, and the plug-ins of one drive: they come and go while it runs.

import type { AttachOptions, Taps } from "../tap/taps.ts";
import { describeThrown, isThenable } from "../tap/describe.ts";
import { findTap, matchTaps } from "../tap/names.ts";
import type { TapCallback } from "../tap/verdict.ts";
import { nextRandom, type RandomState } from "../random.ts";
import { LogLimit } from "./log_limit.ts";

/** What a plug-in can do with the drive: attach, detach, and a few things that it needs for it. */
export interface PluginTaps {
  /**
   * Attaches a callback to a tap, or to all that a pattern such as `nvme:*:decode` means.
   *
   * @throws RangeError for a name that means no tap, and beyond 1000 attachments
   */
  attach(
    name: string,
    callback: TapCallback,
    options?: Omit<AttachOptions, "plugin" | "owner" | "struck">,
  ): void;
  /** Detaches this plug-in's callbacks from a tap, or from all that a pattern means. */
  detach(name: string): void;
  /** A number of at least 0 and less than 1, from the plug-in's own seed. */
  random(): number;
  /** The drive's clock: milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once, so many milliseconds later; the function that comes back prevents it.
   *
   * @throws RangeError beyond 1000 timers at a time
   */
  after(ms: number, action: () => void): () => void;
  /** Says something to the operator. */
  log(message: string): void;
}

/** What the host of a plug-in can do beyond what the plug-in can. */
export interface PluginControl {
  /** Takes the plug-in out because it misbehaved, and reports it: `it sent ...`. */
  fail(message: string): void;
  /** Counts messages that the host left out. */
  leftOut(count: number): void;
}

/** A plug-in: what it does when it is loaded, and when it goes. */
export interface Plugin {
  setup(taps: PluginTaps, control?: PluginControl): void | Promise<void>;
  teardown?(): void;
}

/** A plug-in at work. */
export interface LoadedPlugin {
  /** Unique among the drive's plug-ins. */
  readonly name: string;
  readonly seed: number;
  /** What is shown of it: where it came from, its parameters. */
  readonly about: Readonly<Record<string, string | number | boolean>>;
  /**
   * How often it has changed how something goes: a command, an access, a PDU. Left out for one that
   * is at no tap where that can be decided, but does what it does at a time or at an event.
   */
  readonly strikes?: number;
}

/** What the plug-ins of a drive need of it. */
export interface PluginWorld {
  readonly taps: Taps;
  readonly now: () => number;
  after(ms: number, action: () => void): () => void;
}

/** How a plug-in is loaded. */
export interface LoadOptions {
  readonly name: string;
  /** Of the plug-in's randomness; the same one gives the same faults. */
  readonly seed: number;
  readonly about?: LoadedPlugin["about"];
  /** Lower ones are asked first at every tap; 0 when left out. */
  readonly priority?: number;
}

interface Entry extends Omit<LoadedPlugin, "strikes"> {
  readonly plugin: Plugin;
  readonly timers: Set<() => void>;
  readonly limit: LogLimit;
  /** How often it has attached something, less what it has detached by name. */
  attached: number;
  strikes: number | undefined;
  /** Will tell how many messages were left out. */
  leftOutTimer?: () => void;
}

/** What a plug-in can have of each: attachments, timers that run. */
const MOST = 1000;
/** A timer cannot count further. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** When messages that were left out are told of. */
const LEFT_OUT_MS = 1000;

/** The plug-ins of one drive. One that misbehaves is torn down and reported; the drive goes on. */
export class Plugins {
  /** Told what plug-ins say, and why one went. */
  onLog: ((plugin: string, message: string) => void) | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #world: PluginWorld;

  constructor(world: PluginWorld) {
    this.#world = world;
    // Only the plug-in that misbehaved: another may have taken its name since.
    world.taps.onFault = (name, owner) => {
      if (this.#entries.get(name) === owner) this.unload(name);
    };
  }

  /** The plug-ins at work, in the order in which they came. */
  get loaded(): readonly LoadedPlugin[] {
    return [...this.#entries.values()].map(({ name, seed, about, strikes }) => ({
      name,
      seed,
      about,
      ...(strikes === undefined ? {} : { strikes }),
    }));
  }

  /**
   * Loads a plug-in: its `setup` has run when this returns.
   *
   * @throws RangeError for a name that is taken, and whatever `setup` throws
   */
  async load(plugin: Plugin, options: LoadOptions): Promise<void> {
    const entry = this.#enter(plugin, options);
    try {
      await plugin.setup(this.#tapsFor(entry, options.priority), this.#controlOf(entry));
    } catch (error) {
      this.#end(entry);
      throw error;
    }
  }

  /**
   * Loads a plug-in whose `setup` does not wait for anything: it is at work when this returns.
   *
   * @throws RangeError for a name that is taken or a `setup` that waits, and what `setup` throws
   */
  loadAtOnce(plugin: Plugin, options: LoadOptions): void {
    const entry = this.#enter(plugin, options);
    try {
      const taps = this.#tapsFor(entry, options.priority);
      const waiting: unknown = plugin.setup(taps, this.#controlOf(entry));
      if (isThenable(waiting)) {
        Promise.resolve(waiting).catch(() => {});
        throw new RangeError(`Cannot load ${options.name} at once: its setup waits for something`);
      }
    } catch (error) {
      this.#end(entry);
      throw error;
    }
  }

  /** Takes a plug-in out; whether there was one of that name. */
  unload(name: string): boolean {
    const entry = this.#entries.get(name);
    if (!entry) return false;
    this.#entries.delete(name);
    this.#world.taps.detachPlugin(name);
    for (const cancel of entry.timers) cancel();
    this.#tellLeftOut(entry);
    try {
      entry.plugin.teardown?.();
    } catch (error) {
      this.onLog?.(name, `teardown threw ${describeThrown(error)}`);
    }
    return true;
  }

  /** Takes all of them out. */
  unloadAll(): void {
    for (const name of [...this.#entries.keys()]) this.unload(name);
  }

  #enter(plugin: Plugin, { name, seed, about = {} }: LoadOptions): Entry {
    if (this.#entries.has(name)) {
      throw new RangeError(`Cannot load ${name}: a plug-in of that name is at work already`);
    }
    const limit = new LogLimit();
    const own = { timers: new Set<() => void>(), limit, attached: 0, strikes: undefined };
    const entry: Entry = { name, seed, about, plugin, ...own };
    this.#entries.set(name, entry);
    return entry;
  }

  #isAtWork(entry: Entry): boolean {
    return this.#entries.get(entry.name) === entry;
  }

  #end(entry: Entry): void {
    if (this.#isAtWork(entry)) this.unload(entry.name);
  }

  #controlOf(entry: Entry): PluginControl {
    return {
      fail: (message) => {
        if (!this.#isAtWork(entry)) return;
        this.#world.taps.report({ plugin: entry.name, message });
        this.#end(entry);
      },
      leftOut: (count) => {
        entry.limit.leaveOut(count);
        this.#tellLeftOutLater(entry);
      },
    };
  }

  #log(entry: Entry, message: string): void {
    if (entry.limit.passes(this.#world.now())) this.onLog?.(entry.name, message);
    else this.#tellLeftOutLater(entry);
  }

  #tellLeftOutLater(entry: Entry): void {
    if (entry.leftOutTimer || !this.#isAtWork(entry)) return;
    entry.leftOutTimer = this.#world.after(LEFT_OUT_MS, () => {
      delete entry.leftOutTimer;
      this.#tellLeftOut(entry);
    });
  }

  #tellLeftOut(entry: Entry): void {
    entry.leftOutTimer?.();
    delete entry.leftOutTimer;
    const count = entry.limit.takeLeftOut();
    if (count > 0) this.onLog?.(entry.name, `${count} messages left out`);
  }

  #after(entry: Entry, ms: number, action: () => void): () => void {
    const { name, timers } = entry;
    // What a plug-in that is gone still wants to do later does not happen.
    if (!this.#isAtWork(entry)) return () => {};
    if (timers.size >= MOST) {
      throw new RangeError(`Cannot wait: ${name} has ${MOST} timers already`);
    }
    const wait = Number.isFinite(ms) ? Math.max(0, Math.min(ms, LONGEST_WAIT_MS)) : 0;
    const cancel = this.#world.after(wait, () => {
      timers.delete(cancel);
      try {
        action();
      } catch (error) {
        this.#controlOf(entry).fail(`threw ${describeThrown(error)} in a timer`);
      }
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  #tapsFor(entry: Entry, priority: number | undefined): PluginTaps {
    const { taps, now } = this.#world;
    const { name } = entry;
    const random: RandomState = { random: entry.seed >>> 0 };
    const each = (pattern: string, act: (tap: string) => void): void => {
      const found = matchTaps(pattern);
      if (found.length === 0) {
        throw new RangeError(`Cannot use tap ${pattern}: there is none of that name`);
      }
      for (const { name: tap } of found) act(tap);
    };
    const struck = (): void => {
      entry.strikes = (entry.strikes ?? 0) + 1;
    };
    return {
      attach: (pattern, callback, options = {}) =>
        each(pattern, (tap) => {
          const own = priority === undefined ? {} : { priority };
          // A plug-in that is gone must not come back through a timer or a promise.
          if (!this.#isAtWork(entry)) return;
          if (entry.attached >= MOST) {
            throw new RangeError(`Cannot attach: ${name} has ${MOST} attachments already`);
          }
          taps.attach(tap, callback, { ...own, ...options, plugin: name, owner: entry, struck });
          entry.attached++;
          if (findTap(tap)?.kind !== "event") entry.strikes ??= 0;
        }),
      detach: (pattern) =>
        each(pattern, (tap) => {
          if (this.#isAtWork(entry)) entry.attached -= taps.detach(tap, name);
        }),
      random: () => nextRandom(random),
      now,
      after: (ms, action) => this.#after(entry, ms, action),
      log: (message) => this.#log(entry, message),
    };
  }
}
