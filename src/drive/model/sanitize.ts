// Sanitize operations: they start, go on with the drive's clock whatever happens to the
// controllers, and end, or fail [BASE-2.1 §8.1.24.3].

import { SANITIZE_ACTION } from "../../spec/admin/sanitize.ts";
import type { Machine } from "../machine.ts";
import { StorageFailure } from "../media/block_store.ts";
import type { Personality } from "../personality.ts";
import type { DriveState } from "../state.ts";
import { tellTap } from "../tap/tell.ts";
import { theRest } from "../rest.ts";
import { DEFAULT_SANITIZE, type SanitizeAbilities } from "./abilities.ts";
import { deallocateAll, replaceAll } from "./erasure.ts";
import { type AsyncEvent, EVENTS } from "./event_kinds.ts";
import { clearEvents, raiseControllerEvent } from "./events.ts";
import { abortSelfTest, SELF_TEST_RESULT } from "./self_test.ts";

/** The states of the operation, as SANS has them [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
export const SANITIZE_STATE = {
  idle: 0,
  restrictedProcessing: 1,
  restrictedFailure: 2,
  unrestrictedProcessing: 3,
  unrestrictedFailure: 4,
  verification: 5,
  deallocation: 6,
} as const;

/** How the last operation went, as SOS has it [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
export const SANITIZE_OUTCOME = {
  never: 0,
  done: 1,
  inProgress: 2,
  failed: 3,
  deallocated: 4,
} as const;

/** The operation that runs or ran last. Times are milliseconds of the drive's clock. */
export interface SanitizeState {
  /** One of `SANITIZE_STATE`. */
  state: number;
  /** The state in which the last operation that failed did so; idle for none. */
  failedIn: number;
  /** One of `SANITIZE_OUTCOME`. */
  outcome: number;
  /** Overwrite passes that are over. */
  passes: number;
  verificationCanceled: boolean;
  /** Command dwords 10 and 11 of the command that started it. */
  cdw10: number;
  cdw11: number;
  /** Of the state that it is in. */
  startedAt: number;
  durationMs: number;
  /** The controller whose host started it, and hears of its end. */
  controller: number;
  /** Sectors that hosts had written when all data was erased; -1 where there may be data. */
  erasedAtSectors: bigint;
}

const AUSE = 0x08;
const NDAS = 0x200;
const EMVS = 0x400;
/** Progress is a numerator over 65,536; all ones stand for no operation. */
const WHOLE = 0x10000;
const MOST_PROGRESS = 0xfffe;
const NO_PROGRESS = 0xffff;
const MOST_PASSES = 16;
/** NODMMAS: nothing is done to media that stay allocated, beyond the operation. */
const NO_MORE_CHANGES = 1;

const { idle, restrictedProcessing, restrictedFailure } = SANITIZE_STATE;
const { unrestrictedProcessing, unrestrictedFailure, verification, deallocation } = SANITIZE_STATE;

/** A drive that was never sanitized. */
export function initialSanitize({ health }: Personality): SanitizeState {
  return {
    state: idle,
    failedIn: idle,
    outcome: SANITIZE_OUTCOME.never,
    passes: 0,
    verificationCanceled: false,
    cdw10: 0,
    cdw11: 0,
    startedAt: 0,
    durationMs: 0,
    controller: 0,
    erasedAtSectors: health.dataUnitsWritten === 0 ? 0n : -1n,
  };
}

/** How a drive of this kind sanitizes. */
export function sanitizeAbilities({ sanitizing }: Personality): SanitizeAbilities {
  return sanitizing ?? DEFAULT_SANITIZE;
}

/** SANICAP [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export function sanitizeCapabilities(personality: Personality): {
  readonly ces: boolean;
  readonly bes: boolean;
  readonly ows: boolean;
  readonly vers: boolean;
  readonly ndi: boolean;
  readonly nodmmas: number;
} {
  const abilities = sanitizeAbilities(personality);
  const { cryptoEraseMs, blockEraseMs, overwritePassMs, verification, keepsBlocks } = abilities;
  return {
    ces: cryptoEraseMs !== undefined,
    bes: blockEraseMs !== undefined,
    ows: overwritePassMs !== undefined,
    vers: verification !== undefined,
    ndi: !keepsBlocks,
    nodmmas: NO_MORE_CHANGES,
  };
}

/** Whether an operation is in progress, media verification included. */
export function isSanitizing({ sanitize: { state } }: DriveState): boolean {
  return state === restrictedProcessing || state === unrestrictedProcessing ||
    state === verification || state === deallocation;
}

