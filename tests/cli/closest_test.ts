// "Did you mean".

import { assertEquals } from "@std/assert";
import { didYouMean } from "../../src/cli/closest.ts";

const VERBS = ["list", "health", "identify", "selftest", "format"];

Deno.test("a mistyped word brings the nearest known one", () => {
  assertEquals(didYouMean("helth", VERBS), "Did you mean health?");
  assertEquals(didYouMean("self-test", VERBS), "Did you mean selftest?");
  assertEquals(didYouMean("fromat", VERBS), "Did you mean format?");
});

Deno.test("a word like none of them, or none to know, brings nothing", () => {
  assertEquals(didYouMean("xyzzy", VERBS), undefined);
  assertEquals(didYouMean("", VERBS), undefined);
  assertEquals(didYouMean("health", []), undefined);
});
