// The volatile write cache of a drive: what hosts wrote and the media do not have yet.

import type { Blocks, BlockStore } from "./block_store.ts";

/** Data bytes in one line of the cache, where blocks are not larger. */
const LINE_BYTES = 4096;
/** Blocks are written back in runs of at most so many bytes. */
const RUN_BYTES = 1 << 20;

/** Some neighbouring blocks of one namespace; those of `dirty` are newer than the media's. */
interface Line {
  readonly owner: NamespaceCache;
  readonly index: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** A bit for each block. */
  dirty: number;
}

/** Memory for writes that all namespaces of a drive share. When it is full, the oldest go first. */
export class WriteCache {
  readonly #lines = new Set<Line>();
  #bytes = 0;

  constructor(readonly limitBytes: number) {}

  /** Bytes that are taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a line in, and writes the oldest back while there is no room. Where these cannot be
   * written it throws, and the line is not taken in: the cache does not grow beyond its limit.
   */
  add(line: Line): void {
    const bytes = sizeOf(line);
    for (const oldest of this.#lines) {
      if (this.#bytes + bytes <= this.limitBytes) break;
      oldest.owner.writeBack(oldest);
    }
    this.#lines.add(line);
    this.#bytes += bytes;
  }

  /** Lets a line go. */
  remove(line: Line): void {
    if (this.#lines.delete(line)) this.#bytes -= sizeOf(line);
  }
}

/** The part of the cache that belongs to one namespace. */
export class NamespaceCache {
  readonly #lines = new Map<number, Line>();
  readonly #perLine: number;

  constructor(readonly cache: WriteCache, readonly store: BlockStore) {
    this.#perLine = Math.max(1, LINE_BYTES / store.geometry.blockBytes);
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  /** Whether a block is newer here than on the media. */
  has(lba: number): boolean {
    if (this.#lines.size === 0) return false;
    const line = this.#lines.get(Math.floor(lba / this.#perLine));
    return line !== undefined && ((line.dirty >>> (lba % this.#perLine)) & 1) === 1;
  }

  /** The blocks that wait, ascending. */
  *blocks(): Generator<number> {
    for (const line of this.#sorted()) {
      for (let block = 0; block < this.#perLine; block++) {
        if ((line.dirty >>> block) & 1) yield line.index * this.#perLine + block;
      }
    }
  }

  /** Puts what is newer here over what the media gave. */
  overlay(lba: number, { data, metadata }: Blocks): void {
    if (this.#lines.size === 0) return;
    const { blockBytes, metadataBytes } = this.store.geometry;
    const count = data.length / blockBytes;
    for (let done = 0; done < count;) {
      const at = (lba + done) % this.#perLine;
      const line = this.#lines.get((lba + done - at) / this.#perLine);
      const left = Math.min(this.#perLine - at, count - done);
      const run = line ? dirtyRun(line, at, left) : 0;
      if (line && run > 0) {
        data.set(piece(line.data, at, blockBytes, run), done * blockBytes);
        if (metadataBytes > 0) {
          metadata.set(piece(line.metadata, at, metadataBytes, run), done * metadataBytes);
        }
      }
      done += line ? Math.max(1, run) : left;
    }
  }

  /** Keeps blocks; they are newer than the media's from now on. */
  write(lba: number, count: number, { data, metadata }: Blocks): void {
    const { blockBytes, metadataBytes } = this.store.geometry;
    for (let done = 0; done < count;) {
      const at = (lba + done) % this.#perLine;
      const line = this.#lineAt((lba + done - at) / this.#perLine);
      const run = Math.min(this.#perLine - at, count - done);
      line.data.set(piece(data, done, blockBytes, run), at * blockBytes);
      if (metadataBytes > 0) {
        line.metadata.set(piece(metadata, done, metadataBytes, run), at * metadataBytes);
      }
      line.dirty |= ((1 << run) - 1) << at;
      done += run;
    }
  }

  /** Drops blocks: the media have something newer, or what waits is lost. */
  forget(lba: number, count: number): void {
    if (this.#lines.size === 0) return;
    if (count > this.#lines.size) {
      for (const block of [...this.blocks()]) {
        if (block >= lba && block < lba + count) this.#clean(block);
      }
      return;
    }
    for (let block = lba; block < lba + count; block++) this.#clean(block);
  }

  /** Writes everything to the media, in ascending order. */
  flush(): void {
    let run: number[] = [];
    const most = Math.max(1, RUN_BYTES / this.store.geometry.blockBytes);
    for (const block of [...this.blocks()]) {
      if (run.length > 0 && (block !== (run.at(-1) ?? 0) + 1 || run.length >= most)) {
        this.#writeRun(run);
        run = [];
      }
      run.push(block);
    }
    if (run.length > 0) this.#writeRun(run);
  }

  /** Writes one line to the media and lets it go. */
  writeBack(line: Line): void {
    const { blockBytes, metadataBytes } = this.store.geometry;
    for (let first = 0; first < this.#perLine; first++) {
      let end = first;
      while ((line.dirty >>> end) & 1) end++;
      if (end === first) continue;
      this.store.write(line.index * this.#perLine + first, end - first, {
        data: line.data.subarray(first * blockBytes, end * blockBytes),
        metadata: line.metadata.subarray(first * metadataBytes, end * metadataBytes),
      });
      first = end;
    }
    line.dirty = 0;
    this.#drop(line);
  }

  #writeRun(run: readonly number[]): void {
    const [lba = 0] = run;
    const { blockBytes, metadataBytes } = this.store.geometry;
    const blocks = {
      data: new Uint8Array(run.length * blockBytes),
      metadata: new Uint8Array(run.length * metadataBytes),
    };
    this.overlay(lba, blocks);
    this.store.write(lba, run.length, blocks);
    for (const block of run) this.#clean(block);
  }

  #clean(lba: number): void {
    const at = lba % this.#perLine;
    const line = this.#lines.get((lba - at) / this.#perLine);
    if (!line) return;
    line.dirty &= ~(1 << at);
    if (line.dirty === 0) this.#drop(line);
  }

  #drop(line: Line): void {
    this.#lines.delete(line.index);
    this.cache.remove(line);
  }

  #lineAt(index: number): Line {
    const known = this.#lines.get(index);
    if (known) return known;
    const { blockBytes, metadataBytes } = this.store.geometry;
    const line = {
      owner: this,
      index,
      data: new Uint8Array(this.#perLine * blockBytes),
      metadata: new Uint8Array(this.#perLine * metadataBytes),
      dirty: 0,
    };
    this.cache.add(line);
    this.#lines.set(index, line);
    return line;
  }

  #sorted(): readonly Line[] {
    return [...this.#lines.values()].sort((one, other) => one.index - other.index);
  }
}

function sizeOf({ data, metadata }: Line): number {
  return data.length + metadata.length;
}

/** How many blocks from `at` on are dirty, at most `most`. */
function dirtyRun({ dirty }: Line, at: number, most: number): number {
  let run = 0;
  while (run < most && ((dirty >>> (at + run)) & 1) === 1) run++;
  return run;
}

/** `count` items of `size` bytes from the one numbered `index` on. */
function piece(bytes: Uint8Array, index: number, size: number, count: number): Uint8Array {
  return bytes.subarray(index * size, (index + count) * size);
}
