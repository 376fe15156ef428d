// The error log: every refused command leaves an entry.

import type { SubmissionEntry } from "../../spec/command.ts";
import { decodeStatus } from "../../spec/status/field.ts";
import type { Machine } from "../machine.ts";
import { type Blame, NO_LOCATION } from "../refusal.ts";
import { MEDIA } from "../../spec/status/media.ts";

/** What an entry says of the command that it is about. */
export interface Culprit {
  readonly sqid: number;
  readonly entry: Pick<SubmissionEntry, "cid" | "nsid" | "opcode">;
}

/** Enters a refused command into the error log, if its status says that there is an entry. */
export function recordError(
  { state, personality }: Machine,
  { entry, sqid }: Culprit,
  { status, blame }: { readonly status: number; readonly blame: Blame },
): void {
  const { more, type } = decodeStatus(status);
  if (!more) return;
  state.counters.errors++;
  if (type === MEDIA.writeFault.type && isMediaError(status)) state.counters.mediaErrors++;
  state.errors.unshift({
    count: BigInt(personality.health.errorLogEntries) + state.counters.errors,
    sqid,
    cid: entry.cid,
    status,
    location: blame.location ?? NO_LOCATION,
    lba: blame.lba ?? 0n,
    nsid: entry.nsid,
    opcode: entry.opcode,
    ...(blame.specific === undefined ? {} : { specific: blame.specific }),
  });
  state.errors.length = Math.min(state.errors.length, personality.limits.errorEntries);
}

/**
 * Whether a status is an unrecovered data integrity error, which SMART counts
 * [BASE-2.1 §5.1.12.1.3, Fig. 206]. A failed comparison and a block without contents are not.
 */
function isMediaError(status: number): boolean {
  const { code } = decodeStatus(status);
  return code !== MEDIA.compare.code && code !== MEDIA.unwritten.code;
}
