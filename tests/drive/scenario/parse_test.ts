// Tests of scenarios as they are typed.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseInjection } from "../../../src/drive/scenario/parse.ts";
import { VirtualDrive } from "../../../src/drive/drive.ts";
import { preset } from "../../../src/drive/mod.ts";
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
  assertEquals(refusal("no-reads"), [
    'Cannot inject "no-reads": there is no such scenario',
    "nvmectl drive scenarios lists them",
  ]);
  assertEquals(refusal("latency:delay=5"), [
    'Cannot inject latency: it has no parameter "delay"',
    "it has after, count, probability, for, ms, seed",
  ]);
  assertEquals(refusal("latency:ms")[0], 'Cannot inject latency: need KEY=VALUE, not "ms"');
  assertEquals(
    refusal("latency:probability=101")[0],
    'Cannot inject latency: probability="101" is wrong, ' +
      "need percent, more than 0 and up to 100, such as 0.5",
  );
  assertEquals(
    refusal("temperamental:latch=maybe")[0],
    'Cannot inject temperamental: latch="maybe" is wrong, need one of yes, no',
  );
  assertEquals(
    refusal("latency:for=soon")[0],
    'Cannot inject latency: for="soon" is wrong, ' +
      "need a time such as 250ms, 30s or 2h, of 596h at most",
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

Deno.test("a parameter is given once, and a probability may be less than one percent", () => {
  assertEquals(refusal("latency:ms=1,ms=2")[0], "Cannot inject latency: ms is given twice");
  assertEquals(refusal("latency:seed=1,seed=1")[0], "Cannot inject latency: seed is given twice");
  assertEquals(parseInjection("latency:probability=0.5").values["probability"], 0.5);
  assertEquals(
    refusal("latency:ms=0.5")[0].replace(/ need.*/, ""),
    'Cannot inject latency: ms="0.5" is wrong,',
  );
});

Deno.test("a parameter that no drive file or timer has room for is refused", () => {
  const isWrong = (text: string): boolean => / is wrong, need /.test(refusal(text)[0]);
  for (
    const text of [
      "self-test-failing:nsid=4294967296",
      "self-test-failing:lba=9007199254740991",
      "slow-activation:time=9007199254740991ms",
      "slow-activation:time=597h",
      "latency:probability=0",
    ]
  ) assertEquals(isWrong(text), true, text);
  assertEquals(parseInjection("slow-activation:time=596h").values["time"], 596 * 3_600_000);
});

Deno.test("what a scenario would strike has to be there, and sum hides no command but Format", () => {
  const personality = preset("");
  assert(personality);
  const drive = new VirtualDrive({ personality, now: () => 0, seed: 1 });
  const refused = (text: string): string =>
    assertThrows(() => parseInjection(text).create(drive), UsageError).message;
  const blocks = drive.store.find(1)?.blocks ?? 0;
  assertEquals(
    refused("unrecovered-read:nsid=7,lba=1"),
    "Cannot make blocks 1 to 1 of namespace 7 bad: there is no such namespace",
  );
  assertEquals(
    refused(`unrecovered-read:lba=${blocks}`),
    `Cannot make blocks ${blocks} to ${blocks} of namespace 1 bad: ` +
      `it has blocks 0 to ${blocks - 1}`,
  );
  assertEquals(refused("sum:opcode=6"), "Cannot inject sum: opcode 06h is this drive's Identify");
  refused("sum:opcode=0x7f");
  for (const opcode of ["0x80", "0xc0", "0x07"]) {
    parseInjection(`sum:opcode=${opcode}`).create(drive);
  }
});
