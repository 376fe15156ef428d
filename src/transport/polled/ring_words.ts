// The words of queue entries: zeroes into one, and what one says.

/**
 * Zeroes a submission queue entry. Eight stores of 64 bits are quicker than a call of `fill`, which
 * costs as much as all the rest of a command.
 *
 * @param at the index of its first double
 */
export function clearEntry(doubles: Float64Array, at: number): void {
  doubles[at] = 0;
  doubles[at + 1] = 0;
  doubles[at + 2] = 0;
  doubles[at + 3] = 0;
  doubles[at + 4] = 0;
  doubles[at + 5] = 0;
  doubles[at + 6] = 0;
  doubles[at + 7] = 0;
}

/** Dwords 2 and 3 of a completion queue entry for a message [BASE-2.1 §4.2.1, Fig. 96]. */
export function completionText(dword2: number, dword3: number): string {
  const status = (dword3 >>> 17).toString(16).toUpperCase().padStart(4, "0");
  return `SQID ${dword2 >>> 16}, SQHD ${dword2 & 0xffff}, CID ${
    dword3 & 0xffff
  }, status ${status}h`;
}
