// Tests of the seeded generator.

import { assert, assertEquals } from "@std/assert";
import { nextRandom } from "../../src/drive/random.ts";

Deno.test("nextRandom() repeats for a seed and spreads over its range", () => {
  const draw = (seed: number): readonly number[] => {
    const state = { random: seed };
    return Array.from({ length: 10_000 }, () => nextRandom(state));
  };
  const numbers = draw(7);
  assertEquals(draw(7), numbers);
  assert(numbers.every((number) => number >= 0 && number < 1));
  const tenths = new Array<number>(10).fill(0);
  for (const number of numbers) {
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  assert(tenths.every((count) => count > 850 && count < 1150), tenths.join(" "));
  assert(draw(8)[0] !== numbers[0]);
});
