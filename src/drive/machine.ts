// What the implementation of a command sees of the drive.

import type { ControllerNamespaces, NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Exchange } from "./pipeline/exchange.ts";
import type { Outcome } from "./pipeline/handler.ts";
import type { RefusalStatus } from "./refusal.ts";
import type { ControllerState, DriveState } from "./state.ts";
import type { Taps } from "./tap/taps.ts";

/** Commands that have been fetched and not completed. */
export interface OutstandingCommands {
  find(sqid: number, cid: number): Exchange | undefined;
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
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once, so many milliseconds later; the function that comes back prevents it. */
  after(ms: number, action: () => void): () => void;
  /** A namespace is not what it was: every controller that sees it has to tell its host. */
  namespaceChanged(nsid: number): void;
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
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
