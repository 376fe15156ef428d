// What callbacks at taps see, and what they can decide.

import type { SubmissionEntry } from "../../spec/command.ts";
import type { Queue } from "../../transport/transport.ts";
import type { TapName } from "./names.ts";

/** A command's completion to be. What the face fills in by itself can be overridden. */
export interface TapCompletion {
  /** The 15-bit status field, without the phase tag. */
  readonly status: number;
  readonly dw0: number;
  readonly dw1: number;
  /** Another command identifier than the command's, for a faulty completion. */
  readonly cid?: number;
  /** Another submission queue identifier than the command's. */
  readonly sqid?: number;
  /** How often it is posted; 1 when left out. */
  readonly copies?: number;
}

/** What every callback is told. */
export interface TapBase {
  readonly tap: TapName;
  /** The drive's address for people: `00:06.0`, `virtual:`. */
  readonly device: string;
  /** The controller identifier. */
  readonly controller: number;
  /** The drive's clock: milliseconds since 1970. */
  readonly now: number;
}

/** A command at one of its stages. */
export interface CommandTap extends TapBase {
  readonly kind: "command";
  readonly queue: Queue;
  readonly sqid: number;
  readonly cid: number;
  readonly command: SubmissionEntry;
  /** What it would complete with as things stand: before execution, success or a refusal. */
  readonly completion: TapCompletion;
  /**
   * The command's data, as far as the drive has it: at `data` and later, and from `fetch` on for
   * data from the host when the callback was attached with `data: true`.
   */
  readonly data?: Uint8Array;
  readonly metadata?: Uint8Array;
  /** Which way the data goes. */
  readonly direction: "none" | "to-drive" | "to-host";
  /** Ends a deferred command: with a completion of its own, or the way it would have gone. */
  complete(claim?: Claim): void;
}

/** A register access. */
export interface RegisterTap extends TapBase {
  readonly kind: "register";
  readonly access: "read" | "write";
  /** Bytes from the start of the register space: configuration space, BAR0, MSI-X table. */
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly value: bigint;
}

/** Blocks on their way. */
export interface MediaTap extends TapBase {
  readonly kind: "media";
  readonly nsid: number;
  readonly lba: number;
  readonly count: number;
  readonly blockBytes: number;
  /** Of `read` and `write`. */
  readonly data?: Uint8Array;
}

/** A protocol data unit of NVMe/TCP. */
export interface PduTap extends TapBase {
  readonly kind: "pdu";
  /** The PDU's type, as in its first byte. */
  readonly type: number;
  /** The queue of the connection; -1 before Connect. */
  readonly qid: number;
  readonly header: Uint8Array;
  readonly data?: Uint8Array;
}

/** Something that happened. */
export interface EventTap extends TapBase {
  readonly kind: "event";
  /** One word: `started`, `passed`, `failed`, `aborted`, `announced`. */
  readonly event: string;
  readonly details: Readonly<Record<string, string | number | bigint | boolean>>;
}

/** What a callback is given. */
export type TapContext = CommandTap | RegisterTap | MediaTap | PduTap | EventTap;

/** A status by its parts; More and Do Not Retry are off unless given. */
export interface StatusParts {
  readonly type: number;
  readonly code: number;
  readonly retryDelay?: number;
  readonly more?: boolean;
  readonly doNotRetry?: boolean;
}

/** The plug-in has dealt with the command: it completes so, without what was still to come. */
export interface Claim {
  readonly kind: "claim";
  /** The status field, or its parts; success when left out. */
  readonly status?: number | StatusParts;
  readonly dw0?: number;
  readonly dw1?: number;
  /** Data for the host. */
  readonly data?: Uint8Array;
  /** Of a register read: its value. */
  readonly value?: bigint;
}

/** Something is different from here on; the next plug-in and the drive see it so. */
export interface Mutate {
  readonly kind: "mutate";
  /** Fields of the command. */
  readonly command?: Partial<SubmissionEntry>;
  /** Fields of the completion, at `writeback`. */
  readonly completion?: Partial<TapCompletion>;
  /** The data: at `data`, at media and PDU taps. A shorter one is a short transfer. */
  readonly data?: Uint8Array;
  readonly metadata?: Uint8Array;
  /** The value of a register. */
  readonly value?: bigint;
  /** Where blocks go or come from, and how many of them, at `nvme:media:write`. */
  readonly lba?: number;
  readonly count?: number;
  /** The header of a PDU. */
  readonly header?: Uint8Array;
  /** Makes a digest of a PDU wrong. */
  readonly corrupt?: "header-digest" | "data-digest";
}

/** How a connection ends. */
export interface Disconnect {
  readonly kind: "disconnect";
  /** Closed, reset, or after a C2HTermReq with `fes`. */
  readonly how?: "close" | "reset" | "terminate";
  readonly fes?: number;
}

/**
 * What a callback can decide; nothing at all is `continue`. `drop`: the command never ends, the
 * write does not happen, the PDU is not sent. `delay`: goes on later. `defer`: goes on when the
 * plug-in calls `complete`.
 */
export type Decided =
  | { readonly kind: "continue" }
  | Claim
  | Mutate
  | Disconnect
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "defer" };

/** What a callback may give back. */
export type Verdict = Decided | undefined | void;

/** What a plug-in attaches to a tap. A promise is allowed at command taps only. */
export type TapCallback = (context: TapContext) => Verdict | Promise<Verdict>;
