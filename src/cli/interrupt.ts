// SIGHUP, SIGINT and SIGTERM as an AbortSignal, listened to only once somebody waits: until then
// the default action ends the program at once, which is what a person expects.

import { EXIT, InterruptedError } from "../errors.ts";

const SIGNALS = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
} as const;

/** How signals are listened to. Tests pass memory instead. */
export interface SignalSource
  extends Pick<typeof Deno, "addSignalListener" | "removeSignalListener"> {
  /**
   * Whether whoever started this program wants it to go on when its terminal is gone, as nohup
   * does.
   */
  readonly staysOnHangUp?: () => boolean;
}

/**
 * An AbortSignal that fires on the first SIGHUP, SIGINT or SIGTERM with an InterruptedError as its
 * reason. A second one calls `force` with the exit status.
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

  /** The signal, if somebody waits for it already. */
  get heard(): AbortSignal | undefined {
    return this.#listeners.length === 0 ? undefined : this.#controller.signal;
  }

  #listen(): void {
    const staysOnHangUp = this.source.staysOnHangUp?.() ?? false;
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      const exit = SIGNALS[name];
      const listener = (): void => {
        // Heard nevertheless: with any other listener Deno would end the program at SIGHUP.
        if (name === "SIGHUP" && staysOnHangUp) return;
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
