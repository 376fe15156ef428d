// The kinds of failure and their exit statuses.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AssertionFailure,
  DeadlineError,
  EXIT,
  interrupted,
  InterruptedError,
  invariant,
  MalformedError,
  NvmectlError,
  SafetyError,
  StatusError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../src/errors.ts";

Deno.test("exit statuses are those that scripts rely on", () => {
  assertEquals(EXIT, {
    ok: 0,
    bad: 1,
    usage: 2,
    refused: 3,
    unreachable: 4,
    unsafe: 5,
    fault: 70,
    hungUp: 129,
    interrupted: 130,
    terminated: 143,
  });
});

Deno.test("each kind of failure has one exit status and a name of its own", () => {
  const kinds: readonly NvmectlError[] = [
    new UsageError("m"),
    new StatusError("m", 0x4002),
    new UnsupportedError("m"),
    new UnreachableError("m"),
    new DeadlineError("it", 1),
    new MalformedError("m"),
    new SafetyError("m"),
    new InterruptedError("m"),
  ];
  assertEquals(kinds.map(({ exitCode }) => exitCode), [2, 3, 3, 4, 4, 4, 5, 130]);
  assertEquals(kinds.map(({ kind }) => kind), [
    "usage",
    "status",
    "unsupported",
    "unreachable",
    "deadline",
    "malformed",
    "safety",
    "interrupted",
  ]);
  assertEquals(kinds.map(({ name }) => name), [
    "UsageError",
    "StatusError",
    "UnsupportedError",
    "UnreachableError",
    "DeadlineError",
    "MalformedError",
    "SafetyError",
    "InterruptedError",
  ]);
});

Deno.test("a failure carries its next step, its cause and the system's code", () => {
  const cause = new Error("below");
  const error = new UnreachableError("Cannot open it", { next: "do that", code: "EACCES", cause });
  assertEquals([error.next, error.code, error.cause], ["do that", "EACCES", cause]);
  const bare = new UnreachableError("Cannot open it");
  assertEquals([bare.next, bare.code, bare.cause], [undefined, undefined, undefined]);
  assert(!("cause" in bare));
});

Deno.test("a deadline says what was waited for, and how long", () => {
  const error = new DeadlineError("/dev/nvme0 to complete a command", 60_000);
  assertEquals(
    error.message,
    "Cannot wait longer for /dev/nvme0 to complete a command: nothing after 60000 ms",
  );
  assertEquals([error.waitingFor, error.limitMs], ["/dev/nvme0 to complete a command", 60_000]);
  assert(error instanceof UnreachableError);
});

Deno.test("interrupted() keeps the exit status of the signal that came", () => {
  for (const exit of [129, 130, 143] as const) {
    const signal = AbortSignal.abort(new InterruptedError("Interrupted by a signal", exit));
    const error = interrupted(signal, "Stopped waiting: it goes on", "look again");
    assertEquals([error.exitCode, error.message, error.next], [
      exit,
      "Stopped waiting: it goes on",
      "look again",
    ]);
  }
});

Deno.test("interrupted() takes an abort for any other reason as an interrupt", () => {
  assertEquals(interrupted(AbortSignal.abort(), "Stopped", "look").exitCode, 130);
});

Deno.test("a broken invariant is no failure of the known kinds", () => {
  invariant(true, "holds");
  const error = assertThrows(() => invariant(false, "a page has bytes"), AssertionFailure);
  assertEquals(error.message, "a page has bytes");
  assert(!((error as Error) instanceof NvmectlError));
});
