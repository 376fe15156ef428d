// What a plug-in is, and the plug-ins of one drive: they come and go while it runs.

import type { AttachOptions, Taps } from "../tap/taps.ts";
import { matchTaps } from "../tap/names.ts";
import type { TapCallback } from "../tap/verdict.ts";
import { nextRandom, type RandomState } from "../random.ts";

/** What a plug-in can do with the drive: attach, detach, and a few things that it needs for it. */
export interface PluginTaps {
  /**
   * Attaches a callback to a tap, or to all that a pattern such as `nvme:*:decode` means.
   *
   * @throws RangeError for a name that means no tap
   */
  attach(name: string, callback: TapCallback, options?: Omit<AttachOptions, "plugin">): void;
  /** Detaches this plug-in's callbacks from a tap, or from all that a pattern means. */
  detach(name: string): void;
  /** A number of at least 0 and less than 1, from the plug-in's own seed. */
  random(): number;
  /** The drive's clock: milliseconds since 1970. */
  now(): number;
  /** Calls back once, so many milliseconds later; the function that comes back prevents it. */
  after(ms: number, action: () => void): () => void;
  /** Says something to the operator. */
  log(message: string): void;
}

/** A plug-in: what it does when it is loaded, and when it goes. */
export interface Plugin {
  setup(taps: PluginTaps): void | Promise<void>;
  teardown?(): void;
}

/** A plug-in at work. */
export interface LoadedPlugin {
  /** Unique among the drive's plug-ins. */
  readonly name: string;
  readonly seed: number;
  /** What is shown of it: where it came from, its parameters. */
  readonly about: Readonly<Record<string, string | number | boolean>>;
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

interface Entry extends LoadedPlugin {
  readonly plugin: Plugin;
  readonly timers: Set<() => void>;
}

/** The plug-ins of one drive. One that misbehaves is torn down and reported; the drive goes on. */
export class Plugins {
  /** Told what plug-ins say, and why one went. */
  onLog: ((plugin: string, message: string) => void) | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #world: PluginWorld;

  constructor(world: PluginWorld) {
    this.#world = world;
    world.taps.onFault = (name) => this.unload(name);
  }

  /** The plug-ins at work, in the order in which they came. */
  get loaded(): readonly LoadedPlugin[] {
    return [...this.#entries.values()].map(({ name, seed, about }) => ({ name, seed, about }));
  }

  /**
   * Loads a plug-in: its `setup` has run when this returns.
   *
   * @throws RangeError for a name that is taken, and whatever `setup` throws
   */
  async load(plugin: Plugin, options: LoadOptions): Promise<void> {
    const taps = this.#enter(plugin, options);
    try {
      await plugin.setup(taps);
    } catch (error) {
      this.unload(options.name);
      throw error;
    }
  }

  /**
   * Loads a plug-in whose `setup` does not wait for anything: it is at work when this returns.
   *
   * @throws RangeError for a name that is taken or a `setup` that waits, and what `setup` throws
   */
  loadAtOnce(plugin: Plugin, options: LoadOptions): void {
    const taps = this.#enter(plugin, options);
    try {
      if (plugin.setup(taps) instanceof Promise) {
        throw new RangeError(`Cannot load ${options.name} at once: its setup waits for something`);
      }
    } catch (error) {
      this.unload(options.name);
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
    try {
      entry.plugin.teardown?.();
    } catch (error) {
      this.onLog?.(name, `teardown threw ${error instanceof Error ? error.message : error}`);
    }
    return true;
  }

  /** Takes all of them out. */
  unloadAll(): void {
    for (const name of [...this.#entries.keys()]) this.unload(name);
  }

  #enter(plugin: Plugin, { name, seed, about = {}, priority }: LoadOptions): PluginTaps {
    if (this.#entries.has(name)) {
      throw new RangeError(`Cannot load ${name}: a plug-in of that name is at work already`);
    }
    const entry: Entry = { name, seed, about, plugin, timers: new Set() };
    this.#entries.set(name, entry);
    return this.#tapsFor(entry, priority);
  }

  #tapsFor(entry: Entry, priority: number | undefined): PluginTaps {
    const { taps, now } = this.#world;
    const { name, timers } = entry;
    const random: RandomState = { random: entry.seed >>> 0 };
    const each = (pattern: string, act: (tap: string) => void): void => {
      const found = matchTaps(pattern);
      if (found.length === 0) {
        throw new RangeError(`Cannot use tap ${pattern}: there is none of that name`);
      }
      for (const { name: tap } of found) act(tap);
    };
    return {
      attach: (pattern, callback, options = {}) =>
        each(pattern, (tap) => {
          const own = priority === undefined ? {} : { priority };
          // A plug-in that is gone must not come back through a timer or a promise.
          if (this.#entries.get(name) !== entry) return;
          taps.attach(tap, callback, { ...own, ...options, plugin: name });
        }),
      detach: (pattern) => each(pattern, (tap) => taps.detach(tap, name)),
      random: () => nextRandom(random),
      now,
      after: (ms, action) => {
        const cancel = this.#world.after(ms, () => {
          timers.delete(cancel);
          action();
        });
        timers.add(cancel);
        return () => {
          timers.delete(cancel);
          cancel();
        };
      },
      log: (message) => this.onLog?.(name, message),
    };
  }
}
