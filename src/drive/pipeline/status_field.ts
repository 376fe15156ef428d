// The status field of a refused command: which refusals are final, and which are in the error log.

import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { PATH } from "../../spec/status/path.ts";
import { encodeStatus } from "../../spec/status/field.ts";
import type { RefusalStatus } from "../refusal.ts";

/** Refusals after which the same command may well succeed: Do Not Retry stays clear. */
const TRANSIENT: ReadonlySet<RefusalStatus> = new Set([
  GENERIC.abortRequested,
  GENERIC.sequenceError,
  GENERIC.commandIdConflict,
  GENERIC.sanitizeInProgress,
  GENERIC.formatInProgress,
  COMMAND_SPECIFIC.abortLimit,
  COMMAND_SPECIFIC.asyncEventLimit,
  COMMAND_SPECIFIC.selfTestInProgress,
  PATH.persistentLoss,
  PATH.inaccessible,
  PATH.transition,
]);

/** Whether a refusal leaves an entry in the error log; what the host itself asked for does not. */
export function isLogged(status: RefusalStatus): boolean {
  return status !== GENERIC.abortRequested;
}

/** The 15-bit status field of a refusal: More says that the error log has an entry about it. */
export function statusField(status: RefusalStatus, unlogged = false): number {
  return encodeStatus({
    type: status.type,
    code: status.code,
    more: isLogged(status) && !unlogged,
    doNotRetry: status.doNotRetry ?? !TRANSIENT.has(status),
  });
}
