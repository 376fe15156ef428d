// A controller that does not come up by itself: when its function is reset, and when not.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UnreachableError } from "../../../src/errors.ts";
import { bringUpFirst } from "../../../src/transport/polled/bring_up_first.ts";
import { Rig } from "./rig.ts";

/** Makes CSTS read otherwise until the function was reset; says how often it was. */
function hung(rig: Rig, change: (value: bigint) => bigint, healing = true): { resets: number } {
  const seen = { resets: 0 };
  rig.rewrite("CSTS", (value) => healing && seen.resets > 0 ? value : change(value));
  const inner = rig.backing.reset;
  Object.assign(rig.backing, {
    reset: () => {
      seen.resets++;
      inner?.call(rig.backing);
    },
  });
  return seen;
}

for (
  const [what, change] of [
    ["never gets ready", (value: bigint) => value & ~1n],
    ["fails while it starts", (value: bigint) => value | 2n],
    ["answers with ones alone", () => 0xffff_ffffn],
  ] as const
) {
  Deno.test(`a controller that ${what} has one more chance after a reset of the function`, async () => {
    const rig = new Rig();
    const seen = hung(rig, change);
    const { backing, clock } = rig;
    const options = { clock, adminEntries: 32, hostPageBytes: 4096 };
    const brought = await bringUpFirst(backing, options);
    assertEquals(seen.resets, 1);
    assertEquals(brought.registers.status().rdy, true);

    const lost = new Rig();
    const tried = hung(lost, change, false);
    const error = await assertRejects(
      () => bringUpFirst(lost.backing, { ...options, clock: lost.clock }),
      UnreachableError,
    );
    assert(error.message.endsWith("the function was reset, which did not help"), error.message);
    assertEquals([tried.resets, lost.backing.config.read(4, 2) & 4], [1, 0]);
  });
}

Deno.test("a function is not reset where that helps nothing, or nobody waits any more", async () => {
  const rig = new Rig();
  const seen = hung(rig, (value) => value & ~1n);
  const options = { clock: rig.clock, adminEntries: 32, hostPageBytes: 4096 };
  const abort = new AbortController();
  const attempt = bringUpFirst(rig.backing, { ...options, signal: abort.signal });
  abort.abort(new Error("enough"));
  await assertRejects(() => attempt, Error, "enough");
  const dma = {
    allocate: () => {
      throw new UnreachableError("Cannot allocate memory: none is left");
    },
  };
  const error = await assertRejects(
    () => bringUpFirst({ ...rig.backing, dma }, options),
    UnreachableError,
  );
  assertEquals(error.message, "Cannot allocate memory: none is left");
  assertEquals(seen.resets, 0);
});
