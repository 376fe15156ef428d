// What an injected error does: a plug-in made for one entry.

import type { ErrorInjectionEntry } from "../../spec/vendor/ocp_error_injection.ts";
import type { VirtualDrive } from "../drive.ts";
import type { Plugin } from "../plugin/plugin.ts";
import type { Bounds } from "../scenario/scenario.ts";

/** What the plug-in of an entry is made for. */
export interface EffectSubject {
  readonly drive: VirtualDrive;
  readonly entry: ErrorInjectionEntry;
  /** To be called when the error strikes, where no verdict at a tap tells of it. */
  readonly strike: () => void;
}

/** What the errors of one type do. */
export interface Effect {
  /** The drive needs timers for it. */
  readonly timed?: true;
  /** What began with the first strike goes on, also for a single instance, until it is cleared. */
  readonly lasts?: true;
  create(subject: EffectSubject): Plugin;
}

/** The longest that any injected error is in force, in milliseconds. */
export const LONGEST_MS = 3_600_000;

/** Bounds of a scenario that strikes every time. */
export const ALWAYS: Bounds = { after: 0, count: 0, probability: 100, for: LONGEST_MS };
