// Next steps that are added to an error.

import { assertEquals } from "@std/assert";
import { afterOverlap, withNextStep } from "../../src/controller/next_step.ts";
import { AssertionFailure, StatusError, UnreachableError } from "../../src/errors.ts";

Deno.test("withNextStep() puts a next step behind the one that there is, and keeps the rest", () => {
  const cause = new Error("why");
  const error = new UnreachableError("Cannot reach it", {
    next: "look at dmesg",
    code: "ENODEV",
    cause,
    loss: "late",
  });
  const { message, next, code, cause: kept, loss } = withNextStep(error, "and think");
  assertEquals([message, next], ["Cannot reach it", "look at dmesg; and think"]);
  assertEquals([code, kept, loss], ["ENODEV", cause, "late"]);
  assertEquals(withNextStep(new UnreachableError("No"), "wait").next, "wait");
});

Deno.test("afterOverlap() tells once of another download, and leaves other errors as they are", () => {
  const once = afterOverlap(new StatusError("Cannot commit it: no.", 0x4107)) as StatusError;
  assertEquals([once.status, afterOverlap(once)], [0x4107, once]);
  assertEquals(once.message.startsWith("Cannot commit it: no. Another download went on"), true);
  assertEquals(once.next?.startsWith("See that nobody else"), true);
  const fault = new AssertionFailure("never");
  assertEquals(afterOverlap(fault), fault);
});
