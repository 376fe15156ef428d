// What is known of each block of a range that is being rescued, in the states and the text format
// of GNU ddrescue's map files.

/**
 * The states of GNU ddrescue's map files: `?` not tried, `*` in a piece that could not be read as a
 * whole, `/` to be tried block by block, `-` could not be read, `+` read.
 */
export type BlockState = "?" | "*" | "/" | "-" | "+";

/** Blocks of one state; `first` counts from the first block of the range. */
export interface Extent {
  readonly first: number;
  readonly blocks: number;
  readonly state: BlockState;
}

/** The state of every block of a range. */
export class RescueMap {
  #extents: Extent[];
  readonly #counts: Record<BlockState, number> = { "?": 0, "*": 0, "/": 0, "-": 0, "+": 0 };

  /** @param extents contiguous from block 0 on */
  constructor(extents: readonly Extent[]) {
    this.#extents = merged(extents);
    for (const { state, blocks } of extents) this.#counts[state] += blocks;
  }

  /** A map of blocks none of which was tried. */
  static untried(blocks: number): RescueMap {
    return new RescueMap([{ first: 0, blocks, state: "?" }]);
  }

  /** Contiguous, ascending, no two neighbours of one state. */
  get extents(): readonly Extent[] {
    return this.#extents;
  }

  /** How many blocks are in a state. */
  count(state: BlockState): number {
    return this.#counts[state];
  }

  /** The extents of a state, as they are now. */
  of(state: BlockState): readonly Extent[] {
    return this.#extents.filter((extent) => extent.state === state);
  }

  /** Gives blocks a state. */
  set(first: number, blocks: number, state: BlockState): void {
    const end = first + blocks;
    const from = this.#indexOf(first);
    let to = from;
    while (to < this.#extents.length && (this.#extents[to]?.first ?? end) < end) to++;
    const parts: Extent[] = [];
    for (const extent of this.#extents.slice(from, to)) {
      const [head, tail] = [first - extent.first, extent.first + extent.blocks - end];
      if (head > 0) parts.push({ ...extent, blocks: head });
      if (tail > 0) parts.push({ ...extent, first: end, blocks: tail });
      this.#counts[extent.state] -= extent.blocks - Math.max(0, head) - Math.max(0, tail);
    }
    this.#counts[state] += blocks;
    // With a neighbour on each side, so that equal ones grow together.
    const [start, stop] = [Math.max(0, from - 1), Math.min(this.#extents.length, to + 1)];
    const around = [
      ...this.#extents.slice(start, from),
      ...parts,
      { first, blocks, state },
      ...this.#extents.slice(to, stop),
    ].sort((one, other) => one.first - other.first);
    this.#extents.splice(start, stop - start, ...merged(around));
  }

  /** The index of the extent that holds a block. */
  #indexOf(block: number): number {
    let [low, high] = [0, this.#extents.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#extents[middle]?.first ?? 0) <= block) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function merged(extents: readonly Extent[]): Extent[] {
  const whole: Extent[] = [];
  for (const extent of extents) {
    const last = whole.at(-1);
    if (last?.state === extent.state) {
      whole[whole.length - 1] = { ...last, blocks: last.blocks + extent.blocks };
    } else whole.push(extent);
  }
  return whole;
}
