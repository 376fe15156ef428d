// SIGINT and SIGTERM as an AbortSignal, listened to only once somebody waits: until then the
// default action ends the program at once, which is what a person expects.

import { EXIT, InterruptedError } from "../errors.ts";

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** How signals are listened to. Tests pass memory instead. */
export type SignalSource = Pick<typeof Deno, "addSignalListener" | "removeSignalListener">;

/**
 * An AbortSignal that fires on the first SIGINT or SIGTERM with an InterruptedError as its reason.
 * A second one calls `force` with the exit status.
 */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly force: (exit: number) => void,
    private readonly source: SignalSource = Deno,
  ) {}

  get signal(): AbortSignal {
    if (this.#listeners.length === 0) this.#listen();
    return this.#controller.signal;
  }

  #listen(): void {
    for (const [name, exit] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, 130 | 143][]) {
      const listener = (): void => {
        if (this.#controller.signal.aborted) this.force(exit);
        this.#controller.abort(new InterruptedError(`Interrupted by ${name}`, exit));
      };
      this.source.addSignalListener(name, listener);
      this.#listeners.push(() => this.source.removeSignalListener(name, listener));
    }
  }

  [Symbol.dispose](): void {
    for (const remove of this.#listeners.splice(0)) remove();
  }
}
