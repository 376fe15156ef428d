// Reads what can be read of a range with bad blocks: everything in large pieces first, then what is
// around the errors in ever smaller ones, down to single blocks. Pieces that the drive gave no
// answer to come after those, and last what was bad the time before.

import { StatusError, UnreachableError } from "../errors.ts";
import type { Command } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { blocksText, isMediaError, type ReadOptions } from "./read_all.ts";
import { type Piece, PieceReader } from "./read_pieces.ts";
import { Pace, type ReadProgress } from "./read_progress.ts";
import type { ReadRange } from "./read_range.ts";
import type { RescueStage } from "./rescue_file.ts";
import type { BlockState, Extent, RescueMap } from "./rescue_map.ts";

/** Each pass reads pieces so many times smaller than the one before. */
const SHRINK = 8;

/**
 * So many reads one after the other without an answer end it. Each has cost a timeout, and a reset
 * may be the last that the drive survives: where three places in a row do not answer it is the
 * drive and no longer the place, and somebody should look at it first.
 */
const MOST_UNANSWERED = 3;

/** How to rescue. */
export interface RescueOptions extends Omit<ReadOptions, "onProgress"> {
  /** What is known already; it is brought up to date as blocks are read, or not. */
  readonly map: RescueMap;
  /** Where the last time ended, if there was one: what was bad is tried again from there on. */
  readonly last?: RescueStage | undefined;
  /** Called after every piece; what is saved here is what a later rescue goes on from. */
  checkpoint(stage: RescueStage): Promise<void>;
  onProgress(progress: ReadProgress, stage: { readonly pieceBlocks: number }): void;
}

/**
 * Reads everything that the map does not say was read. Returns false when the signal ended it. A
 * piece that got no answer is left for later, block by block, since each further try may take as
 * long as a command may: fewer of them fail so than in pieces that get smaller step by step.
 *
 * @throws StatusError for a status that says nothing of single blocks; what the sink or the
 * checkpoint throws; UnreachableError when the drive is gone, was given up, or has not answered
 * three reads in a row. The map is right in every case, and going on from it begins elsewhere.
 */
export async function rescue(
  drive: Drive,
  range: ReadRange,
  options: RescueOptions,
): Promise<boolean> {
  const { map, last, signal, clock } = options;
  const bad = map.of("-");
  const pace = new Pace(range.blocks, clock, map.count("+"));
  using reader = new PieceReader(drive, range, { signal, clock });
  const silence: Silence = { reads: 0 };
  const pass = (
    state: BlockState,
    pieceBlocks: number,
    pieces: Iterable<Piece> = piecesOf(map, state, pieceBlocks),
  ): Promise<boolean> =>
    reader.read(
      pieces,
      handlerFor(drive, range, { ...options, state, pieceBlocks, pace, silence }),
    );
  if (!await pass("?", reader.mostBlocks)) return false;
  for (let blocks = smaller(reader.mostBlocks);; blocks = smaller(blocks)) {
    if (!await pass("*", blocks)) return false;
    if (blocks === 1) break;
  }
  if (!await pass("/", 1)) return false;
  // What was bad the last time has another chance.
  return await pass("-", 1, blocksFrom(bad, last?.state === "-" ? last.at : 0));
}

/** How many reads one after the other got no answer. */
interface Silence {
  reads: number;
}

/** One pass: extents of which state it is about, in pieces of which size. */
interface Pass extends RescueOptions {
  readonly state: BlockState;
  readonly pieceBlocks: number;
  readonly pace: Pace;
  readonly silence: Silence;
}

function handlerFor(
  drive: Drive,
  range: ReadRange,
  { map, sink, checkpoint, onProgress, state, pieceBlocks, pace, silence }: Pass,
): Parameters<PieceReader["read"]>[1] {
  const settle = async ({ first, blocks }: Piece, found: BlockState): Promise<void> => {
    map.set(first, blocks, found);
    onProgress(pace.at(map.count("+") + map.count("-")), { pieceBlocks });
    await checkpoint({ state, at: first + blocks });
  };
  return {
    async read(piece, data, metadata) {
      silence.reads = 0;
      await sink.write(piece.first, data, metadata);
      await settle(piece, "+");
    },
    async refused(piece, command, status) {
      silence.reads = 0;
      if (!isMediaError(status)) throw await refusedWhole(drive, range, { piece, command, status });
      await settle(piece, piece.blocks === 1 ? "-" : "*");
    },
    async unanswered(piece, error) {
      await settle(piece, piece.blocks === 1 ? "-" : "/");
      if (++silence.reads === MOST_UNANSWERED) throw silent(drive, range, { piece, error });
    },
    goesOn: isMediaError,
  };
}

/** What is left in a state, in pieces of at most so many blocks, and smaller than what failed. */
function* piecesOf(map: RescueMap, state: BlockState, pieceBlocks: number): Generator<Piece> {
  for (const { first, blocks } of map.of(state)) {
    const failed = state === "*" && blocks <= pieceBlocks;
    const step = failed ? smaller(blocks) : pieceBlocks;
    for (let at = 0; at < blocks; at += step) {
      yield { first: first + at, blocks: Math.min(step, blocks - at) };
    }
  }
}

/** Blocks one by one, those from a place on first. */
function* blocksFrom(extents: readonly Extent[], from: number): Generator<Piece> {
  const inOrder = function* (wanted: (block: number) => boolean): Generator<Piece> {
    for (const { first, blocks } of extents) {
      for (let block = first; block < first + blocks; block++) {
        if (wanted(block)) yield { first: block, blocks: 1 };
      }
    }
  };
  yield* inOrder((block) => block >= from);
  yield* inOrder((block) => block < from);
}

function smaller(blocks: number): number {
  return Math.max(1, Math.ceil(blocks / SHRINK));
}

async function refusedWhole(
  drive: Drive,
  range: ReadRange,
  { piece, command, status }: {
    readonly piece: Piece;
    readonly command: Command;
    readonly status: number;
  },
): Promise<StatusError> {
  const { refusal } = await import("./refusal.ts");
  const what = `${blocksText(range, piece)} of namespace ${range.nsid} of ${drive.target}`;
  return refusal(command, status, `read ${what}`);
}

function silent(
  { target }: Drive,
  range: ReadRange,
  { piece, error }: { readonly piece: Piece; readonly error: Error },
): UnreachableError {
  const code = error instanceof UnreachableError ? error.code : undefined;
  return new UnreachableError(
    `Cannot read on from ${target}: ${MOST_UNANSWERED} reads one after the other got no answer, ` +
      `the last one of ${blocksText(range, piece)} of namespace ${range.nsid}: ${error.message}`,
    {
      code,
      cause: error,
      next: "look at the drive (nvmectl health); the same command begins elsewhere then",
    },
  );
}
