// Which blocks cannot be read. What faults did lies over what hosts did: when it is undone, a block
// that a host has made unreadable still is.

import type { Damage, DamagedRange } from "./block_store.ts";

/** Ranges ascend, and neither overlap nor touch without need. */
type Ranges = readonly DamagedRange[];

/** The damaged blocks of one namespace. */
export class DamageMap {
  /** Made unreadable by hosts: `written`. */
  #hosts: Ranges = [];
  /** Lost by the media: `latent` and `found`. */
  #faults: Ranges = [];

  /** Takes ranges in any order, as `set` does one after the other. */
  constructor(ranges: readonly DamagedRange[] = []) {
    for (const { lba, count, damage } of ranges) this.set(lba, count, damage);
  }

  /** All of them, each block as it is reported: ascending, without overlaps. */
  get ranges(): readonly DamagedRange[] {
    return merged(this.#hosts, this.#faults);
  }

  /** What hosts did, also below faults. */
  get hosts(): readonly DamagedRange[] {
    return this.#hosts;
  }

  /** How many ranges the map holds. */
  get size(): number {
    return this.#hosts.length + this.#faults.length;
  }

  /**
   * Damages blocks. A host that makes them unreadable writes them: what a fault did there is over.
   * A fault leaves what the host did as it is, below.
   */
  set(lba: number, count: number, damage: Damage): void {
    const range = { lba, count, damage };
    if (damage !== "written") {
      this.#faults = including(this.#faults, range);
      return;
    }
    this.#hosts = including(this.#hosts, range);
    this.#faults = without(this.#faults, lba, lba + count);
  }

  /** The blocks hold something new; says whether any were damaged. */
  clear(lba: number, count: number): boolean {
    if (this.size === 0) return false;
    const end = lba + count;
    if (!touches(this.#hosts, lba, end) && !touches(this.#faults, lba, end)) return false;
    this.#hosts = without(this.#hosts, lba, end);
    this.#faults = without(this.#faults, lba, end);
    return true;
  }

  /** Undoes what faults did. */
  heal(lba: number, count: number): void {
    this.#faults = without(this.#faults, lba, lba + count);
  }

  /** The damaged parts of a range, each block as it is reported. */
  within(lba: number, count: number): readonly DamagedRange[] {
    if (this.size === 0) return [];
    return merged(cutTo(this.#hosts, lba, lba + count), cutTo(this.#faults, lba, lba + count));
  }
}

function touches(ranges: Ranges, start: number, end: number): boolean {
  return ranges.some(({ lba, count }) => lba < end && lba + count > start);
}

function cutTo(ranges: Ranges, start: number, end: number): Ranges {
  return ranges
    .filter(({ lba, count }) => lba < end && lba + count > start)
    .map((range) => cut(range, start, end));
}

/** The part of a range from `start` to before `end`; of no blocks where there is none. */
function cut({ lba, count, damage }: DamagedRange, start: number, end: number): DamagedRange {
  const first = Math.max(lba, start);
  return { lba: first, count: Math.max(0, Math.min(lba + count, end) - first), damage };
}

/** The ranges as they are outside of some blocks. */
function without(ranges: Ranges, start: number, end: number): Ranges {
  return ranges.flatMap((range) => {
    const { lba, count } = range;
    if (lba >= end || lba + count <= start) return [range];
    return [cut(range, lba, Math.min(start, lba + count)), cut(range, end, lba + count)]
      .filter((part) => part.count > 0);
  });
}

/** The ranges with another one, in place of what its blocks were. */
function including(ranges: Ranges, range: DamagedRange): Ranges {
  const others = without(ranges, range.lba, range.lba + range.count);
  const at = others.findIndex(({ lba }) => lba > range.lba);
  return joined(
    at < 0 ? [...others, range] : [...others.slice(0, at), range, ...others.slice(at)],
  );
}

/** Neighbours of the same kind become one. */
function joined(ranges: Ranges): Ranges {
  const result: DamagedRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last && last.lba + last.count === range.lba && last.damage === range.damage) {
      result[result.length - 1] = { ...last, count: last.count + range.count };
    } else result.push(range);
  }
  return result;
}

/** What lies on top: all of `upper`, and of `lower` what is not below it. */
function merged(lower: Ranges, upper: Ranges): Ranges {
  if (upper.length === 0) return lower;
  if (lower.length === 0) return upper;
  return [...upper, ...uncovered(lower, upper)].toSorted((one, other) => one.lba - other.lba);
}

function uncovered(lower: Ranges, upper: Ranges): Ranges {
  const parts: DamagedRange[] = [];
  let next = 0;
  for (const range of lower) {
    const end = range.lba + range.count;
    let from = range.lba;
    for (let over = upper[next]; over && over.lba < end; over = upper[next]) {
      parts.push(cut(range, from, over.lba));
      from = Math.max(from, over.lba + over.count);
      // One that reaches beyond may cover some of the next range, too.
      if (from > end) break;
      next++;
    }
    parts.push(cut(range, from, end));
  }
  return parts.filter(({ count }) => count > 0);
}
