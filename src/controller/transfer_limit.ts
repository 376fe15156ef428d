// How much data one command can move.

import { StatusError, UnreachableError } from "../errors.ts";
import {
  type IdentifyController,
  maximumTransferBytes,
} from "../spec/identify/identify_controller.ts";
import { GENERIC } from "../spec/status/generic.ts";

/** What MDTS counts in: CAP.MPSMIN, which is never less [BASE-2.1 §3.1.4.1, Fig. 36]. */
const LEAST_PAGE_BYTES = 4096;
/**
 * What one command is asked for at most: Linux refuses more than its own limits, which begin a
 * little above this, and nothing gets faster with more.
 */
const CEILING_BYTES = 256 * 1024;
const STATUS_CODE_MASK = 0x7ff;

/** The most data that one command is asked to move, in bytes: MDTS, up to what everybody takes. */
export function transferLimit(controller: Pick<IdentifyController, "mdts">): number {
  return Math.min(CEILING_BYTES, maximumTransferBytes(controller, LEAST_PAGE_BYTES) ?? Infinity);
}

/** Whether less data may be taken: the drive or the kernel refused the command as such. */
export function isTooMuch(error: unknown): boolean {
  if (error instanceof UnreachableError) return error.code === "EINVAL" || error.code === "ENOMEM";
  return error instanceof StatusError &&
    (error.status & STATUS_CODE_MASK) === GENERIC.invalidField.code;
}
