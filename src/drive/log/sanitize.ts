// Log page 81h: the sanitize operation that runs or ran last.

import { SanitizeLog } from "../../spec/log/sanitize.ts";
import {
  isGloballyErased,
  isSanitizing,
  sanitizeAbilities,
  sanitizePasses,
  sanitizeProgress,
} from "../model/sanitize.ts";
import { encodeFor } from "../version.ts";
import type { DriveLogPage } from "./page.ts";

/** An estimate that the drive does not give. */
const NOT_REPORTED = 0xffffffff;
/** The estimate for an overwrite is for so many passes. */
const ESTIMATED_PASSES = 16;

/** Sanitize Status. */
export const SanitizeStatusPage: DriveLogPage = {
  lid: 0x81,
  read(machine) {
    const { state, personality } = machine;
    const { sanitize } = state;
    const { overwritePassMs, blockEraseMs, cryptoEraseMs, verification } = sanitizeAbilities(
      personality,
    );
    return encodeFor(SanitizeLog, personality.version, {
      progress: sanitizeProgress(machine),
      status: {
        operation: sanitize.outcome,
        passes: sanitizePasses(machine),
        globalDataErased: !isSanitizing(state) && isGloballyErased(state),
        verificationCanceled: sanitize.verificationCanceled,
      },
      cdw10: sanitize.cdw10,
      overwriteTime: seconds(overwritePassMs, ESTIMATED_PASSES),
      blockEraseTime: seconds(blockEraseMs),
      cryptoEraseTime: seconds(cryptoEraseMs),
      overwriteNoDeallocateTime: NOT_REPORTED,
      blockEraseNoDeallocateTime: NOT_REPORTED,
      cryptoEraseNoDeallocateTime: NOT_REPORTED,
      deallocationTime: seconds(verification?.deallocateMs),
      state: { current: sanitize.state, failed: sanitize.failedIn },
    });
  },
};

function seconds(milliseconds: number | undefined, times = 1): number {
  return milliseconds === undefined ? NOT_REPORTED : Math.ceil(milliseconds * times / 1000);
}
