// What the implementation of a command sees of the drive.

import type { NamespaceStore } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Exchange } from "./pipeline/exchange.ts";
import type { Outcome } from "./pipeline/handler.ts";
import type { RefusalStatus } from "./refusal.ts";
import type { DriveState } from "./state.ts";

/** Commands that have been fetched and not completed. */
export interface OutstandingCommands {
  find(sqid: number, cid: number): Exchange | undefined;
  /** Asynchronous Event Requests, oldest first. */
  readonly asyncEvents: readonly Exchange[];
  /** Ends a pending command. */
  finish(exchange: Exchange, outcome: Outcome | RefusalStatus): void;
}

/** The drive as its commands see it. */
export interface Machine {
  readonly personality: Personality;
  readonly state: DriveState;
  readonly namespaces: NamespaceStore;
  readonly outstanding: OutstandingCommands;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
