// Calls of a plug-in's functions that do not last for ever. `terminate()` does not get through to a
// thread that is in a loop: as of Deno 2.7 it would loop on, and take memory, until the program
// ends. What does get through is the time limit of a script, so that everything of the plug-in
// that is called from here is called by one.

import { Script } from "node:vm";

/** The name is the plug-in's to see, and of no use to it. */
const CALL = "nvmectlCall";
const TIMED_OUT = "ERR_SCRIPT_EXECUTION_TIMEOUT";

let pending: (() => unknown) | undefined;

Object.defineProperty(globalThis, CALL, {
  value: () => {
    const call = pending;
    pending = undefined;
    return call?.();
  },
});

const script = new Script(`${CALL}()`);

/**
 * What the function gives. What it does after it has given a promise is not limited.
 *
 * @throws what it throws, and Error when it has not returned after `ms` milliseconds
 */
export function guardedCall<T>(call: () => T, ms: number): T {
  pending = call;
  try {
    return script.runInThisContext({ timeout: ms }) as T;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new Error(`did not return within ${ms} ms`, { cause: error });
  } finally {
    pending = undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === TIMED_OUT;
}

/** Limits the functions that the plug-in gives to the global timers, too. */
export function guardTimers(ms: () => number): void {
  for (const name of ["setTimeout", "setInterval", "queueMicrotask"] as const) {
    const own = globalThis[name] as (...given: readonly unknown[]) => unknown;
    Object.assign(globalThis, {
      [name]: (action: unknown, delay?: number, ...rest: readonly unknown[]) => {
        if (typeof action !== "function") throw new TypeError(`${name}() needs a function`);
        return own(() => guardedCall(() => action(...rest), ms()), delay);
      },
    });
  }
}
