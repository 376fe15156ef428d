// Commands that are refused while the drive is busy with all of its media: a sanitize operation, a
// format.

import { ADMIN_COMMANDS, COMMON_IO_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { isFormatting } from "../model/format.ts";
import { hasSanitizeFailed, isSanitizing, SANITIZE_STATE } from "../model/sanitize.ts";
import { type RefusalStatus, refuse } from "../refusal.ts";
import type { Exchange } from "./exchange.ts";

const FABRICS = 0x7f;
const FIRST_VENDOR_OPCODE = 0xc0;
const READ = 0x02;

/** Admin commands that touch no user data [BASE-2.1 §5, Fig. 142]; Sanitize has its own rules. */
const ALLOWED: ReadonlySet<number> = new Set(
  [
    ADMIN_COMMANDS.deleteIoSubmissionQueue,
    ADMIN_COMMANDS.createIoSubmissionQueue,
    ADMIN_COMMANDS.getLogPage,
    ADMIN_COMMANDS.deleteIoCompletionQueue,
    ADMIN_COMMANDS.createIoCompletionQueue,
    ADMIN_COMMANDS.identify,
    ADMIN_COMMANDS.abort,
    ADMIN_COMMANDS.setFeatures,
    ADMIN_COMMANDS.getFeatures,
    ADMIN_COMMANDS.asyncEventRequest,
    ADMIN_COMMANDS.keepAlive,
    ADMIN_COMMANDS.sanitize,
  ].map(({ opcode }) => opcode),
);

/** The log pages among them: errors, SMART, changed namespaces, reservations, sanitize status. */
const ALLOWED_LOGS: ReadonlySet<number> = new Set([0x01, 0x02, 0x04, 0x70, 0x80, 0x81]);

/** Admin commands that wait for no format [BASE-2.1 §5, Fig. 142]; the log pages do not matter. */
const REFUSED_WHILE_FORMATTING: ReadonlySet<number> = new Set(
  [
    ADMIN_COMMANDS.namespaceManagement,
    ADMIN_COMMANDS.namespaceAttachment,
    ADMIN_COMMANDS.firmwareCommit,
    ADMIN_COMMANDS.firmwareImageDownload,
    ADMIN_COMMANDS.deviceSelfTest,
    ADMIN_COMMANDS.formatNvm,
    ADMIN_COMMANDS.sanitize,
  ].map(({ opcode }) => opcode),
);

/** Refuses a command that has to wait, or that a failed sanitize operation forbids. */
export function checkRestrictions(machine: Machine, exchange: Exchange): void {
  const { state } = machine;
  if (hasSanitizeFailed(state)) checkSanitize(machine, exchange, GENERIC.sanitizeFailed);
  else if (isSanitizing(state)) checkSanitize(machine, exchange, GENERIC.sanitizeInProgress);
  if (state.formats.length > 0) checkFormat(machine, exchange);
}

/**
 * What is allowed while an operation runs, or after it failed [BASE-2.1 §8.1.24.4]; the failure is
 * only told to I/O commands.
 */
function checkSanitize(
  { state }: Machine,
  { queue, entry }: Exchange,
  ofIo: RefusalStatus,
): void {
  // Connect makes an I/O queue, and is a command of it.
  if (entry.opcode === FABRICS) return;
  if (queue === "io") {
    // The cache is empty, so that there is nothing left to flush.
    if (entry.opcode === COMMON_IO_COMMANDS.flush.opcode) return;
    const verifying = state.sanitize.state === SANITIZE_STATE.verification;
    if (verifying && entry.opcode === READ) return;
    refuse(ofIo);
  }
  if (entry.opcode >= FIRST_VENDOR_OPCODE) return;
  if (!ALLOWED.has(entry.opcode)) refuse(GENERIC.sanitizeInProgress);
  const isLog = entry.opcode === ADMIN_COMMANDS.getLogPage.opcode;
  if (isLog && !ALLOWED_LOGS.has(entry.cdw10 & 0xff)) refuse(GENERIC.sanitizeInProgress);
}

/** A namespace that is being formatted takes no I/O [BASE-2.1 §5.1.10]. */
function checkFormat(machine: Machine, { queue, entry: { nsid, opcode } }: Exchange): void {
  // Where others have the namespace, a command of the fabric has its type.
  if (opcode === FABRICS) return;
  const busy = queue === "io"
    ? isFormatting(machine.state, nsid)
    : REFUSED_WHILE_FORMATTING.has(opcode);
  if (busy) refuse(GENERIC.formatInProgress);
}
