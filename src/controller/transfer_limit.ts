// How much data one command can move.

import {
  type IdentifyController,
  maximumTransferBytes,
} from "../spec/identify/identify_controller.ts";

/** What MDTS counts in: CAP.MPSMIN, which is never less [BASE-2.1 §3.1.4.1, Fig. 36]. */
const LEAST_PAGE_BYTES = 4096;
/**
 * What one command is asked for at most: Linux refuses more than its own limits, which begin a
 * little above this, and nothing gets faster with more.
 */
const CEILING_BYTES = 256 * 1024;

/** The most data that one command is asked to move, in bytes: MDTS, up to what everybody takes. */
export function transferLimit(controller: Pick<IdentifyController, "mdts">): number {
  return Math.min(CEILING_BYTES, maximumTransferBytes(controller, LEAST_PAGE_BYTES) ?? Infinity);
}
