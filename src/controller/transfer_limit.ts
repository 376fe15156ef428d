// How much data one command can move.

import type { IdentifyController } from "../spec/identify/identify_controller.ts";

/** MDTS counts in pages of CAP.MPSMIN, which are no smaller than this [BASE-2.1 §5.1.13.2.1]. */
const PAGE_BYTES = 4096;

/**
 * What a drive without a limit is given at once, and what one with a higher limit is: the kernel's
 * passthrough takes no more than the block layer does, and larger pieces gain nothing.
 */
export const TRANSFER_CEILING_BYTES = 256 * 1024;

/** The most data that one command can move, in bytes: MDTS, up to what everybody takes. */
export function transferLimit({ mdts }: Pick<IdentifyController, "mdts">): number {
  return mdts === 0
    ? TRANSFER_CEILING_BYTES
    : Math.min(TRANSFER_CEILING_BYTES, PAGE_BYTES * 2 ** Math.min(mdts, 20));
}
