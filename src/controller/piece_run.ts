// The pieces of one reading: which come next, and who is told what became of them.

import type { Command } from "../transport/transport.ts";

/** Blocks of a range; `first` counts from the first block of the range. */
export interface Piece {
  readonly first: number;
  readonly blocks: number;
}

/** What becomes of pieces. Calls come one after the other, in the order of the pieces. */
export interface PieceHandler {
  /**
   * A piece was read. The bytes are only good until the returned promise resolves; `metadata` is
   * empty where the blocks have none.
   */
  read(piece: Piece, data: Uint8Array, metadata: Uint8Array): void | Promise<void>;
  /** The drive refused a piece with a status. Throws where reading does not go on. */
  refused(piece: Piece, command: Command, status: number): void | Promise<void>;
  /** Whether reading goes on after such a status; else nothing more is asked for. */
  goesOn(status: number): boolean;
  /**
   * A piece got no answer, and it may be the reason for it. Throws where reading does not go on.
   * Where this function is left out such a piece ends it. Pieces that were only lost along with
   * another are asked for again first, each alone, so that it is known which one it was; when the
   * drive was given up this is called for all of them, and what it throws then does not count.
   */
  unanswered?(piece: Piece, error: Error): void | Promise<void>;
}

/** One reading of pieces: what is left to ask for, and what is being handed on. */
export class Run {
  /** No more is asked for: a status, or a handler that failed. */
  stopped = false;
  ended = false;
  failure: unknown;
  handed: Promise<void> = Promise.resolve();

  constructor(private readonly pieces: Iterator<Piece>, readonly handler: PieceHandler) {}

  take(): Piece | undefined {
    if (this.ended) return undefined;
    const { done, value } = this.pieces.next();
    if (done === true) this.ended = true;
    return done === true ? undefined : value;
  }

  /** Does something after everything before it, unless that failed. */
  hand(action: () => Promise<void>): void {
    this.handed = this.handed.then(async () => {
      if (this.failure === undefined) await action();
    }).catch((error) => {
      this.failure = error;
      this.stopped = true;
    });
  }
}
