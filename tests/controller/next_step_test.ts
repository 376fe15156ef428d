// Next steps that are added to an error.

import { assertEquals } from "@std/assert";
import { withNextStep } from "../../src/controller/next_step.ts";
import { UnreachableError } from "../../src/errors.ts";

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
