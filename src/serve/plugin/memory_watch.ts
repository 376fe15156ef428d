// Ends plug-ins whose threads take too much memory. Deno bounds the memory of no thread that has
// no permissions, so this looks at what the whole process has, and how much of it is not ours.

/** How often is looked: some hundred megabytes can be taken in between. */
const PERIOD_MS = 100;

/** Watches from its making until it is disposed of. */
export class MemoryWatch implements Disposable {
  readonly #timer: number;
  /** Memory of others than this thread when the plug-in came. */
  readonly #before: number;
  /** The most that this thread ever had: what it gave back may still count as the process's. */
  #own = 0;

  /** @param exceeded called once, when the threads have taken more than `limitBytes` since now */
  constructor(exceeded: (limitBytes: number) => void, limitBytes: number) {
    this.#before = this.#others();
    this.#timer = setInterval(() => {
      if (this.#others() - this.#before <= limitBytes) return;
      this[Symbol.dispose]();
      exceeded(limitBytes);
    }, PERIOD_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #others(): number {
    const { rss, heapTotal, external } = Deno.memoryUsage();
    this.#own = Math.max(this.#own, heapTotal + external);
    return rss - this.#own;
  }
}
