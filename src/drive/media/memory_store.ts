// Blocks kept in memory: a sparse map. Blocks never written cost nothing.

import { Slab } from "../../layout/slab.ts";
import type { Blocks, BlockStore, Damage, DamagedRange, Geometry, Storage } from "./block_store.ts";
import { DamageMap } from "./damage_map.ts";
import { MemoryBudget } from "./memory_budget.ts";

/** A run of neighbouring blocks. */
interface Run {
  readonly first: number;
  readonly count: number;
}

/** Some blocks of one chunk of the namespace, or of one page of the chunk: of that number. */
interface Span extends Run {
  readonly index: number;
}

/** The blocks of a part of a chunk. */
interface Page {
  readonly data: Uint8Array;
  readonly metadata: Uint8Array | undefined;
}

/** Which blocks are allocated; pages are created by the first write that is not all of zero. */
interface Chunk {
  readonly allocated: Uint8Array;
  count: number;
  readonly pages: (Page | undefined)[];
}

/** An array of its own costs as much as a third of a command, even an empty one. */
const NOTHING = new Uint8Array(0);

/** Data bytes in one chunk of the map. */
const CHUNK_BYTES = 65_536;
/**
 * Data bytes in one page, unless a block is larger: the least that a write takes. Hosts that write
 * 4 KiB here and there would fill the memory with a sixteenth of the data if that were a chunk.
 */
const PAGE_BYTES = 8192;
/** About what a chunk or page takes beside its blocks, and what a damaged range takes. */
const CHUNK_COST = 512;
const PAGE_COST = 256;
const RANGE_COST = 128;
/** Damaging a range makes at most so many new ones: itself, and a second half of the one around. */
const RANGES_MADE = 2;

/**
 * The blocks of one namespace, for as long as this object lives. What there is no memory for in the
 * budget throws StorageFailure, and the blocks from there on are as they were.
 */
export class MemoryStore implements BlockStore {
  readonly #chunks = new Map<number, Chunk>();
  readonly #damage = new DamageMap();
  readonly #perChunk: number;
  readonly #perPage: number;
  /** What was read is soon sent. */
  readonly #slab = new Slab();
  readonly #budget: MemoryBudget;
  #allocated = 0;
  /** Of the budget. */
  #taken = 0;

  constructor(readonly geometry: Geometry, budget = new MemoryBudget(Infinity)) {
    this.#perChunk = CHUNK_BYTES / geometry.blockBytes;
    this.#perPage = Math.max(1, PAGE_BYTES / geometry.blockBytes);
    this.#budget = budget;
  }

  get allocatedBlocks(): number {
    return this.#allocated;
  }

  get residentBytes(): number {
    let bytes = 0;
    for (const { allocated, pages } of this.#chunks.values()) {
      bytes += allocated.length;
      for (const page of pages) bytes += bytesOf(page);
    }
    return bytes;
  }

