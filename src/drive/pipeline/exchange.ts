// One command on its way through the drive, and what the drive needs of whoever brought it.

import type { SubmissionEntry } from "../../spec/command.ts";
import type { Queue } from "../../transport/transport.ts";
import type { Namespace } from "../namespace.ts";
import type { Disconnect, TapCompletion } from "../tap/verdict.ts";
import type { Refusal, RefusalStatus } from "../refusal.ts";
import type { Handler, Outcome } from "./handler.ts";
import type { Stage } from "./stage.ts";

/** Data of a command, and the metadata that has a buffer of its own. */
export interface Payload {
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Lengths in bytes. */
export interface Sizes {
  readonly data: number;
  readonly metadata: number;
}

/**
 * What a completion carries, apart from what only the queue knows. A plug-in can make it carry the
 * wrong identifiers, or come more than once: faces do as they are told.
 */
export type Result = TapCompletion;

/**
 * A face's side of one command: where its data lies and where its completion goes. Data may move at
 * once or later; the callbacks say when. Moving may throw a Refusal before anything moved: the
 * command points at memory that is not there.
 */
export interface Port {
  /** Reads from the host; a host that gives less is read as zeros from there on. */
  receive(sizes: Sizes, deliver: (payload: Payload) => void): void;
  /** Writes to the host, as much as it has room for. */
  send(payload: Payload, sent: () => void): void;
  /** Posts the completion; called at most once. */
  post(result: Result): void;
  /** The command goes away without a completion: the controller was reset. */
  drop(): void;
  /** Bytes of data that the host offers or takes, where the face knows them beforehand. */
  readonly hostBytes?: number;
  /** Why the command is no good as it arrived, whatever it asks for: it is refused so. */
  readonly fault?: Refusal | undefined;
  /**
   * The face knows `hostBytes` exactly, and has no buffers for metadata: a command that moves more
   * is refused so. Without it what does not fit is cut off.
   */
  readonly overrun?: RefusalStatus;
  /** The command goes on when the controller is reset: it is what resets it. */
  readonly survives?: boolean;
  /**
   * The phase tag that the completion is going to have, where there is a queue that has one; or the
   * copy of it of that number, from 0.
   */
  phase?(copy: number): 0 | 1;
  /** Ends the connection that the command came on; a face without connections has none. */
  disconnect?(how: Disconnect): void;
}

/** A command as a face brings it. */
export interface Submission {
  readonly queue: Queue;
  /** 0 for the admin queue. */
  readonly sqid: number;
  readonly entry: SubmissionEntry;
  readonly port: Port;
  /** A command of the face itself, such as Connect; the drive's own when left out. */
  readonly handler?: Handler;
}

/** A command on its way. What is here is all that one stage leaves for the next. */
export interface Exchange extends Omit<Submission, "entry" | "handler"> {
  entry: SubmissionEntry;
  /** The next stage. */
  next: Stage | "transfer" | "post" | "over";
  /** Since fetch: it is among the commands that can be aborted. */
  outstanding: boolean;
  /** Since decode, for a command that the drive has. */
  handler?: Handler;
  /** Since decode, for a command about one active namespace. */
  namespace?: Namespace;
  /** Since execute. */
  outcome: Outcome;
  /** Why the command failed, if it did. */
  refusal?: Refusal;
  /** What it completes with, since a plug-in claimed it or writeback began. */
  result?: Result;
  /** What has come from the host, or is to go there. */
  payload?: Payload;
  /** The host's data is in `payload` before the data stage, because a plug-in wanted to see it. */
  prefetched?: boolean;
  /** A plug-in keeps it, for some time or for good; a reset or an Abort ends it. */
  held?: boolean;
  /** Verdicts of plug-ins, for the trace. */
  notes?: readonly string[];
}

/** A command identifier is unique within its submission queue only. */
export function exchangeKey(sqid: number, cid: number): number {
  return sqid * 0x10000 + cid;
}
