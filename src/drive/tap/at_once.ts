// Taps whose callbacks answer at once: registers, media, PDUs.

import { checkVerdict } from "./check_verdict.ts";
import type { TapName } from "./names.ts";
import type { Taps } from "./taps.ts";
import type {
  Claim,
  Decided,
  Disconnect,
  MediaTap,
  Mutate,
  PduTap,
  RegisterTap,
} from "./verdict.ts";

/** What was decided: the context as the callbacks left it, and what ends the matter, if any. */
export interface Decision<C> {
  readonly context: C;
  readonly final?: Claim | Disconnect | { readonly kind: "drop" };
  /** A digest to spoil, at PDU taps. */
  readonly corrupt?: "header-digest" | "data-digest";
}

/**
 * Asks everyone who is attached to a tap. Verdicts that need time are none here: a callback that
 * gives one is detached.
 */
export function decideAtOnce<C extends RegisterTap | MediaTap | PduTap>(
  taps: Taps,
  name: TapName,
  describe: () => C,
): Decision<C> | undefined {
  const attachments = taps.armed[name];
  if (!attachments) return undefined;
  let context = describe();
  let corrupt: Mutate["corrupt"];
  for (const attachment of attachments) {
    // One that was asked before may have detached it.
    if (!taps.has(attachment)) continue;
    const verdict = checkVerdict(taps.call(attachment, context));
    if (typeof verdict === "string") {
      taps.fault(attachment, verdict);
      continue;
    }
    const vain = verdict.kind === "continue" || changesNothing(context, verdict);
    taps.count(attachment, verdict.kind, { vain });
    switch (verdict.kind) {
      case "continue":
        break;
      case "mutate":
        context = changed(context, verdict);
        corrupt = verdict.corrupt ?? corrupt;
        break;
      case "claim":
      case "drop":
      case "disconnect":
        return { context, final: verdict, ...(corrupt ? { corrupt } : {}) };
      default:
        taps.fault(
          attachment,
          `answered ${verdict.kind} at ${name}, which needs an answer at once`,
        );
    }
  }
  return { context, ...(corrupt ? { corrupt } : {}) };
}

/** A register that has the value that it has anyway. */
function changesNothing(context: RegisterTap | MediaTap | PduTap, verdict: Decided): boolean {
  return context.kind === "register" && verdict.kind === "mutate" &&
    verdict.value === context.value;
}

/** The context with what the verdict changes of it, as far as it has such a field. */
function changed<C extends RegisterTap | MediaTap | PduTap>(context: C, verdict: Mutate): C {
  const { value, data, lba, count, header } = verdict;
  const changes = {
    ...(context.kind === "register" && value !== undefined ? { value } : {}),
    ...(context.kind !== "register" && data !== undefined ? { data } : {}),
    ...(context.kind === "media" && lba !== undefined ? { lba } : {}),
    ...(context.kind === "media" && count !== undefined ? { count } : {}),
    ...(context.kind === "pdu" && header !== undefined ? { header } : {}),
  };
  return { ...context, ...changes };
}
