// Which blocks are allocated: one bit each, in a file with holes where nothing is.

import type { DiskFile } from "./disk.ts";

/** Bytes of the file that are looked at together. */
const PAGE_BYTES = 4096;
const PAGE_BITS = PAGE_BYTES * 8;
/** Pages that are kept in memory. */
const PAGES_KEPT = 64;

/** The bits of one namespace. What is changed is in the file when a method returns. */
export class AllocationMap {
  readonly #pages = new Map<number, Uint8Array>();
  #count = 0;

  constructor(readonly file: DiskFile) {
    const page = new Uint8Array(PAGE_BYTES);
    for (const index of this.#filledPages()) {
      file.read(page, index * PAGE_BYTES);
      this.#count += ones(page, 0, PAGE_BITS);
    }
  }

  /** Blocks that are allocated. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that it takes. */
  get residentBytes(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  has(block: number): boolean {
    const bit = block % PAGE_BITS;
    return ((this.#page((block - bit) / PAGE_BITS)[bit >> 3] ?? 0) >>> (bit & 7) & 1) === 1;
  }

  /** The allocated parts of a range: first block and length. */
  *runs(block: number, count: number): Generator<readonly [first: number, length: number]> {
    for (let at = block; at < block + count;) {
      if (!this.has(at)) {
        at++;
        continue;
      }
      const first = at;
      while (at < block + count && this.has(at)) at++;
      yield [first, at - first];
    }
  }

  /** All allocated blocks: first block and length of each run. */
  *allRuns(): Generator<readonly [first: number, length: number]> {
    for (const index of this.#filledPages()) yield* this.runs(index * PAGE_BITS, PAGE_BITS);
  }

  set(block: number, count: number): void {
    this.#parts(block, count, (index, first, end) => {
      const page = this.#page(index);
      const before = ones(page, first, end);
      if (before === end - first) return;
      for (let bit = first; bit < end; bit++) {
        page[bit >> 3] = (page[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
      this.#store(index, first, end);
      this.#count += end - first - before;
    });
  }

  clear(block: number, count: number): void {
    let next = this.#nextPage(Math.floor(block / PAGE_BITS));
    this.#parts(block, count, (index, first, end) => {
      if (index < next) return;
      const page = this.#page(index);
      const before = ones(page, first, end);
      for (let bit = first; bit < end && before > 0; bit++) {
        page[bit >> 3] = (page[bit >> 3] ?? 0) & ~(1 << (bit & 7));
      }
      if (before > 0) this.#store(index, first, end);
      this.#count -= before;
      next = this.#nextPage(index + 1);
    });
  }

  /** The pages that may have bits, ascending. */
  *#filledPages(): Generator<number> {
    for (let data = this.file.nextData(0); data;) {
      const first = Math.floor(data.start / PAGE_BYTES);
      const end = Math.ceil(data.end / PAGE_BYTES);
      for (let index = first; index < end; index++) yield index;
      data = this.file.nextData(end * PAGE_BYTES);
    }
  }

  /** The first page at `index` or behind it that may have bits. */
  #nextPage(index: number): number {
    const data = this.file.nextData(index * PAGE_BYTES);
    return data ? Math.floor(data.start / PAGE_BYTES) : Infinity;
  }

  #parts(
    block: number,
    count: number,
    visit: (index: number, first: number, end: number) => void,
  ): void {
    for (let at = block; at < block + count;) {
      const first = at % PAGE_BITS;
      const end = Math.min(PAGE_BITS, first + block + count - at);
      visit((at - first) / PAGE_BITS, first, end);
      at += end - first;
    }
  }

  #page(index: number): Uint8Array {
    const known = this.#pages.get(index);
    if (known) return known;
    const page = new Uint8Array(PAGE_BYTES);
    this.file.read(page, index * PAGE_BYTES);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size < PAGES_KEPT) break;
      this.#pages.delete(oldest);
    }
    this.#pages.set(index, page);
    return page;
  }

  #store(index: number, first: number, end: number): void {
    const start = first >> 3;
    const bytes = this.#page(index).subarray(start, ((end - 1) >> 3) + 1);
    try {
      this.file.write(bytes, index * PAGE_BYTES + start);
    } catch (error) {
      this.#pages.delete(index);
      throw error;
    }
  }
}

/** How many of the bits from `first` to before `end` are set. */
function ones(bytes: Uint8Array, first: number, end: number): number {
  let count = 0;
  for (let bit = first; bit < end;) {
    const byte = bytes[bit >> 3] ?? 0;
    const whole = (bit & 7) === 0 && end - bit >= 8;
    if (whole && (byte === 0 || byte === 0xff)) {
      count += byte === 0 ? 0 : 8;
      bit += 8;
    } else {
      count += (byte >>> (bit & 7)) & 1;
      bit++;
    }
  }
  return count;
}
