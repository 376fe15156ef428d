// Randomness from a seed: the same seed gives the same drive, every time.

/** Where a generator keeps its state, so that it can be stored with the rest of the drive. */
export interface RandomState {
  random: number;
}

/**
 * The next number of at least 0 and less than 1; advances the state. A 32-bit counter hashed by
 * multiplication and shifts: good enough to vary a temperature, no use for secrets.
 */
export function nextRandom(state: RandomState): number {
  state.random = (state.random + 0x6d2b79f5) >>> 0;
  let hash = Math.imul(state.random ^ (state.random >>> 15), state.random | 1);
  hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
  return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
}
