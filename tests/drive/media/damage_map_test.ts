// Tests of the ranges of damaged blocks.

import { assertEquals } from "@std/assert";
import type { Damage, DamagedRange } from "../../../src/drive/media/block_store.ts";
import { DamageMap } from "../../../src/drive/media/damage_map.ts";

function range(lba: number, count: number, damage: Damage = "written"): DamagedRange {
  return { lba, count, damage };
}

Deno.test("DamageMap joins neighbours of a kind and keeps kinds apart", () => {
  const map = new DamageMap([range(20, 5), range(10, 10), range(25, 1, "latent")]);
  assertEquals(map.ranges, [range(10, 15), range(25, 1, "latent")]);
  map.set(12, 2, "found");
  assertEquals(map.ranges, [
    range(10, 2),
    range(12, 2, "found"),
    range(14, 11),
    range(25, 1, "latent"),
  ]);
});

Deno.test("DamageMap.clear() cuts ranges and says whether there was damage", () => {
  const map = new DamageMap([range(10, 10)]);
  assertEquals([map.clear(0, 10), map.clear(20, 10), map.clear(12, 3)], [false, false, true]);
  assertEquals(map.ranges, [range(10, 2), range(15, 5)]);
  assertEquals(map.clear(0, 2 ** 40), true);
  assertEquals(map.ranges, []);
});

Deno.test("DamageMap.within() cuts what reaches beyond the range asked for", () => {
  const map = new DamageMap([range(10, 10), range(30, 10)]);
  assertEquals(map.within(15, 20), [range(15, 5), range(30, 5)]);
  assertEquals(map.within(20, 10), []);
});

Deno.test("DamageMap agrees with a list of single blocks after any changes", () => {
  const map = new DamageMap();
  const plain = new Map<number, Damage>();
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let step = 0; step < 500; step++) {
    const lba = random(60);
    const count = 1 + random(8);
    const damage = (["written", "latent", "found"] as const)[random(3)] ?? "written";
    const clears = random(3) === 0;
    if (clears) map.clear(lba, count);
    else map.set(lba, count, damage);
    for (let at = lba; at < lba + count; at++) {
      if (clears) plain.delete(at);
      else plain.set(at, damage);
    }
  }
  const blocks = map.ranges.flatMap(({ lba, count, damage }) =>
    Array.from({ length: count }, (_, at) => [lba + at, damage] as const)
  );
  assertEquals(blocks, [...plain].sort(([one], [other]) => one - other));
});
