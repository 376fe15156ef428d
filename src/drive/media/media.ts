// What a namespace stores, as its commands see it: the blocks that are kept without power, and over
// them those that are only in the volatile write cache.

import {
  type Blocks,
  type BlockStore,
  type Damage,
  type DamagedRange,
  type Geometry,
  StorageFailure,
} from "./block_store.ts";
import { NamespaceCache, type WriteCache } from "./write_cache.ts";

/**
 * The blocks of one namespace. Ranges are not checked here: whoever calls knows the size.
 *
 * Only writes wait in the cache. What changes blocks without data of their own (zeroes,
 * deallocation, damage) is a small entry in a real drive's tables, and is kept at once.
 */
export class Media {
  readonly #cache: NamespaceCache;

  constructor(readonly store: BlockStore, cache: WriteCache) {
    this.#cache = new NamespaceCache(cache, store);
  }

  get geometry(): Geometry {
    return this.store.geometry;
  }

  /** Blocks that are allocated, cached ones among them. */
  get allocatedBlocks(): number {
    let count = this.store.allocatedBlocks;
    for (const block of this.#cache.blocks()) if (!this.store.isAllocated(block)) count++;
    return count;
  }

  /** Bytes of memory that the contents take, apart from the cache. */
  get residentBytes(): number {
    return this.store.residentBytes;
  }

  /** Whether a block has been written since it was last deallocated. */
  isAllocated(lba: number): boolean {
    return this.#cache.has(lba) || this.store.isAllocated(lba);
  }

  /** The allocated blocks, cached ones among them: runs of them, in any order, some twice. */
  *allocated(): Generator<readonly [lba: number, count: number]> {
    yield* this.store.allocated();
    for (const block of this.#cache.blocks()) yield [block, 1];
  }

  /** Whether writes wait in the cache. */
  get isDirty(): boolean {
    return !this.#cache.isEmpty;
  }

  /** A copy of `count` blocks from `lba` on, damaged or not. */
  read(lba: number, count: number): Blocks {
    const blocks = this.store.read(lba, count);
    this.#cache.overlay(lba, blocks);
    return blocks;
  }

  /** Stores blocks: in the cache, or at once where they are to survive. */
  write(lba: number, count: number, blocks: Blocks, keeps: "cached" | "at-once" = "at-once"): void {
    if (keeps === "cached") {
      this.#cache.write(lba, count, blocks);
      return;
    }
    this.store.write(lba, count, blocks);
    this.#cache.forget(lba, count);
  }

  /** Makes blocks zero, data and metadata; they are allocated afterwards. */
  zero(lba: number, count: number): void {
    this.store.zero(lba, count);
    this.#cache.forget(lba, count);
  }

  /** Forgets blocks. */
  deallocate(lba: number, count: number): void {
    this.store.deallocate(lba, count);
    this.#cache.forget(lba, count);
  }

  /** Makes blocks unreadable until they are written again. */
  damage(lba: number, count: number, damage: Damage): void {
    this.store.damage(lba, count, damage);
    this.#cache.forget(lba, count);
  }

  /** Undoes what faults did; a block that a host has made unreadable stays so. */
  heal(lba: number, count: number): void {
    this.store.heal(lba, count);
  }

  /** The damaged parts of a range; a block whose new contents wait in the cache is none. */
  damaged(lba: number, count: number): readonly DamagedRange[] {
    return this.#beside(this.store.damaged(lba, count));
  }

  /** What hosts have made unreadable, whatever faults did to it. */
  get unreadable(): readonly DamagedRange[] {
    return this.#beside(this.store.unreadable);
  }

  /** The drive has come upon damage that it did not know of. */
  discover(lba: number, count: number): void {
    for (const range of this.store.damaged(lba, count)) {
      if (range.damage === "latent") this.store.damage(range.lba, range.count, "found");
    }
  }

  /** Writes what waits in the cache to the media. */
  flush(): void {
    this.#cache.flush();
    this.store.flush();
  }

  /**
   * The power is gone: what waits in the cache is lost, except for blocks that `survives` says the
   * drive was just writing. A block is there as a whole or not at all. Says how many are lost, with
   * those that the store could not take.
   */
  losePower(survives: (lba: number) => boolean): number {
    let lost = 0;
    for (const block of [...this.#cache.blocks()]) {
      if (!survives(block) || !this.#saved(block)) lost++;
      this.#cache.forget(block, 1);
    }
    return lost;
  }

  /** Drops what waits in the cache; the namespace is going away. */
  discard(): void {
    for (const block of [...this.#cache.blocks()]) this.#cache.forget(block, 1);
  }

  #saved(block: number): boolean {
    try {
      this.store.write(block, 1, this.read(block, 1));
      return true;
    } catch (error) {
      if (error instanceof StorageFailure) return false;
      throw error;
    }
  }

  /** The parts of ranges for which nothing new waits in the cache. */
  #beside(ranges: readonly DamagedRange[]): readonly DamagedRange[] {
    if (ranges.length === 0 || this.#cache.isEmpty) return ranges;
    return ranges.flatMap((range) => this.#uncovered(range));
  }

  #uncovered({ lba, count, damage }: DamagedRange): readonly DamagedRange[] {
    const parts: DamagedRange[] = [];
    for (let block = lba; block < lba + count; block++) {
      if (this.#cache.has(block)) continue;
      const last = parts.at(-1);
      if (last && last.lba + last.count === block) {
        parts[parts.length - 1] = { ...last, count: last.count + 1 };
      } else parts.push({ lba: block, count: 1, damage });
    }
    return parts;
  }
}
