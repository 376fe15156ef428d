// A virtual drive: a personality, a memory, namespaces, and the controllers that share them.

import { invariant } from "../errors.ts";
import { VirtualController } from "./controller.ts";
import type { Subsystem } from "./machine.ts";
import { settle } from "./model/settle.ts";
import { NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import { type DriveState, initialState } from "./state.ts";
import { Taps } from "./tap/taps.ts";

/** What a drive is made of. */
export interface DriveOptions {
  readonly personality: Personality;
  /** The clock: milliseconds since 1970. Says when self-tests end and how old the drive is. */
  readonly now: () => number;
  /** Seed of the drive's randomness; the same one gives the same drive. */
  readonly seed: number;
  /** The memory of an earlier drive of the same personality, which goes on from there. */
  readonly state?: DriveState;
  /** What the drive is called in traces and to plug-ins; `virtual:` when left out. */
  readonly device?: string;
  /**
   * Calls back once, so many milliseconds later; the function that comes back prevents it. Without
   * it no plug-in can delay a command.
   */
  readonly after?: (ms: number, action: () => void) => () => void;
}

/**
 * An NVM subsystem with its namespaces. It does nothing by itself: faces bring commands to its
 * controllers, whatever depends on time is brought up to date when somebody looks, or by `settle`.
 * Its memory is `state`; what the namespaces store is apart from it.
 */
export class VirtualDrive implements Subsystem {
  readonly device: string;
  readonly personality: Personality;
  readonly state: DriveState;
  readonly store: NamespaceStore;
  readonly controllers: readonly VirtualController[];
  readonly taps = new Taps();
  readonly now: () => number;
  readonly after: (ms: number, action: () => void) => () => void;

  constructor({ personality, now, seed, state, device = "virtual:", after }: DriveOptions) {
    this.device = device;
    this.personality = personality;
    this.now = now;
    this.after = after ?? noTimers;
    this.state = state ?? initialState(personality, { now: now(), seed });
    this.store = new NamespaceStore(this.state, personality);
    this.controllers = this.state.controllers.map((one) => new VirtualController(this, one));
  }

  /** The controller that a face without a choice speaks to. */
  get first(): VirtualController {
    const [first] = this.controllers;
    invariant(first !== undefined, "a drive has at least one controller");
    return first;
  }

  /** Lets everything happen that should have happened by now, for faces whose hosts wait. */
  settle(): void {
    for (const controller of this.controllers) settle(controller);
  }

  namespaceChanged(nsid: number): void {
    const attached = this.store.find(nsid)?.state.controllers ?? [];
    for (const { controller } of this.controllers) {
      const { changedNamespaces } = controller;
      if (!attached.includes(controller.id) || changedNamespaces.includes(nsid)) continue;
      changedNamespaces.push(nsid);
    }
  }
}

function noTimers(): never {
  throw new Error("Cannot wait: this drive was made without timers");
}
