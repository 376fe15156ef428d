// Blocks kept in memory: a sparse map. Blocks never written cost nothing.

import { Slab } from "../../layout/slab.ts";
import type { Blocks, BlockStore, Damage, DamagedRange, Geometry, Storage } from "./block_store.ts";
import { DamageMap } from "./damage_map.ts";
import { MemoryBudget } from "./memory_budget.ts";

/** A run of neighbouring blocks: some of one chunk. */
interface Span {
  readonly chunk: number;
  /** First block within the chunk, and how many. */
  readonly first: number;
  readonly count: number;
  /** How many blocks of the whole range came before these. */
  readonly done: number;
}

/** Data and metadata are created by the first write that is not all of zero. */
interface Chunk {
  readonly allocated: Uint8Array;
  count: number;
  data?: Uint8Array;
  metadata?: Uint8Array;
}

/** An array of its own costs as much as a third of a command, even an empty one. */
const NOTHING = new Uint8Array(0);

/** Data bytes in one chunk of the map. */
export const CHUNK_BYTES = 65_536;
/** About what a chunk takes beside its blocks, and what a damaged range takes. */
const CHUNK_COST = 512;
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
  /** What was read is soon sent. */
  readonly #slab = new Slab();
  readonly #budget: MemoryBudget;
  #allocated = 0;
  /** Of the budget. */
  #taken = 0;

  constructor(readonly geometry: Geometry, budget = new MemoryBudget(Infinity)) {
    this.#perChunk = CHUNK_BYTES / geometry.blockBytes;
    this.#budget = budget;
  }

  get allocatedBlocks(): number {
    return this.#allocated;
  }

  get residentBytes(): number {
    let bytes = 0;
    for (const { allocated, data, metadata } of this.#chunks.values()) {
      bytes += allocated.length + (data?.length ?? 0) + (metadata?.length ?? 0);
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
    this.#spans(lba, count, (span) => {
      const chunk = this.#chunks.get(span.chunk);
      if (chunk?.data) data.set(part(chunk.data, span, blockBytes), span.done * blockBytes);
      if (chunk?.metadata) {
        metadata.set(part(chunk.metadata, span, metadataBytes), span.done * metadataBytes);
      }
    });
    return { data, metadata };
  }

  write(lba: number, count: number, blocks: Blocks): void {
    const { blockBytes, metadataBytes } = this.geometry;
    this.#spans(lba, count, (span) => {
      const { data, metadata } = this.#filled(span);
      data.set(slice(blocks.data, span, blockBytes), span.first * blockBytes);
      metadata?.set(slice(blocks.metadata, span, metadataBytes), span.first * metadataBytes);
    });
    this.heal(lba, count);
  }

  zero(lba: number, count: number): void {
    this.#spans(lba, count, (span) => {
      const chunk = this.#chunk(span);
      this.#mark(chunk, span, true);
      this.#clear(chunk, span);
    });
    this.heal(lba, count);
  }

  deallocate(lba: number, count: number): void {
    this.heal(lba, count);
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
    const before = this.#damage.ranges.length;
    this.#take(RANGES_MADE * RANGE_COST);
    this.#damage.set(lba, count, damage);
    this.#give((before + RANGES_MADE - this.#damage.ranges.length) * RANGE_COST);
  }

  heal(lba: number, count: number): void {
    const before = this.#damage.ranges.length;
    // One that is cut in two is not worth a failure.
    if (this.#damage.clear(lba, count)) {
      this.#give((before - this.#damage.ranges.length) * RANGE_COST);
    }
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

  #forget(span: Span): void {
    const chunk = this.#chunks.get(span.chunk);
    if (!chunk) return;
    this.#mark(chunk, span, false);
    if (chunk.count > 0) return this.#clear(chunk, span);
    this.#empty(chunk);
    this.#chunks.delete(span.chunk);
    this.#give(CHUNK_COST);
  }

  #spans(lba: number, count: number, visit: (span: Span) => void): void {
    for (let done = 0; done < count;) {
      const first = (lba + done) % this.#perChunk;
      const chunk = (lba + done - first) / this.#perChunk;
      const some = Math.min(count - done, this.#perChunk - first);
      visit({ chunk, first, count: some, done });
      done += some;
    }
  }

  #chunk(span: Span): Chunk {
    let chunk = this.#chunks.get(span.chunk);
    if (!chunk) {
      this.#take(CHUNK_COST);
      chunk = { allocated: new Uint8Array(Math.ceil(this.#perChunk / 8)), count: 0 };
      this.#chunks.set(span.chunk, chunk);
    }
    return chunk;
  }

  /** The memory of a span's chunk; its blocks are allocated from now on. */
  #filled(span: Span): { readonly data: Uint8Array; readonly metadata: Uint8Array | undefined } {
    const chunk = this.#chunk(span);
    const { data = this.#array(CHUNK_BYTES) } = chunk;
    chunk.data = data;
    const metadataBytes = this.#perChunk * this.geometry.metadataBytes;
    if (metadataBytes > 0) chunk.metadata ??= this.#array(metadataBytes);
    this.#mark(chunk, span, true);
    return { data, metadata: chunk.metadata };
  }

  #array(bytes: number): Uint8Array {
    this.#take(bytes);
    return new Uint8Array(bytes);
  }

  #empty(chunk: Chunk): void {
    this.#give((chunk.data?.length ?? 0) + (chunk.metadata?.length ?? 0));
    delete chunk.data;
    delete chunk.metadata;
  }

  #mark(chunk: Chunk, { first, count }: Span, allocated: boolean): void {
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
    if (span.count === this.#perChunk) return this.#empty(chunk);
    if (chunk.data) part(chunk.data, span, this.geometry.blockBytes).fill(0);
    if (chunk.metadata) part(chunk.metadata, span, this.geometry.metadataBytes).fill(0);
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

function bitAt(bits: Uint8Array, position: number): boolean {
  return (((bits[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
}

/** The span's bytes within its chunk. */
function part(bytes: Uint8Array, { first, count }: Span, size: number): Uint8Array {
  return bytes.subarray(first * size, (first + count) * size);
}

/** The span's bytes within the whole range. */
function slice(bytes: Uint8Array, { done, count }: Span, size: number): Uint8Array {
  return bytes.subarray(done * size, (done + count) * size);
}
