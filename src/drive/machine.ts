// What the implementation of a command sees of the drive.

import type { FabricsTraits } from "./fabrics.ts";
import type { HostInjections } from "./feature/error_injection.ts";
import type { ControllerNamespaces, NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Exchange } from "./pipeline/exchange.ts";
import type { Handler, Outcome } from "./pipeline/handler.ts";
import type { RefusalStatus } from "./refusal.ts";
import type { ControllerState, DriveState } from "./state.ts";
import type { Taps } from "./tap/taps.ts";

/** Commands that have been fetched and not completed. */
export interface OutstandingCommands {
  find(sqid: number, cid: number): Exchange | undefined;
  /** How many of them there are of a kind. */
  count(which: (exchange: Exchange) => boolean): number;
  /** Asynchronous Event Requests, oldest first. */
  readonly asyncEvents: readonly Exchange[];
  /** Ends a pending command. */
  finish(exchange: Exchange, outcome: Outcome | RefusalStatus): void;
}

/** The drive, which its controllers share: the NVM subsystem. */
export interface Subsystem {
  /** What it is called in traces: `virtual:`, `00:06.0`. */
  readonly device: string;
  readonly personality: Personality;
  readonly state: DriveState;
  readonly store: NamespaceStore;
  readonly controllers: readonly Machine[];
  readonly taps: Taps;
  /** The fabric that it is served over, if it is. */
  readonly fabrics?: FabricsTraits | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether there are timers: `after` can be called. */
  readonly timed: boolean;
  /** Calls back once, so many milliseconds later; the function that comes back prevents it. */
  after(ms: number, action: () => void): () => void;
  /** The errors that hosts asked for by the Error Injection feature. */
  readonly injections: HostInjections;
  /** The host has sent commands since the last shutdown. */
  inUse: boolean;
  /**
   * Called before each completion by whoever keeps the drive's memory; `changed` when the command
   * may have changed what a drive remembers without power.
   */
  keep?: (changed: boolean) => void;
  /** A namespace is not what it was: every controller that sees it has to tell its host. */
  namespaceChanged(nsid: number): void;
  /** An NVM Subsystem Reset: of all controllers, while power stays on [BASE-2.1 §3.7.1]. */
  resetSubsystem(): void;
  /** A host announced that power will go: writes everything that could be lost. */
  shutdown?(): void;
}

/** The drive as the commands of one controller see it. */
export interface Machine {
  readonly drive: Subsystem;
  readonly personality: Personality;
  /** What all controllers share. */
  readonly state: DriveState;
  /** What is this controller's own. */
  readonly controller: ControllerState;
  readonly namespaces: ControllerNamespaces;
  readonly outstanding: OutstandingCommands;
  /** Whether the host has created I/O queues that are still there. */
  readonly hasIoQueues: boolean;
  /** The admin commands that it only has where it is reached through a face with queues. */
  readonly faceCommands: readonly Handler[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
