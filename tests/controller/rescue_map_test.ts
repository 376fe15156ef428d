// Tests of what is known of each block of a range.

import { assertEquals } from "@std/assert";
import { type BlockState, RescueMap } from "../../src/controller/rescue_map.ts";

const STATES: readonly BlockState[] = ["?", "*", "/", "-", "+"];

function text(map: RescueMap): string {
  return map.extents.map(({ blocks, state }) => state.repeat(blocks)).join("");
}

Deno.test("RescueMap.set() splits, replaces and joins as an array of blocks would", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
  const blocks = Array.from({ length: 40 }, () => "?");
  const map = RescueMap.untried(40);
  for (let step = 0; step < 2000; step++) {
    const first = random(40);
    const count = 1 + random(40 - first);
    const state = STATES[random(STATES.length)] ?? "?";
    blocks.fill(state, first, first + count);
    map.set(first, count, state);
    assertEquals(text(map), blocks.join(""), `step ${step}`);
    let next = 0;
    for (const [at, extent] of map.extents.entries()) {
      assertEquals(extent.first, next);
      assertEquals(extent.state === map.extents[at + 1]?.state, false, "equal neighbours");
      next += extent.blocks;
    }
    for (const one of STATES) {
      assertEquals(map.count(one), blocks.filter((block) => block === one).length);
    }
  }
});

Deno.test("RescueMap.of() is what is in a state now", () => {
  const map = RescueMap.untried(10);
  map.set(0, 2, "+");
  map.set(5, 2, "+");
  assertEquals(map.of("+").map(({ first, blocks }) => [first, blocks]), [[0, 2], [5, 2]]);
});
