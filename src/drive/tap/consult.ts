// Asking the callbacks at a command tap, one after the other; any of them may take its time.

import { checkVerdict } from "./check_verdict.ts";
import { describeThrown, isThenable } from "./describe.ts";
import type { Attachment, Taps } from "./taps.ts";
import type { Claim, CommandTap, Decided, Disconnect, Mutate } from "./verdict.ts";

/** What ends the consultation. */
export type Outcome =
  | { readonly kind: "continue" }
  | Claim
  | Disconnect
  | { readonly kind: "drop" }
  | { readonly kind: "defer" };

/** What a consultation needs to know of the command. */
export interface Consultation {
  readonly taps: Taps;
  readonly attachments: readonly Attachment[];
  /** Calls back after so many milliseconds of the drive's time. */
  after(ms: number, action: () => void): () => void;
  /** The command as it is now, for one who is asked. */
  describe(attachment: Attachment): CommandTap;
  /** Takes a change over. */
  mutate(change: Mutate): void;
  /** Notes a verdict for the trace. */
  note(text: string): void;
  /** Whether the command is still there; it may have gone while a callback thought about it. */
  alive(): boolean;
  /** Called once, before `consult` returns if no callback takes time. */
  settled(outcome: Outcome): void;
}

/** The longest delay that a plug-in can ask for: a day. */
const LONGEST_DELAY_MS = 86_400_000;

/** Asks all callbacks in their order, until one of them ends the matter. */
export function consult(consultation: Consultation, from = 0): void {
  const { attachments } = consultation;
  for (let at = from; at < attachments.length; at++) {
    const attachment = attachments[at];
    if (!attachment) break;
    // It may have gone since the command came to this tap.
    if (!consultation.taps.has(attachment)) continue;
    const answer = ask(consultation, attachment);
    if (isThenable(answer)) {
      awaitVerdict(consultation, attachment, answer, (verdict) => {
        if (consultation.alive() && take(consultation, attachment, verdict, at)) {
          consult(consultation, at + 1);
        }
      });
      return;
    }
    if (!take(consultation, attachment, answer, at)) return;
  }
  consultation.settled({ kind: "continue" });
}

function ask(
  { taps, describe }: Consultation,
  attachment: Attachment,
): unknown {
  try {
    return attachment.callback(describe(attachment));
  } catch (error) {
    taps.fault(attachment, `threw ${describeThrown(error)}`);
    return undefined;
  }
}

/** Takes one verdict over; whether the next callback is to be asked. */
function take(
  consultation: Consultation,
  attachment: Attachment,
  given: unknown,
  at: number,
): boolean {
  const { taps, note, settled } = consultation;
  const verdict = checkVerdict(given);
  if (typeof verdict === "string") {
    taps.fault(attachment, verdict);
    return true;
  }
  taps.count(attachment, verdict.kind);
  if (verdict.kind === "continue") return true;
  note(describeVerdict(attachment, verdict));
  switch (verdict.kind) {
    case "mutate":
      consultation.mutate(verdict);
      return true;
    case "delay":
      consultation.after(Math.max(0, Math.min(verdict.ms, LONGEST_DELAY_MS)), () => {
        if (consultation.alive()) consult(consultation, at + 1);
      });
      return false;
    case "claim":
    case "drop":
    case "defer":
    case "disconnect":
      settled(verdict);
      return false;
  }
}

/** Waits for a promised verdict, but not for ever: a plug-in that never answers is detached. */
function awaitVerdict(
  { taps, after }: Consultation,
  attachment: Attachment,
  promise: PromiseLike<unknown>,
  use: (given: unknown) => void,
): void {
  let waiting = true;
  const finish = (given: unknown): void => {
    if (!waiting) return;
    waiting = false;
    cancel();
    use(given);
  };
  const cancel = after(attachment.budgetMs, () => {
    if (waiting) taps.fault(attachment, `gave no answer within ${attachment.budgetMs} ms`);
    finish(undefined);
  });
  // A thenable of somebody's own may call back at once, or twice, or throw.
  Promise.resolve(promise).then(finish, (error) => {
    if (waiting) taps.fault(attachment, `threw ${describeThrown(error)}`);
    finish(undefined);
  });
}

/** A verdict as traces and people are told of it: `no-writes@nvme:io:decode: claim 01h/82h`. */
function describeVerdict({ plugin, tap }: Attachment, verdict: Decided): string {
  const who = `${plugin}@${tap}`;
  switch (verdict.kind) {
    case "claim":
      return `${who}: claim${verdict.status ? ` status ${JSON.stringify(verdict.status)}` : ""}`;
    case "delay":
      return `${who}: delay ${verdict.ms} ms`;
    case "mutate": {
      const what = Object.keys(verdict).filter((key) => key !== "kind");
      return `${who}: mutate ${what.join(", ")}`;
    }
    default:
      return `${who}: ${verdict.kind}`;
  }
}
