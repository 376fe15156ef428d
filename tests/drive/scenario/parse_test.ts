// Tests of scenarios as they are typed.

import { assertEquals, assertThrows } from "@std/assert";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { SCENARIOS } from "../../../src/drive/scenario/registry.ts";
import { UsageError } from "../../../src/errors.ts";

function refusal(text: string): readonly [string, string | undefined] {
  const { message, next } = assertThrows(() => parseInjection(text), UsageError);
  return [message, next];
}

Deno.test("parseInjection() takes what was given and fills in the rest", () => {
  const { scenario, values, seed } = parseInjection("latency:ms=0x10,for=2h,seed=7");
  assertEquals([scenario.name, seed], ["latency", 7]);
  assertEquals(values, { after: 0, count: 0, probability: 1, for: 7_200_000, ms: 16 });
});

Deno.test("parseInjection() without parameters takes every default", () => {
  for (const { name, parameters } of SCENARIOS) {
    assertEquals(Object.keys(parseInjection(name).values), Object.keys(parameters));
  }
});

Deno.test("parseInjection() names what is wrong, and what there is", () => {
  assertEquals(refusal("no-reads")[0], 'Cannot inject "no-reads": there is no such scenario');
  assertEquals(refusal("latency:delay=5"), [
    'Cannot inject latency: it has no parameter "delay"',
    "it has after, count, probability, for, ms, seed",
  ]);
  assertEquals(refusal("latency:ms")[0], 'Cannot inject latency: need KEY=VALUE, not "ms"');
  assertEquals(
    refusal("latency:probability=101")[0],
    'Cannot inject latency: probability="101" is wrong, need a whole number from 0 to 100',
  );
  assertEquals(
    refusal("temperamental:latch=maybe")[0],
    'Cannot inject temperamental: latch="maybe" is wrong, need one of yes, no',
  );
  assertEquals(
    refusal("latency:for=soon")[0],
    'Cannot inject latency: for="soon" is wrong, need a time such as 250ms, 30s or 2h',
  );
});

Deno.test("every scenario is bounded, has a name of its own and says what a host sees", () => {
  assertEquals(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
  for (const { name, summary, effect, parameters } of SCENARIOS) {
    assertEquals(/^[a-z][a-z-]+$/.test(name) && !/\.$/.test(summary) && effect !== "", true, name);
    // What answers a command of its own is no fault, and has nothing to come to an end.
    const ends = ["for", "time", "count", "steps"].some((key) => key in parameters);
    assertEquals(ends || name === "sum", true, name);
  }
});
