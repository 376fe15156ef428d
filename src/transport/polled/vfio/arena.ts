// The drive's memory: one mapping that is given out in pages.

import { UnreachableError } from "../../../errors.ts";
import { formatBinaryBytes } from "../../../layout/mod.ts";
import type { DmaMemory, DmaSpace } from "../backing.ts";
import type { KernelMemory } from "./kernel.ts";

/** The page of the seam: what is given out covers whole ones. */
const PAGE = 4096;

/** A stretch of the arena, in bytes from its beginning. */
interface Piece {
  readonly offset: number;
  readonly bytes: number;
}

/** Where the arena lies. */
export interface ArenaOptions {
  readonly memory: KernelMemory;
  /** Where the drive sees its first byte. */
  readonly iova: bigint;
  /** Bytes of a page of the host, which pieces are counted in. */
  readonly pageBytes: number;
}

/**
 * Memory that the drive sees as a whole, given out by first fit in pages of the host. Pieces come
 * zeroed, and join their neighbours when they are given back.
 */
export class Arena implements DmaSpace {
  readonly #options: ArenaOptions;
  readonly #bytes: number;
  /** Free pieces in ascending order, no two of which touch. */
  #free: Piece[];

  constructor(options: ArenaOptions) {
    this.#options = options;
    this.#bytes = options.memory.buffer.byteLength;
    this.#free = [{ offset: 0, bytes: this.#bytes }];
  }

  /** Bytes that are not given out. */
  get freeBytes(): number {
    return this.#free.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @throws {UnreachableError} where no piece is large enough */
  allocate(bytes: number): DmaMemory {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`Cannot allocate ${bytes} bytes: need an integer 0 or more`);
    }
    const { memory, iova, pageBytes } = this.#options;
    const piece = this.#take(roundUp(Math.max(bytes, 1), pageBytes));
    if (piece === undefined) throw this.#full(bytes);
    const { offset } = piece;
    const view = new Uint8Array(memory.buffer, offset, roundUp(Math.max(bytes, 1), PAGE));
    view.fill(0);
    let given = true;
    return {
      bytes: view,
      iova: iova + BigInt(offset),
      [Symbol.dispose]: () => {
        if (given) this.#giveBack(piece);
        given = false;
      },
    };
  }

  #take(bytes: number): Piece | undefined {
    const at = this.#free.findIndex((piece) => piece.bytes >= bytes);
    const piece = this.#free[at];
    if (piece === undefined) return undefined;
    const rest = { offset: piece.offset + bytes, bytes: piece.bytes - bytes };
    this.#free.splice(at, 1, ...rest.bytes > 0 ? [rest] : []);
    return { offset: piece.offset, bytes };
  }

  #giveBack(piece: Piece): void {
    const after = this.#free.findIndex(({ offset }) => offset > piece.offset);
    const at = after < 0 ? this.#free.length : after;
    this.#free.splice(at, 0, piece);
    this.#join(at);
    if (at > 0) this.#join(at - 1);
  }

  /** Joins a piece with the one behind it, where they touch. */
  #join(at: number): void {
    const [piece, next] = this.#free.slice(at, at + 2);
    if (piece === undefined || next?.offset !== piece.offset + piece.bytes) return;
    this.#free.splice(at, 2, { offset: piece.offset, bytes: piece.bytes + next.bytes });
  }

  #full(bytes: number): UnreachableError {
    const largest = this.#free.reduce((most, piece) => Math.max(most, piece.bytes), 0);
    return new UnreachableError(
      `Cannot give the drive ${formatBinaryBytes(bytes)} of memory: of ${
        formatBinaryBytes(this.#bytes)
      } mapped for it, ${formatBinaryBytes(this.freeBytes)} are free, ${
        formatBinaryBytes(largest)
      } in one piece`,
      { next: "transfer less at a time, or use a smaller --queue-depth" },
    );
  }
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
