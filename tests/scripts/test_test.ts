// How the test runner's summary is read.

import { assertEquals } from "@std/assert";
import { parseSummary } from "../../scripts/test.ts";

Deno.test("parseSummary() reads a summary of passed tests", () => {
  assertEquals(parseSummary("a ... ok (1ms)\n\nok | 12 passed | 0 failed (34ms)\n\n"), {
    passed: 12,
    failed: 0,
    ignored: 0,
  });
});

Deno.test("parseSummary() counts tests, not their steps", () => {
  const line = "FAILED | 10 passed (3 steps) | 2 failed (1 step) | 4 ignored (5 steps) | " +
    "6 measured | 7 filtered out (1m2s)\n";
  assertEquals(parseSummary(line), { passed: 10, failed: 2, ignored: 4 });
});

Deno.test("parseSummary() sees through colour", () => {
  const line =
    "\x1b[0m\x1b[32mok\x1b[0m | \x1b[1m3 passed\x1b[22m | 0 failed | 1 ignored \x1b[38;5;245m(5ms)\x1b[0m";
  assertEquals(parseSummary(line), { passed: 3, failed: 0, ignored: 1 });
});

Deno.test("parseSummary() takes the last summary, for a test may print one itself", () => {
  const output = "ok | 99 passed | 0 failed (1ms)\nmore\nFAILED | 1 passed | 2 failed (9ms)\n";
  assertEquals(parseSummary(output), { passed: 1, failed: 2, ignored: 0 });
});

Deno.test("parseSummary() finds none where the runner did not get to its end", () => {
  assertEquals(parseSummary("error: Module not found\n"), undefined);
  assertEquals(parseSummary("it said: ok | 12 passed | 0 failed\n"), undefined);
  assertEquals(parseSummary(""), undefined);
});
