// Blocks kept in memory: a sparse map. Blocks never written cost nothing.

import { Slab } from "../../layout/slab.ts";
import type { Blocks, BlockStore, Damage, DamagedRange, Geometry, Storage } from "./block_store.ts";
import { DamageMap } from "./damage_map.ts";

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

/** The blocks of one namespace, for as long as this object lives. */
export class MemoryStore implements BlockStore {
  readonly #chunks = new Map<number, Chunk>();
  readonly #damage = new DamageMap();
  readonly #perChunk: number;
  /** What was read is soon sent. */
  readonly #slab = new Slab();
  #allocated = 0;

  constructor(readonly geometry: Geometry) {
    this.#perChunk = CHUNK_BYTES / geometry.blockBytes;
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
    this.#damage.clear(lba, count);
    const { blockBytes, metadataBytes } = this.geometry;
    this.#spans(lba, count, (span) => {
      const chunk = this.#allocate(span);
      chunk.data ??= new Uint8Array(CHUNK_BYTES);
      chunk.data.set(slice(blocks.data, span, blockBytes), span.first * blockBytes);
      if (metadataBytes > 0) {
        chunk.metadata ??= new Uint8Array(this.#perChunk * metadataBytes);
        chunk.metadata.set(
          slice(blocks.metadata, span, metadataBytes),
          span.first * metadataBytes,
        );
      }
    });
  }

  zero(lba: number, count: number): void {
    this.#damage.clear(lba, count);
    this.#spans(lba, count, (span) => this.#clear(this.#allocate(span), span));
  }

  deallocate(lba: number, count: number): void {
    this.#damage.clear(lba, count);
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
    this.#damage.set(lba, count, damage);
  }

  heal(lba: number, count: number): void {
    this.#damage.clear(lba, count);
  }

  damaged(lba: number, count: number): readonly DamagedRange[] {
    return this.#damage.within(lba, count);
  }

  /** Memory is as safe as it gets. */
  flush(): void {}

  /** There is nothing to let go of. */
  close(): void {}

  #forget(span: Span): void {
    const chunk = this.#chunks.get(span.chunk);
    if (!chunk) return;
    this.#mark(chunk, span, false);
    if (chunk.count === 0) this.#chunks.delete(span.chunk);
    else this.#clear(chunk, span);
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

  #allocate(span: Span): Chunk {
    let chunk = this.#chunks.get(span.chunk);
    if (!chunk) {
      chunk = { allocated: new Uint8Array(Math.ceil(this.#perChunk / 8)), count: 0 };
      this.#chunks.set(span.chunk, chunk);
    }
    this.#mark(chunk, span, true);
    return chunk;
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
    if (span.count === this.#perChunk) {
      delete chunk.data;
      delete chunk.metadata;
      return;
    }
    if (chunk.data) part(chunk.data, span, this.geometry.blockBytes).fill(0);
    if (chunk.metadata) part(chunk.metadata, span, this.geometry.metadataBytes).fill(0);
  }
}

/** A storage in memory: what it keeps ends with it. */
export function memoryStorage(): Storage {
  const create = (_nsid: number, geometry: Geometry): BlockStore => new MemoryStore(geometry);
  return { open: create, create, remove: () => {} };
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
