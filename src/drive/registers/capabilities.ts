// What the capability registers of a controller say, which follows from the kind of drive.

import { CAP, CRTO, registerAt, REGISTERS } from "../../spec/registers.ts";
import type { Personality } from "../personality.ts";

/** Entries of the largest queue, where the personality gives no number. */
const QUEUE_ENTRIES = 1024;
/** The least time to become ready that is announced: 20 times 500 ms. */
const LEAST_TIMEOUT = 20;
const TIMEOUT_UNIT_MS = 500;
/** The largest memory page: 2^(12 + 4), 64 KiB. The smallest is 4 KiB. */
const LARGEST_PAGE = 4;
/** Ready modes came with revision 2.0. */
const READY_MODES_SINCE = 0x020000;
const COMMAND_SETS_CNS = 0x1c;

/** CAP [BASE-2.1 §3.1.4.1, Fig. 36], as every face shows it. */
export function capabilities(personality: Personality): bigint {
  return CAP.compose({
    mqes: largestQueue(personality) - 1,
    // Over a fabric there are no queues in memory, and the bit has to be one.
    cqr: true,
    to: Math.min(0xff, readyTimeout(personality)),
    dstrd: personality.doorbellStride ?? 0,
    nssrs: true,
    ncss: true,
    // Only a drive that can say which command sets it has, lets one select them.
    iocss: personality.identify.includes(COMMAND_SETS_CNS),
    mpsmax: LARGEST_PAGE,
    crwms: hasReadyModes(personality),
  });
}

/** CRTO [BASE-2.1 §3.1.4.21, Fig. 57]; reserved, and zero, before revision 2.0. */
export function readyTimeouts(personality: Personality): number {
  return hasReadyModes(personality) ? CRTO.compose({ crwmt: readyTimeout(personality) }) : 0;
}

/** The most entries that a queue can have, CAP.MQES and one. */
export function largestQueue({ queueEntries = QUEUE_ENTRIES }: Personality): number {
  return queueEntries;
}

/**
 * Whether Property Get and Property Set of `size` bytes can name this offset
 * [BASE-2.1 §3.1.4, Fig. 33]: CAP, VS, CC, CSTS, NSSR and CRTO.
 */
export function isFabricsProperty(offset: number, size: number): boolean {
  const register = registerAt(offset);
  // Shutting down the whole subsystem is optional, and not here.
  if (!register || register === REGISTERS.NSSD) return false;
  return register.models.includes("message") && register.width === size;
}

function readyTimeout({ readyMs = 0 }: Personality): number {
  return Math.min(0xffff, Math.max(LEAST_TIMEOUT, Math.ceil(readyMs / TIMEOUT_UNIT_MS)));
}

function hasReadyModes({ version }: Personality): boolean {
  return version >= READY_MODES_SINCE;
}