/** Whether the last operation failed and the drive has not recovered from that. */
export function hasSanitizeFailed({ sanitize: { state } }: DriveState): boolean {
  return state === restrictedFailure || state === unrestrictedFailure;
}

/** How much of the operation is done, as SPROG has it. */
export function sanitizeProgress(
  { state: { sanitize }, now }: Pick<Machine, "state" | "now">,
): number {
  if (!isTimed(sanitize)) return NO_PROGRESS;
  const share = sanitize.durationMs === 0 ? 1 : (now() - sanitize.startedAt) / sanitize.durationMs;
  return Math.max(0, Math.min(MOST_PROGRESS, Math.floor(share * WHOLE)));
}

/** Overwrite passes that are over by now. */
export function sanitizePasses(machine: Pick<Machine, "personality" | "state" | "now">): number {
  const { state: { sanitize }, personality, now } = machine;
  if (!isProcessing(sanitize)) return sanitize.passes;
  if ((sanitize.cdw10 & 7) !== SANITIZE_ACTION.overwrite) return 0;
  const pass = sanitizeAbilities(personality).overwritePassMs ?? 0;
  const over = pass === 0 ? MOST_PASSES : Math.floor((now() - sanitize.startedAt) / pass);
  return Math.max(0, Math.min(passesOf(sanitize.cdw10), over));
}

/** Whether no host has written anything since the drive was made or last sanitized. */
export function isGloballyErased({ sanitize, counters }: DriveState): boolean {
  return sanitize.erasedAtSectors === counters.sectorsWritten;
}

/** Starts an operation that has been found possible [BASE-2.1 §8.1.24.4]. */
export function startSanitize(machine: Machine, cdw10: number, cdw11: number): void {
  const { state, personality, controller, drive, now } = machine;
  state.sanitize = {
    ...state.sanitize,
    state: (cdw10 & AUSE) !== 0 ? unrestrictedProcessing : restrictedProcessing,
    outcome: SANITIZE_OUTCOME.inProgress,
    passes: 0,
    verificationCanceled: false,
    cdw10,
    cdw11,
    startedAt: now(),
    durationMs: durationOf(sanitizeAbilities(personality), cdw10),
    controller: controller.id,
    erasedAtSectors: -1n,
  };
  for (const other of drive.controllers) clearEvents(other, EVENTS.sanitizeCompleted.lid);
  abortSelfTest(machine, SELF_TEST_RESULT.abortedBySanitize);
  theRest().records.recordSanitizeStart(machine, {
    sanicap: capabilityWord(personality),
    cdw10,
    cdw11,
  });
  tellTap(machine, "nvme:sanitize:event", "started", { cdw10, cdw11 });
  settleSanitize(machine);
}

/** Brings the operation up to date; what the storage cannot do makes it fail. */
export function settleSanitize(machine: Machine): void {
  try {
    advance(machine);
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error;
    failSanitize(machine);
  }
}

function advance(machine: Machine): void {
  const { state: { sanitize }, personality, now } = machine;
  if (!isTimed(sanitize)) return;
  const { failsAtPercent } = sanitizeAbilities(personality);
  const elapsed = now() - sanitize.startedAt;
  if (isProcessing(sanitize) && failsAtPercent !== undefined) {
    if (elapsed >= sanitize.durationMs * failsAtPercent / 100) failSanitize(machine);
    return;
  }
  if (elapsed < sanitize.durationMs) return;
  if (sanitize.state === deallocation) {
    deallocateAll(machine);
    return end(machine);
  }
  const verifies = (sanitize.cdw10 & EMVS) !== 0 && !sanitize.verificationCanceled;
  if (verifies || keeps(machine)) replaceAll(machine, sanitize.cdw10 & 7, sanitize.cdw11);
  else deallocateAll(machine);
  sanitize.passes = sanitizePasses(machine);
  if (verifies) {
    sanitize.state = verification;
    tellTap(machine, "nvme:sanitize:event", "verification");
    announce(machine, EVENTS.sanitizeVerification);
  } else {
    end(machine);
  }
}

