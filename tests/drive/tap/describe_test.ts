// Tests of telling people of values that come from plug-ins.

import { assertEquals } from "@std/assert";
import { describeThrown, isThenable, sentenceOf } from "../../../src/drive/tap/describe.ts";

Deno.test("describeThrown() has words for everything that can be thrown", () => {
  const nasty = new Error("x");
  Object.defineProperty(nasty, "message", {
    get() {
      throw new Error("again");
    },
  });
  assertEquals(describeThrown(new TypeError("oops\n  twice")), "TypeError: oops twice");
  assertEquals(describeThrown(Object.create(null)), "something that cannot be shown");
  assertEquals(describeThrown(nasty), "something that cannot be shown");
  assertEquals(describeThrown("x".repeat(1000)).length, 203);
});

Deno.test("sentenceOf() has words for values that have no JSON", () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assertEquals([1n, cycle, null, Symbol("x"), { a: 1n }].map(sentenceOf), [
    "1n",
    "an array",
    "null",
    "a symbol",
    "an object",
  ]);
});

Deno.test("isThenable() takes what can be awaited for a promise", () => {
  const thrower = {
    get then() {
      throw new Error("no");
    },
  };
  const then = () => {};
  assertEquals([Promise.resolve(), { then }, { then: 1 }, null, thrower].map(isThenable), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
