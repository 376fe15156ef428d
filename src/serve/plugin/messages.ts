// What a plug-in's thread and the drive say to each other.

import type { Claim, Decided, TapContext } from "../../drive/tap/verdict.ts";

/** A tap's context as it can cross to another thread: without its functions. */
export type PlainContext = { readonly [K in keyof TapContext]: TapContext[K] };

/** To the thread. */
export type ToThread =
  | {
    readonly kind: "load";
    /** JavaScript. */
    readonly source: string;
    readonly seed: number;
    readonly now: number;
    /** What the drive waits for setup and for a verdict. */
    readonly setupMs: number;
    readonly callMs: number;
    /** Where answers that the drive waits for on the spot are put. */
    readonly answer: SharedArrayBuffer;
  }
  | {
    readonly kind: "call";
    readonly call: number;
    readonly attachment: number;
    readonly context: PlainContext;
    /** The drive stands still until the answer is in the shared memory. */
    readonly atOnce: boolean;
  }
  | { readonly kind: "timer"; readonly timer: number; readonly now: number }
  | { readonly kind: "teardown" };

/** From the thread. */
export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string }
  | {
    readonly kind: "attach";
    readonly attachment: number;
    readonly tap: string;
    readonly options: { readonly priority?: number; readonly data?: boolean };
  }
  | { readonly kind: "detach"; readonly tap: string }
  | { readonly kind: "verdict"; readonly call: number; readonly verdict: Decided | null }
  | { readonly kind: "threw"; readonly call: number; readonly message: string }
  | { readonly kind: "complete"; readonly call: number; readonly claim: Claim | null }
  | { readonly kind: "after"; readonly timer: number; readonly ms: number }
  | { readonly kind: "cancel"; readonly timer: number }
  | { readonly kind: "log"; readonly message: string }
  | { readonly kind: "leftOut"; readonly count: number }
  /** Something was thrown that nobody caught. */
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "gone" };

/** The shared memory: whether the answer is there, its length in bytes, the answer as JSON. */
export const ANSWER = { there: 0, length: 1, headerBytes: 8, bytes: 4 * 1024 * 1024 } as const;

/** An answer in the shared memory. */
export type Answer =
  | { readonly verdict: Decided | null }
  | { readonly threw: string };

/** JSON for what JSON has no words for: bigints and bytes. */
export function encodeAnswer(answer: Answer): string {
  return JSON.stringify(answer, (_key, value) => {
    if (typeof value === "bigint") return { $bigint: value.toString() };
    return value instanceof Uint8Array ? { $bytes: value.toBase64() } : value;
  });
}

/** Reads what `encodeAnswer` wrote. */
export function decodeAnswer(text: string): Answer {
  return JSON.parse(text, (_key, value) => {
    if (typeof value?.$bigint === "string") return BigInt(value.$bigint);
    return typeof value?.$bytes === "string" ? Uint8Array.fromBase64(value.$bytes) : value;
  });
}

/** What each message must have, by its kind; what verdicts say is looked at by the drive. */
const FROM_THREAD: Readonly<Record<FromThread["kind"], Readonly<Record<string, string>>>> = {
  ready: {},
  failed: { message: "string" },
  attach: { attachment: "number", tap: "string", options: "object" },
  detach: { tap: "string" },
  verdict: { call: "number" },
  threw: { call: "number", message: "string" },
  complete: { call: "number" },
  after: { timer: "number", ms: "number" },
  cancel: { timer: "number" },
  log: { message: "string" },
  leftOut: { count: "number" },
  broken: { message: "string" },
  gone: {},
};

/** Whether something that came from a thread is a message. */
export function isFromThread(message: unknown): message is FromThread {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false;
  const { kind } = message;
  if (typeof kind !== "string" || !Object.hasOwn(FROM_THREAD, kind)) return false;
  const fields = Object.entries(FROM_THREAD[kind as FromThread["kind"]]);
  return fields.every(([name, type]) => {
    const value: unknown = Reflect.get(message, name);
    return typeof value === type && value !== null;
  });
}
