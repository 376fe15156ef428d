// What a namespace should hold after any commands: a map of blocks, with what may be left of each
// when the power goes.

/** What a block holds: bytes that are all the same, or nothing that can be read. */
export type Content = number | "damaged";

/** How a command about blocks should end. */
export interface Expected {
  readonly status: string;
  /** The first block at fault. */
  readonly lba?: number;
  /** The number of the range of a Copy that failed. */
  readonly range?: number;
}

interface Block {
  current: Content;
  /** What is safe first, then what was written over it and is not. */
  history: Content[];
}

const FINE: Expected = { status: "00h/00h" };

/** Blocks that were never written read as zero [NVM-1.1 §3.3.3.2.1]. */
export class DataModel {
  readonly #blocks = new Map<number, Block>();
  caching = true;

  current(lba: number): Content {
    return this.#block(lba).current;
  }

  /** What the block may hold after a loss of power: whole contents, old or new. */
  survivors(lba: number): readonly Content[] {
    return this.#block(lba).history;
  }

  /** Blocks that were not safe. */
  get unsafe(): number {
    return [...this.#blocks.values()].filter(({ history }) => history.length > 1).length;
  }

  /** Writes a block: into the cache, unless it is off or the host wants the media. */
  write(lba: number, content: Content, fua: boolean): void {
    const block = this.#block(lba);
    block.current = content;
    block.history = this.caching && !fua ? [...block.history, content] : [content];
  }

  /** Changes blocks without data: zeroes, deallocation and damage are kept at once. */
  change(lba: number, count: number, content: Content): void {
    for (let at = lba; at < lba + count; at++) this.write(at, content, true);
  }

  flush(): void {
    for (const block of this.#blocks.values()) block.history = [block.current];
  }

  setCaching(on: boolean): void {
    this.caching = on;
    if (!on) this.flush();
  }

  /** What was found after a loss of power is all that there is. */
  found(lba: number, content: Content): void {
    this.#blocks.set(lba, { current: content, history: [content] });
  }

  /** Reading blocks, from the media themselves where `fua` says so. */
  read(lba: number, count: number, fua = false): Expected {
    for (let at = lba; at < lba + count; at++) {
      if (this.current(at) === "damaged") return { status: "02h/81h", lba: at };
    }
    if (fua) this.flush();
    return FINE;
  }

  compare(lba: number, count: number, content: number): Expected {
    const readable = this.read(lba, count);
    if (readable !== FINE) return readable;
    for (let at = lba; at < lba + count; at++) {
      if (this.current(at) !== content) return { status: "02h/85h", lba: at };
    }
    return FINE;
  }

  /** Copies ranges one after the other. */
  copy(
    ranges: readonly { readonly lba: number; readonly count: number }[],
    to: number,
    fua: boolean,
  ): Expected {
    let at = to;
    for (const [range, { lba, count }] of ranges.entries()) {
      const readable = this.read(lba, count);
      if (readable !== FINE) return { ...readable, range };
      const contents = Array.from({ length: count }, (_, offset) => this.current(lba + offset));
      for (const content of contents) this.write(at++, content, fua);
    }
    return FINE;
  }

  #block(lba: number): Block {
    const block = this.#blocks.get(lba) ?? { current: 0, history: [0] };
    this.#blocks.set(lba, block);
    return block;
  }
}
