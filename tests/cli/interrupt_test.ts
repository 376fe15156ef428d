// Signals as an AbortSignal.

import { assertEquals } from "@std/assert";
import { Interrupts, type SignalSource } from "../../src/cli/interrupt.ts";
import { InterruptedError } from "../../src/errors.ts";

/** Signals that a test sends itself. */
class FakeSignals {
  readonly listeners = new Map<Deno.Signal, () => void>();

  readonly source: SignalSource = {
    addSignalListener: (name, listener) => void this.listeners.set(name, listener),
    removeSignalListener: (name, listener) => {
      if (this.listeners.get(name) === listener) this.listeners.delete(name);
    },
  };

  send(name: Deno.Signal): void {
    this.listeners.get(name)?.();
  }
}

Deno.test("until somebody waits, signals end the program as they always do", () => {
  const signals = new FakeSignals();
  const interrupts = new Interrupts(() => {}, signals.source);
  assertEquals([signals.listeners.size, interrupts.heard], [0, undefined]);
  interrupts.signal.throwIfAborted();
  assertEquals(interrupts.heard, interrupts.signal);
  assertEquals([...signals.listeners.keys()], ["SIGHUP", "SIGINT", "SIGTERM"]);
});

Deno.test("a program that was told to outlive its terminal goes on when that is gone", () => {
  for (const stays of [true, false]) {
    const signals = new FakeSignals();
    const source = { ...signals.source, staysOnHangUp: () => stays };
    using interrupts = new Interrupts(() => {}, source);
    const { signal } = interrupts;
    signals.send("SIGHUP");
    assertEquals(signal.aborted, !stays);
    signals.send("SIGTERM");
    assertEquals(signal.aborted, true);
  }
});

Deno.test("SIGHUP, SIGINT and SIGTERM interrupt with the exit statuses that shells expect", () => {
  for (const [name, exit] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const signals = new FakeSignals();
    using interrupts = new Interrupts(() => {}, signals.source);
    const { signal } = interrupts;
    signals.send(name);
    const reason = signal.reason as InterruptedError;
    assertEquals(reason instanceof InterruptedError, true);
    assertEquals(reason.exitCode, exit);
    assertEquals(reason.message, `Interrupted by ${name}`);
  }
});

Deno.test("the second signal ends the program at once, whatever it is doing", () => {
  const signals = new FakeSignals();
  const forced: number[] = [];
  using interrupts = new Interrupts((exit) => forced.push(exit), signals.source);
  const { signal } = interrupts;
  signals.send("SIGINT");
  assertEquals(forced, []);
  signals.send("SIGTERM");
  assertEquals(forced, [143]);
  assertEquals((signal.reason as InterruptedError).exitCode, 130, "the first one is the reason");
});

Deno.test("afterwards nothing listens any more", () => {
  const signals = new FakeSignals();
  const interrupts = new Interrupts(() => {}, signals.source);
  interrupts.signal.throwIfAborted();
  interrupts[Symbol.dispose]();
  assertEquals(signals.listeners.size, 0);
});

Deno.test("the real signals can be listened to and let go", () => {
  const interrupts = new Interrupts(() => {});
  assertEquals(interrupts.signal.aborted, false);
  interrupts[Symbol.dispose]();
});
