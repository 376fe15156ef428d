// Sanitize: erasing everything for good, following it, and getting out of its failure.

import { DeadlineError, UnsupportedError, UsageError } from "../errors.ts";
import { SANITIZE_ACTION, SanitizeDwords } from "../spec/admin/sanitize.ts";
import type { IdentifyController } from "../spec/identify/identify_controller.ts";
import {
  SANITIZE_PROGRESS_NONE,
  SANITIZE_PROGRESS_WHOLE,
  SanitizeLog,
} from "../spec/log/sanitize.ts";
import type { Drive } from "./drive.ts";
import { identifyController } from "./identify.ts";
import { readLogBytes } from "./log.ts";
import type { WaitClock } from "./selftest.ts";

const SANITIZE = 0x84;
const SANITIZE_LID = 0x81;
const NOT_REPORTED = 0xffff_ffff;
const PASSES_MAX = 16;
/** The operation goes on in the background; nobody may make this shorter, and reset the drive. */
const START_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Without a step of the progress for so long, or half of the estimate, it hangs. */
const STALL_MS = 30 * 60_000;

/** The operations that erase. */
export type SanitizeMethod = "block" | "overwrite" | "crypto";

/** What is to be done. */
export interface SanitizeWish {
  readonly method: SanitizeMethod;
  /** Passes of an overwrite, 1 to 16. */
  readonly passes?: number | undefined;
  /** The 32 bits that an overwrite writes. */
  readonly pattern?: number | undefined;
  /** Invert the pattern between passes. */
  readonly invert?: boolean;
  /** Leave the blocks allocated afterwards (No-Deallocate After Sanitize). */
  readonly noDeallocate?: boolean;
  /** Allow the failure to be left without sanitizing again (Allow Unrestricted Sanitize Exit). */
  readonly unrestrictedExit?: boolean;
}

/** A sanitize command that this drive can take. */
export interface SanitizePlan {
  readonly method: SanitizeMethod;
  readonly cdw10: number;
  readonly cdw11: number;
  /** How long it takes by the drive's estimate, in ms; undefined where it does not say. */
  readonly estimateMs: number | undefined;
}

const METHODS = {
  block: { action: SANITIZE_ACTION.blockErase, bit: "bes", name: "block erase" },
  overwrite: { action: SANITIZE_ACTION.overwrite, bit: "ows", name: "overwrite" },
  crypto: { action: SANITIZE_ACTION.cryptoErase, bit: "ces", name: "crypto erase" },
} as const;

/**
 * The command for a wish, checked against SANICAP and the state of the drive.
 *
 * @throws UnsupportedError for what the drive cannot do or not now, UsageError for a wish that is
 * none
 */
export function planSanitize(
  { sanicap }: Pick<IdentifyController, "sanicap">,
  log: SanitizeLog,
  { method, passes, pattern, invert = false, noDeallocate = false, unrestrictedExit = false }:
    SanitizeWish,
): SanitizePlan {
  const { action, bit, name } = METHODS[method];
  if (!sanicap[bit]) {
    const can = Object.values(METHODS).filter((one) => sanicap[one.bit]).map((one) => one.name);
    throw new UnsupportedError(`Cannot sanitize by ${name}: the drive has none (SANICAP)`, {
      next: can.length === 0 ? "it cannot sanitize at all" : `it has ${can.join(", ")}`,
    });
  }
  if (method !== "overwrite" && (passes !== undefined || pattern !== undefined || invert)) {
    throw new UsageError(`Cannot use passes or a pattern with ${name}: they are of an overwrite`);
  }
  if (noDeallocate && sanicap.ndi) {
    throw new UnsupportedError(
      "Cannot leave blocks allocated: this drive deallocates them always (SANICAP, NDI)",
    );
  }
  if (log.status.operation === 2) {
    throw new UnsupportedError("Cannot sanitize: a sanitize operation is at work already", {
      next: "nvmectl sanitize --wait waits for its end",
    });
  }
  const dwords = SanitizeDwords.encode({
    cdw10: {
      sanact: action,
      ause: unrestrictedExit,
      owpass: method === "overwrite" ? (passes ?? 1) % PASSES_MAX : 0,
      oipbp: invert,
      ndas: noDeallocate,
    },
    ovrpat: pattern ?? 0,
  });
  const view = new DataView(dwords.buffer);
  return {
    method,
    cdw10: view.getUint32(0, true),
    cdw11: view.getUint32(4, true),
    estimateMs: estimateMs(log, view.getUint32(0, true)),
  };
}

/** The Sanitize Status log, now. */
export async function readSanitize(drive: Drive): Promise<SanitizeLog> {
  const { sanicap } = await identifyController(drive);
  if (!sanicap.ces && !sanicap.bes && !sanicap.ows) {
    throw new UnsupportedError(
      `Cannot sanitize ${drive.target}: it cannot do that (Identify Controller, SANICAP is 0)`,
      { next: "nvmectl format --secure-erase may do instead" },
    );
  }
  return SanitizeLog.decode(
    await readLogBytes(
      drive,
      { lid: SANITIZE_LID, length: SanitizeLog.size },
      `read the sanitize status of ${drive.target}`,
    ),
  );
}

