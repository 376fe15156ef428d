// What is said about everything that can be thrown: text, JSON, exit status.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describeFailure, statusJson } from "../../src/cli/failure.ts";
import {
  AssertionFailure,
  DeadlineError,
  EXIT,
  InterruptedError,
  MalformedError,
  type NvmectlError,
  SafetyError,
  StatusError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../../src/errors.ts";

const NEXT = "do that";

/** An error of each kind, and what a monitoring script relies on. */
const KINDS: readonly (readonly [NvmectlError, kind: string, exit: number, more?: object])[] = [
  [new UsageError("Cannot use it", { next: NEXT }), "usage", 2],
  [new UnsupportedError("Cannot test it", { next: NEXT }), "unsupported", 3],
  [new UnreachableError("Cannot open it", { next: NEXT }), "unreachable", 4],
  [
    new UnreachableError("Cannot open it", { next: NEXT, code: "EACCES" }),
    "unreachable",
    4,
    { code: "EACCES" },
  ],
  [new DeadlineError("it", 5000, { next: NEXT }), "deadline", 4],
  [new MalformedError("Cannot read it", { next: NEXT }), "malformed", 4],
  [new SafetyError("Cannot format it", { next: NEXT }), "safety", 5],
  [new InterruptedError("Stopped", 130, { next: NEXT }), "interrupted", 130],
  [new InterruptedError("Stopped", 143, { next: NEXT }), "interrupted", 143],
];

for (const [error, kind, exit, more = {}] of KINDS) {
  Deno.test(`a failure of kind ${kind} exits ${exit}, as text and as JSON`, () => {
    const failure = describeFailure(error);
    assertEquals(failure.exit, exit);
    assertEquals(failure.text, `nvmectl: ${error.message}\n  Next: ${NEXT}\n`);
    assertEquals(failure.json, {
      schema: "nvmectl.error/1",
      kind,
      message: error.message,
      next: NEXT,
      ...more,
      exit_status: exit,
    });
  });
}

Deno.test("a failure without a next step does not mention one", () => {
  const failure = describeFailure(new UsageError("Cannot use it"));
  assertEquals(failure.text, "nvmectl: Cannot use it\n");
  assert(!("next" in failure.json));
});

Deno.test("a refusal by the drive carries its status taken apart", () => {
  const failure = describeFailure(new StatusError("Cannot format it: Invalid Format", 0x610a));
  assertEquals(failure.exit, 3);
  assertEquals(failure.json["kind"], "status");
  assertEquals(failure.json["status"], {
    value: 0x610a,
    text: "Invalid Format",
    status_code_type: 1,
    status_code: 0x0a,
    more: true,
    do_not_retry: true,
  });
});

Deno.test("statusJson() names a status that no table knows by what it is", () => {
  assertEquals(statusJson(0x7ff)["text"], "vendor specific status");
  assertEquals(statusJson(0)["text"], "Successful Completion");
});

Deno.test("a drive's text in a failure cannot move the cursor", () => {
  const failure = describeFailure(new UsageError("Cannot\x1b[2J", { next: "\u202enext" }));
  assertEquals(failure.text, "nvmectl: Cannot\\u{1b}[2J\n  Next: \\u{202e}next\n");
  assertEquals(failure.json["message"], "Cannot\x1b[2J", "JSON has escapes of its own");
});

Deno.test("anything else is a fault of nvmectl, with its stack, and asks for a report", () => {
  const failure = describeFailure(new AssertionFailure("a \x1b[2J invariant"));
  assertEquals(failure.exit, EXIT.fault);
  assertEquals(failure.json["kind"], "fault");
  assertEquals(failure.json["exit_status"], EXIT.fault);
  const [first = "", second = ""] = failure.text.split("\n");
  assertEquals(
    first,
    "nvmectl: this is a fault of nvmectl, not of the drive; please report it with this text",
  );
  assertEquals(second, "AssertionFailure: a \\u{1b}[2J invariant");
  assertStringIncludes(failure.text, "failure_test.ts");
});

Deno.test("a failure to close something afterwards does not hide the failure itself", () => {
  const both = new SuppressedError(new Error("close"), new SafetyError("Cannot format it"));
  assertEquals(describeFailure(both).exit, 5);
});

Deno.test("even what is no error at all is described", () => {
  assertStringIncludes(describeFailure("a string").text, "a string");
  assertEquals(describeFailure(undefined).exit, EXIT.fault);
});

Deno.test("what the kernel or the platform refuses below the transports is no fault of nvmectl", () => {
  const refused = Object.assign(new Error("Cannot open /dev/nvme0n1: permission denied (EACCES)"), {
    name: "SysError",
    code: "EACCES",
  });
  const failure = describeFailure(refused);
  assertEquals(failure.exit, 4);
  assertEquals(failure.text, "nvmectl: Cannot open /dev/nvme0n1: permission denied (EACCES)\n");
  assertEquals(failure.json["code"], "EACCES");
  const elsewhere = Object.assign(new Error("Cannot use musl: need glibc"), {
    name: "PlatformError",
  });
  assertEquals(describeFailure(elsewhere).exit, 4);
});

Deno.test("no failure repeats a key, neither in words nor in JSON nor in a stack", () => {
  const key = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";
  const hex = "5512DBB6737D0106F65975B773DFB011FFC344BCF442E2DD6D8BC4870B5D5B03";
  for (const secret of [key, hex]) {
    for (
      const error of [
        new UsageError(`Cannot run: "${secret}" is one word too many`, { next: `not ${secret}` }),
        new Error(`bug with ${secret}`),
      ]
    ) {
      const { text, json } = describeFailure(error);
      const shown = text + JSON.stringify(json);
      assertEquals(shown.includes(secret.slice(12, 40)), false, shown);
      assertEquals(shown.includes("[redacted]"), true);
    }
  }
});
