// The timers of a drive that is served. When it ends nobody waits for what they were for, such as a
// command that a fault holds back for minutes, and the program must not wait for them either.

/** Timers that end together. */
export class Timers implements Disposable {
  readonly #running = new Set<number>();

  /** Calls `action` in so many milliseconds, unless the returned function is called before. */
  readonly after = (ms: number, action: () => void): () => void => {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      action();
    }, ms);
    this.#running.add(timer);
    return () => {
      this.#running.delete(timer);
      clearTimeout(timer);
    };
  };

  /** Ends those that still run; their actions do not happen any more. */
  [Symbol.dispose](): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
