// How far a read has come, and how long it will yet take.

/** How far a read has come. */
export interface ReadProgress {
  /** 0 to 1. */
  readonly fraction: number;
  /** By the pace so far; left out until it says something, after a second. */
  readonly remainingMs?: number;
}

/** What must have passed before the pace says something. */
const LEAST_MS = 1000;

/** Estimates the rest of a work from how fast it went. */
export class Pace {
  readonly #start: number;

  /** @param total in whatever unit `at` counts */
  constructor(
    private readonly total: number,
    private readonly clock: { now(): number },
    private readonly before: number = 0,
  ) {
    this.#start = clock.now();
  }

  /** How far it is with so much done, what was done `before` included. */
  at(done: number): ReadProgress {
    const spent = this.clock.now() - this.#start;
    const fresh = done - this.before;
    const known = spent >= LEAST_MS && fresh > 0;
    return {
      fraction: this.total === 0 ? 1 : done / this.total,
      ...(known ? { remainingMs: spent / fresh * (this.total - done) } : {}),
    };
  }
}
