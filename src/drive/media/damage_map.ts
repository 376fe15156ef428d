// Which blocks cannot be read: ranges, ascending, that neither overlap nor touch without need.

import type { Damage, DamagedRange } from "./block_store.ts";

/** The damaged blocks of one namespace. */
export class DamageMap {
  #ranges: readonly DamagedRange[];

  /** Takes ranges in any order; later ones win where they overlap. */
  constructor(ranges: readonly DamagedRange[] = []) {
    this.#ranges = [];
    for (const { lba, count, damage } of ranges) this.set(lba, count, damage);
  }

  /** All of them. */
  get ranges(): readonly DamagedRange[] {
    return this.#ranges;
  }

  /** Damages blocks, in place of what they were. */
  set(lba: number, count: number, damage: Damage): void {
    const others = this.#without(lba, lba + count);
    const at = others.findIndex((range) => range.lba > lba);
    const range = { lba, count, damage };
    this.#ranges = joined(
      at < 0 ? [...others, range] : [...others.slice(0, at), range, ...others.slice(at)],
    );
  }

  /** Heals blocks; says whether any were damaged. */
  clear(lba: number, count: number): boolean {
    if (this.#ranges.length === 0 || this.within(lba, count).length === 0) return false;
    this.#ranges = this.#without(lba, lba + count);
    return true;
  }

  /** The damaged parts of a range. */
  within(lba: number, count: number): readonly DamagedRange[] {
    if (this.#ranges.length === 0) return [];
    const end = lba + count;
    return this.#ranges
      .filter((range) => range.lba < end && range.lba + range.count > lba)
      .map((range) => cut(range, lba, end));
  }

  /** The ranges as they are outside of some blocks. */
  #without(start: number, end: number): readonly DamagedRange[] {
    return this.#ranges.flatMap((range) => {
      const { lba, count } = range;
      if (lba >= end || lba + count <= start) return [range];
      return [cut(range, lba, Math.min(start, lba + count)), cut(range, end, lba + count)]
        .filter((part) => part.count > 0);
    });
  }
}

/** The part of a range from `start` to before `end`; of no blocks where there is none. */
function cut({ lba, count, damage }: DamagedRange, start: number, end: number): DamagedRange {
  const first = Math.max(lba, start);
  return { lba: first, count: Math.max(0, Math.min(lba + count, end) - first), damage };
}

/** Neighbours of the same kind become one. */
function joined(ranges: readonly DamagedRange[]): readonly DamagedRange[] {
  const result: DamagedRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last && last.lba + last.count === range.lba && last.damage === range.damage) {
      result[result.length - 1] = { ...last, count: last.count + range.count };
    } else result.push(range);
  }
  return result;
}