/**
 * Starts the operation, which then goes on in the background, also through a loss of power.
 *
 * @throws StatusError where the drive refuses it
 *
 * @example
 * ```ts
 * import { identifyController, open, planSanitize, readSanitize, startSanitize } from "nvmectl";
 *
 * await using drive = await open("virtual:");
 * const controller = await identifyController(drive);
 * const plan = planSanitize(controller, await readSanitize(drive), { method: "crypto" });
 * await startSanitize(drive, plan);
 * const { status } = await readSanitize(drive);
 * if (status.operation !== 2) throw new Error("it is at work");
 * ```
 */
export async function startSanitize(
  drive: Drive,
  { cdw10, cdw11 }: Pick<SanitizePlan, "cdw10" | "cdw11">,
): Promise<void> {
  await drive.execute(
    { queue: "admin", opcode: SANITIZE, cdw10, cdw11, timeoutMs: START_TIMEOUT_MS, slow: true },
    `sanitize ${drive.target}`,
  );
  drive.forget();
}

/** Leaves the failure of an operation that allowed it (Exit Failure Mode) [BASE-2.1 §5.1.22]. */
export async function exitSanitizeFailure(drive: Drive): Promise<void> {
  await drive.execute({
    queue: "admin",
    opcode: SANITIZE,
    cdw10: SANITIZE_ACTION.exitFailure,
    timeoutMs: START_TIMEOUT_MS,
    slow: true,
  }, `leave the sanitize failure of ${drive.target}`);
  drive.forget();
}

/** How far an operation has come. */
export interface SanitizeProgress {
  /** 0 to 1. */
  readonly fraction: number;
  /** By the drive's own estimate; undefined where it does not say. */
  readonly remainingMs: number | undefined;
}

/** How far the operation of a log has come; undefined where none is at work. */
export function sanitizeProgressOf(log: SanitizeLog): SanitizeProgress | undefined {
  if (log.status.operation !== 2) return undefined;
  const { progress } = log;
  const fraction = progress === SANITIZE_PROGRESS_NONE ? 1 : progress / SANITIZE_PROGRESS_WHOLE;
  const whole = estimateMs(log, log.cdw10);
  return {
    fraction,
    remainingMs: whole === undefined ? undefined : whole * (1 - fraction),
  };
}

/** The drive's estimate for the operation that a command dword 10 asks for. */
function estimateMs(log: SanitizeLog, cdw10: number): number | undefined {
  const kept = (cdw10 & 0x200) !== 0;
  const seconds = {
    [SANITIZE_ACTION.blockErase]: kept ? log.blockEraseNoDeallocateTime : log.blockEraseTime,
    [SANITIZE_ACTION.overwrite]: kept ? log.overwriteNoDeallocateTime : log.overwriteTime,
    [SANITIZE_ACTION.cryptoErase]: kept ? log.cryptoEraseNoDeallocateTime : log.cryptoEraseTime,
  }[cdw10 & 0x7];
  return seconds === undefined || seconds === NOT_REPORTED ? undefined : seconds * 1000;
}

/** How to wait. */
export interface SanitizeWait {
  readonly clock: WaitClock;
  readonly signal: AbortSignal;
  onProgress(progress: SanitizeProgress): void;
}

/**
 * Waits until no sanitize operation is at work, and returns the log as it then is.
 *
 * @throws DeadlineError when it does not get on any more; the signal's reason when it fires. In
 * both cases the drive goes on as it likes: nothing stops a sanitize operation.
 */
export async function followSanitize(
  drive: Drive,
  { clock, signal, onProgress }: SanitizeWait,
): Promise<SanitizeLog> {
  let best = -1;
  let movedAt = clock.now();
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    const log = await readSanitize(drive);
    const progress = sanitizeProgressOf(log);
    if (progress === undefined) return log;
    onProgress(progress);
    const moved = progress.fraction > best;
    if (moved) {
      best = progress.fraction;
      movedAt = clock.now();
    }
    const limitMs = Math.max(STALL_MS, (estimateMs(log, log.cdw10) ?? 0) / 2);
    if (clock.now() - movedAt > limitMs) {
      throw new DeadlineError(`${drive.target} to get on with its sanitize operation`, limitMs, {
        next: `it stands at ${Math.round(best * 100)} %; nvmectl sanitize ${drive.target} shows it`,
      });
    }
    const soon = moved && progress.remainingMs !== undefined ? progress.remainingMs / 4 : pauseMs;
    await clock.sleep(Math.max(FIRST_PAUSE_MS, Math.min(pauseMs, soon)), signal);
  }
}
