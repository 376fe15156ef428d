// How much a plug-in can say: a flood of messages must not drown everything else.

/** Messages that pass in each second. */
const MOST_A_SECOND = 20;
const SECOND_MS = 1000;

/** Counts messages; it has no clock of its own. */
export class LogLimit {
  #since = -Infinity;
  #passed = 0;
  #leftOut = 0;

  /**
   * @param most messages that pass in each second
   */
  constructor(private readonly most = MOST_A_SECOND) {}

  /** Whether a message passes at a time in milliseconds; one that does not is counted. */
  passes(now: number): boolean {
    // A clock that is set back begins a new second too.
    if (now - this.#since >= SECOND_MS || now < this.#since) {
      this.#since = now;
      this.#passed = 0;
    }
    if (this.#passed < this.most) {
      this.#passed++;
      return true;
    }
    this.#leftOut++;
    return false;
  }

  /** Counts messages that were left out elsewhere. */
  leaveOut(count: number): void {
    this.#leftOut += count;
  }

  /** How many were left out since this was last asked. */
  takeLeftOut(): number {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count;
  }
}