  isAllocated(lba: number): boolean {
    const chunk = this.#chunks.get(Math.floor(lba / this.#perChunk));
    return chunk !== undefined && bitAt(chunk.allocated, lba % this.#perChunk);
  }

  *allocated(): Generator<readonly [lba: number, count: number]> {
    for (const [index, { allocated }] of this.#chunks) {
      for (let first = 0; first < this.#perChunk; first++) {
        let count = 0;
        while (first + count < this.#perChunk && bitAt(allocated, first + count)) count++;
        if (count > 0) yield [index * this.#perChunk + first, count];
        first += count;
      }
    }
  }

  read(lba: number, count: number): Blocks {
    const { blockBytes, metadataBytes } = this.geometry;
    const data = this.#slab.take(count * blockBytes);
    const metadata = metadataBytes === 0 ? NOTHING : new Uint8Array(count * metadataBytes);
    // A loop and no callbacks: reading is most of what a drive does, in pieces of a page.
    for (let next = 0; next < count;) {
      const done = next;
      const within = (lba + done) % this.#perChunk;
      const first = within % this.#perPage;
      const some = Math.min(count - done, this.#perPage - first);
      next += some;
      const chunk = this.#chunks.get((lba + done - within) / this.#perChunk);
      const page = chunk?.pages[(within - first) / this.#perPage];
      if (!page) continue;
      data.set(part(page.data, first, some, blockBytes), done * blockBytes);
      if (page.metadata) {
        metadata.set(part(page.metadata, first, some, metadataBytes), done * metadataBytes);
      }
    }
    return { data, metadata };
  }

  write(lba: number, count: number, blocks: Blocks): void {
    const { blockBytes, metadataBytes } = this.geometry;
    for (let done = 0; done < count;) {
      const within = (lba + done) % this.#perChunk;
      const first = within % this.#perPage;
      const some = Math.min(count - done, this.#perPage - first);
      const chunk = this.#chunk((lba + done - within) / this.#perChunk);
      const at = (within - first) / this.#perPage;
      const { data, metadata } = chunk.pages[at] ??= this.#page();
      data.set(part(blocks.data, done, some, blockBytes), first * blockBytes);
      metadata?.set(part(blocks.metadata, done, some, metadataBytes), first * metadataBytes);
      this.#mark(chunk, { first: within, count: some }, true);
      done += some;
    }
    this.#renew(lba, count);
  }

  zero(lba: number, count: number): void {
    this.#spans(lba, count, (span) => {
      const chunk = this.#chunk(span.index);
      this.#mark(chunk, span, true);
      this.#clear(chunk, span);
    });
    this.#renew(lba, count);
  }

  deallocate(lba: number, count: number): void {
    this.#renew(lba, count);
    if (count / this.#perChunk <= this.#chunks.size) {
      this.#spans(lba, count, (span) => this.#forget(span));
      return;
    }
    // A large range in a sparse map: go by what is there.
    for (const chunk of [...this.#chunks.keys()]) {
      const from = Math.max(lba, chunk * this.#perChunk);
      const to = Math.min(lba + count, (chunk + 1) * this.#perChunk);
      if (from < to) this.#spans(from, to - from, (span) => this.#forget(span));
    }
  }

  damage(lba: number, count: number, damage: Damage): void {
    const before = this.#damage.size;
    this.#take(RANGES_MADE * RANGE_COST);
    this.#damage.set(lba, count, damage);
    this.#give((before + RANGES_MADE - this.#damage.size) * RANGE_COST);
  }

  heal(lba: number, count: number): void {
    const before = this.#damage.size;
    this.#damage.heal(lba, count);
    this.#give((before - this.#damage.size) * RANGE_COST);
  }

  get unreadable(): readonly DamagedRange[] {
    return this.#damage.hosts;
  }

  damaged(lba: number, count: number): readonly DamagedRange[] {
    return this.#damage.within(lba, count);
  }

  /** Memory is as safe as it gets. */
  flush(): void {}

  /** The memory is for others: nothing outlives this object. */
  close(): void {
    this.#chunks.clear();
    this.#allocated = 0;
    this.#give(this.#taken);
  }

  #take(bytes: number): void {
    this.#budget.take(bytes);
    this.#taken += bytes;
  }

  #give(bytes: number): void {
    this.#budget.give(bytes);
    this.#taken -= bytes;
  }

  /** Blocks hold something new: their damage is gone. */
  #renew(lba: number, count: number): void {
    const before = this.#damage.size;
    // One that is cut in two is not worth a failure.
    if (this.#damage.clear(lba, count)) this.#give((before - this.#damage.size) * RANGE_COST);
  }

  #forget(span: Span): void {
    const chunk = this.#chunks.get(span.index);
    if (!chunk) return;
    this.#mark(chunk, span, false);
    if (chunk.count > 0) return this.#clear(chunk, span);
    for (const at of chunk.pages.keys()) this.#drop(chunk, at);
    this.#chunks.delete(span.index);
    this.#give(CHUNK_COST);
  }

  /** The chunks of a range. */
  #spans(lba: number, count: number, visit: (span: Span) => void): void {
    split({ first: lba, count }, this.#perChunk, visit);
  }

  /** The pages of a span of a chunk. */
  #pages(span: Span, visit: (place: Span) => void): void {
    split(span, this.#perPage, visit);
  }

  #chunk(index: number): Chunk {
    let chunk = this.#chunks.get(index);
    if (!chunk) {
      this.#take(CHUNK_COST);
      chunk = { allocated: new Uint8Array(Math.ceil(this.#perChunk / 8)), count: 0, pages: [] };
      this.#chunks.set(index, chunk);
    }
    return chunk;
  }

  #page(): Page {
    const { blockBytes, metadataBytes } = this.geometry;
    this.#take(PAGE_COST + this.#perPage * (blockBytes + metadataBytes));
    return {
      data: new Uint8Array(this.#perPage * blockBytes),
      metadata: metadataBytes === 0 ? undefined : new Uint8Array(this.#perPage * metadataBytes),
    };
  }

  /** Of a page nothing is left but zeros. */
  #drop({ pages }: Chunk, at: number): void {
    const page = pages[at];
    if (!page) return;
    this.#give(PAGE_COST + bytesOf(page));
    pages[at] = undefined;
  }

  #mark(chunk: Chunk, { first, count }: Run, allocated: boolean): void {
    let changed = 0;
    for (let block = first; block < first + count; block++) {
      if (bitAt(chunk.allocated, block) === allocated) continue;
      chunk.allocated[block >> 3] = (chunk.allocated[block >> 3] ?? 0) ^ (1 << (block & 7));
      changed += allocated ? 1 : -1;
    }
    chunk.count += changed;
    this.#allocated += changed;
  }

  #clear(chunk: Chunk, span: Span): void {
    this.#pages(span, (place) => {
      if (place.count === this.#perPage) return this.#drop(chunk, place.index);
      const page = chunk.pages[place.index];
      if (!page) return;
      part(page.data, place.first, place.count, this.geometry.blockBytes).fill(0);
      if (page.metadata) {
        part(page.metadata, place.first, place.count, this.geometry.metadataBytes).fill(0);
      }
    });
  }
}

/** A storage in memory, without a ceiling unless it gets one: what it keeps ends with it. */
export function memoryStorage(budget?: MemoryBudget): Storage {
  return {
    open: (_nsid, geometry) => new MemoryStore(geometry, budget),
    create: (requests) => requests.map(({ geometry }) => new MemoryStore(geometry, budget)),
    remove: () => {},
  };
}

/** The parts of a range of blocks that lie in units of `size` blocks. */
function split({ first, count }: Run, size: number, visit: (span: Span) => void): void {
  for (let done = 0; done < count;) {
    const within = (first + done) % size;
    const some = Math.min(count - done, size - within);
    visit({ index: (first + done - within) / size, first: within, count: some });
    done += some;
  }
}

function bytesOf(page: Page | undefined): number {
  return page ? page.data.length + (page.metadata?.length ?? 0) : 0;
}

function bitAt(bits: Uint8Array, position: number): boolean {
  return (((bits[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
}

/** The bytes of some of the blocks whose bytes these are. */
function part(bytes: Uint8Array, first: number, count: number, size: number): Uint8Array {
  return bytes.subarray(first * size, (first + count) * size);
}