/** The running operation fails: for scenarios, and for drives whose operations do. */
export function failSanitize(machine: Machine): void {
  const { sanitize } = machine.state;
  if (!isTimed(sanitize)) return;
  sanitize.passes = sanitizePasses(machine);
  sanitize.failedIn = sanitize.state;
  const unrestricted = (sanitize.cdw10 & AUSE) !== 0;
  sanitize.state = unrestricted ? unrestrictedFailure : restrictedFailure;
  sanitize.outcome = SANITIZE_OUTCOME.failed;
  finish(machine, "failed", EVENTS.sanitizeCompleted);
}

/** Leaves the failure, which the state machine has to allow. */
export function exitSanitizeFailure({ state: { sanitize } }: Machine): void {
  if (sanitize.state === unrestrictedFailure) sanitize.state = idle;
}

/** Leaves media verification for the deallocation that follows it. */
export function exitVerification(machine: Machine, canceled: boolean): void {
  const { state: { sanitize }, personality, now } = machine;
  if (canceled && isProcessing(sanitize)) sanitize.verificationCanceled = true;
  if (sanitize.state !== verification) return;
  sanitize.verificationCanceled = canceled;
  sanitize.state = deallocation;
  sanitize.startedAt = now();
  sanitize.durationMs = sanitizeAbilities(personality).verification?.deallocateMs ?? 0;
  settleSanitize(machine);
}

/** SANICAP as a number. */
function capabilityWord(personality: Personality): number {
  const { ces, bes, ows, vers, ndi, nodmmas } = sanitizeCapabilities(personality);
  const kinds = Number(ces) | (Number(bes) << 1) | (Number(ows) << 2) | (Number(vers) << 3);
  return (kinds | (Number(ndi) << 29) | (nodmmas << 30)) >>> 0;
}

function isProcessing({ state }: SanitizeState): boolean {
  return state === restrictedProcessing || state === unrestrictedProcessing;
}

/** Whether the state ends by itself. */
function isTimed(sanitize: SanitizeState): boolean {
  return isProcessing(sanitize) || sanitize.state === deallocation;
}

function durationOf(abilities: SanitizeAbilities, cdw10: number): number {
  switch (cdw10 & 7) {
    case SANITIZE_ACTION.blockErase:
      return abilities.blockEraseMs ?? 0;
    case SANITIZE_ACTION.overwrite:
      return (abilities.overwritePassMs ?? 0) * passesOf(cdw10);
    default:
      return abilities.cryptoEraseMs ?? 0;
  }
}

/** Whether blocks stay allocated: the host wants it, and the drive can. */
function keeps({ state: { sanitize }, personality }: Machine): boolean {
  return (sanitize.cdw10 & NDAS) !== 0 && sanitizeAbilities(personality).keepsBlocks === true;
}

/** OWPASS: zero stands for sixteen. */
function passesOf(cdw10: number): number {
  return (cdw10 >>> 4) & 0xf || MOST_PASSES;
}

function end(machine: Machine): void {
  const { sanitize, counters } = machine.state;
  const unexpected = (sanitize.cdw10 & NDAS) !== 0 && !keeps(machine);
  sanitize.state = idle;
  sanitize.failedIn = idle;
  sanitize.outcome = unexpected ? SANITIZE_OUTCOME.deallocated : SANITIZE_OUTCOME.done;
  sanitize.erasedAtSectors = counters.sectorsWritten;
  finish(
    machine,
    "completed",
    unexpected ? EVENTS.sanitizeDeallocated : EVENTS.sanitizeCompleted,
  );
}

function finish(machine: Machine, event: "completed" | "failed", announced: AsyncEvent): void {
  const { sanitize } = machine.state;
  theRest().records.recordSanitizeEnd(machine, {
    progress: sanitizeProgress(machine),
    status: {
      operation: sanitize.outcome,
      passes: sanitize.passes,
      globalDataErased: isGloballyErased(machine.state),
      verificationCanceled: sanitize.verificationCanceled,
    },
  });
  tellTap(machine, "nvme:sanitize:event", event, { outcome: sanitize.outcome });
  announce(machine, announced);
}

/** Only the host that started the operation hears of it [BASE-2.1 §8.1.24.2]. */
function announce({ drive, state: { sanitize } }: Machine, event: AsyncEvent): void {
  const starter = drive.controllers.find(({ controller }) => controller.id === sanitize.controller);
  if (starter) raiseControllerEvent(starter, event);
}
