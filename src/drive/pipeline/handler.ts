// What a command's implementation looks like to the pipeline.

import type { Machine } from "../machine.ts";
import type { Personality } from "../personality.ts";
import type { TapName } from "../tap/names.ts";
import type { Exchange, Payload, Sizes } from "./exchange.ts";

/**
 * What is left to do when a command has been executed: nothing, moving data to the host, moving
 * data from the host and then doing something with it, or waiting for something to happen.
 */
export type Outcome =
  | Done
  | { readonly kind: "send"; readonly payload: Payload; readonly dw0: number }
  | { readonly kind: "receive"; readonly sizes: Sizes; readonly apply: (payload: Payload) => Done }
  | { readonly kind: "pending"; readonly waitsFor: "event" | "operation" };

/** A command that is over, and dwords 0 and 1 of its completion. */
export interface Done {
  readonly kind: "done";
  readonly dw0: number;
  readonly dw1: number;
}

/** Nothing to do but to complete. */
export function done(dw0 = 0): Done {
  return { kind: "done", dw0, dw1: 0 };
}

const NOTHING = new Uint8Array(0);

/** Data for the host, and dword 0 of the completion. */
export function send(
  data: Uint8Array,
  { metadata = NOTHING, dw0 = 0 }: { readonly metadata?: Uint8Array; readonly dw0?: number } = {},
): Outcome {
  return { kind: "send", payload: { data, metadata }, dw0 };
}

/** Data from the host, exactly `sizes` long, and what to do with it. */
export function receive(sizes: Sizes, apply: (payload: Payload) => Done): Outcome {
  return { kind: "receive", sizes, apply };
}

/** Completes when there is an event to tell. */
export const PENDING: Outcome = { kind: "pending", waitsFor: "event" };

/** Completes when what it began is over; whoever ends that calls `finish`. It is not aborted. */
export const WAITING: Outcome = { kind: "pending", waitsFor: "operation" };

/**
 * How a command uses the namespace identifier [BASE-2.1 §4.1, Fig. 92]: not at all; for one active
 * namespace; for one or, with FFFFFFFFh, all of them; or by rules of its own.
 */
export type NsidRule = "unused" | "active" | "active-or-all" | "own";

/** What a command may change, for the Commands Supported and Effects log page. */
export interface Effects {
  /** Logical blocks, namespaces and which there are, controller capabilities. */
  readonly blockContent?: boolean;
  readonly namespaceCapability?: boolean;
  readonly namespaceInventory?: boolean;
  readonly controllerCapability?: boolean;
  /** 1: alone in its namespace; 2: alone on all namespaces. */
  readonly execution?: 0 | 1 | 2;
  readonly scope: "namespace" | "controller" | "subsystem";
}

/** A command that the drive has. */
export interface Handler {
  readonly opcode: number;
  readonly nsid: NsidRule;
  readonly effects: Effects;
  /** The taps of a command that has its own, instead of those of its queue. */
  readonly taps?: { readonly decode: TapName; readonly writeback: TapName };
  /** Whether a drive of this kind has the command; every drive does when left out. */
  supported?(personality: Personality): boolean;
  /** Checks and does the command. Throws Refusal to fail it. */
  execute(machine: Machine, exchange: Exchange): Outcome;
}
