// A virtual drive: a personality, a memory, namespaces, and the controllers that share them.

import { invariant } from "../errors.ts";
import { VirtualController } from "./controller.ts";
import type { FabricsTraits } from "./fabrics.ts";
import { forgetInjections, type HostInjections, NO_INJECTIONS } from "./feature/error_injection.ts";
import { powerCycleFeatures } from "./feature/reset.ts";
import type { Subsystem } from "./machine.ts";
import type { Storage } from "./media/block_store.ts";
import { resetFirmware } from "./model/firmware.ts";
import { attachedTo, noteNamespaceChange } from "./model/inventory.ts";
import { settle } from "./model/settle.ts";
import { NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Plugins } from "./plugin/plugin.ts";
import { nextRandom } from "./random.ts";
import { hasRest, theRest } from "./rest.ts";
import { type DriveState, initialState } from "./state.ts";
import { Taps } from "./tap/taps.ts";
import { tellTap } from "./tap/tell.ts";
import type { EventTap } from "./tap/verdict.ts";

/** What a drive is made of. */
export interface DriveOptions {
  readonly personality: Personality;
  /** The clock: milliseconds since 1970. Says when self-tests end and how old the drive is. */
  readonly now: () => number;
  /** Seed of the drive's randomness; the same one gives the same drive. */
  readonly seed: number;
  /** The memory of an earlier drive of the same personality, which goes on from there. */
  readonly state?: DriveState;
  /** Where the namespaces keep their blocks: in memory when left out. */
  readonly storage?: Storage;
  /** What the drive is called in traces and to plug-ins; `virtual:` when left out. */
  readonly device?: string;
  /**
   * Calls back once, so many milliseconds later; the function that comes back prevents it. Without
   * it no plug-in can delay a command.
   */
  readonly after?: (ms: number, action: () => void) => () => void;
}

/** How the power goes. */
export interface PowerCut {
  /**
   * What becomes of writes that are only in the volatile write cache: lost, all of them; or each
   * block on its own, as the drive's randomness has it. A block is written whole or not at all,
   * which is the atomicity that AWUPF promises.
   */
  readonly cached?: "lost" | "partly-lost";
}

/** How likely a cached block is to reach the media in a power cut that loses a part. */
const SURVIVAL = 0.5;

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
  /** Set by a face that serves the drive over a fabric. */
  fabrics: FabricsTraits | undefined;
  readonly taps = new Taps();
  readonly now: () => number;
  readonly after: (ms: number, action: () => void) => () => void;
  readonly timed: boolean;
  inUse = false;
  keep?: (changed: boolean) => void;
  #plugins: Plugins | undefined;
  #injections: HostInjections | undefined;

  constructor(
    { personality, now, seed, state, storage, device = "virtual:", after }: DriveOptions,
  ) {
    this.device = device;
    this.personality = personality;
    this.now = now;
    this.after = after ?? noTimers;
    this.timed = after !== undefined;
    this.state = state ?? initialState(personality, { now: now(), seed });
    forgetInjections(this);
    this.store = new NamespaceStore(this.state, personality, storage);
    this.controllers = this.state.controllers.map((one) => new VirtualController(this, one));
  }

  get plugins(): Plugins {
    return this.#plugins ??= theRest().plugins(this);
  }

  get injections(): HostInjections {
    // What it takes is loaded before a host can ask for any.
    if (!hasRest()) return NO_INJECTIONS;
    return this.#injections ??= theRest().injections(this);
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

  /** The host is done: what waits in the write cache is stored. Nothing is counted. */
  shutdown(): void {
    this.store.flush();
    this.inUse = false;
  }

  /**
   * The power goes and comes back: what is only in the volatile write cache is lost, commands
   * under way are gone, all controllers are reset. Counts a power cycle, and an unsafe shutdown
   * unless hosts had shut the drive down. Says how many cached blocks are lost.
   */
  powercut({ cached = "lost" }: PowerCut = {}): number {
    const unsafe = this.inUse ||
      this.controllers.some(({ registers }) => !registers.safeToPowerOff);
    const lost = this.store.losePower(() =>
      cached === "partly-lost" && nextRandom(this.state) < SURVIVAL
    );
    this.state.counters.powerCycles++;
    if (unsafe) {
      this.state.counters.unsafeShutdowns++;
      theRest().records.recordPowerLoss(this.first);
    }
    this.#tellPower("lost", { unsafe, lostBlocks: lost });
    resetFirmware(this.first, "power");
    powerCycleFeatures(this);
    for (const controller of this.controllers) {
      controller.reset("function");
      controller.registers.powered();
    }
    this.inUse = false;
    this.#tellPower("restored", {});
    return lost;
  }

  #tellPower(event: string, details: EventTap["details"]): void {
    tellTap({ drive: this, controller: this.first.controller }, "nvme:power:event", event, details);
  }

  resetSubsystem(): void {
    for (const controller of this.controllers) controller.reset("subsystem");
  }

  namespaceChanged(nsid: number): void {
    noteNamespaceChange(this, nsid, attachedTo(this.state, nsid));
  }
}

function noTimers(): never {
  throw new Error("Cannot wait: this drive was made without timers");
}
