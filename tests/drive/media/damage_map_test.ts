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

Deno.test("DamageMap.heal() undoes what faults did, and what the host did comes out again", () => {
  const map = new DamageMap([range(0, 8), range(20, 2)]);
  map.set(4, 18, "latent");
  map.set(10, 2, "found");
  assertEquals(map.ranges, [
    range(0, 4),
    range(4, 6, "latent"),
    range(10, 2, "found"),
    range(12, 10, "latent"),
  ]);
  assertEquals(map.hosts, [range(0, 8), range(20, 2)]);
  map.heal(0, 21);
  assertEquals(map.ranges, [range(0, 8), range(20, 1), range(21, 1, "latent")]);
  map.heal(0, 100);
  assertEquals(map.ranges, [range(0, 8), range(20, 2)]);
});

Deno.test("DamageMap: a host that makes a block unreadable ends what a fault did to it", () => {
  const map = new DamageMap([range(0, 8, "latent")]);
  map.set(2, 2, "written");
  assertEquals(map.ranges, [range(0, 2, "latent"), range(2, 2), range(4, 4, "latent")]);
  map.heal(0, 8);
  assertEquals(map.ranges, [range(2, 2)]);
});

Deno.test("DamageMap agrees with two lists of single blocks after any changes", () => {
  const map = new DamageMap();
  const hosts = new Map<number, Damage>();
  const faults = new Map<number, Damage>();
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  const blocksOf = (ranges: readonly DamagedRange[]) =>
    ranges.flatMap(({ lba, count, damage }) =>
      Array.from({ length: count }, (_, at) => [lba + at, damage] as const)
    );
  const sorted = (blocks: Iterable<readonly [number, Damage]>) =>
    [...blocks].sort(([one], [other]) => one - other);
  for (let step = 0; step < 1000; step++) {
    const lba = random(60);
    const count = 1 + random(8);
    const damage = (["written", "latent", "found"] as const)[random(3)] ?? "written";
    const action = (["clear", "heal", "set", "set", "set"] as const)[random(5)] ?? "set";
    if (action === "set") map.set(lba, count, damage);
    else map[action](lba, count);
    for (let at = lba; at < lba + count; at++) {
      if (action === "clear" || damage === "written" && action === "set") faults.delete(at);
      else if (action === "heal") faults.delete(at);
      else faults.set(at, damage);
      if (action === "clear") hosts.delete(at);
      else if (action === "set" && damage === "written") hosts.set(at, damage);
    }
    const all = new Map([...hosts, ...faults]);
    assertEquals(blocksOf(map.ranges), sorted(all));
    assertEquals(blocksOf(map.hosts), sorted(hosts));
    const near = [...all].filter(([at]) => at >= lba && at < lba + count);
    assertEquals(blocksOf(map.within(lba, count)), sorted(near));
  }
});
