// Reads what can be read of a range with bad blocks: everything in large pieces first, then what is
// around the errors in ever smaller ones, down to single blocks.

import { StatusError } from "../errors.ts";
import type { Command } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { blocksText, isMediaError, type ReadOptions } from "./read_all.ts";
import { type Piece, PieceReader } from "./read_pieces.ts";
import { Pace, type ReadProgress } from "./read_progress.ts";
import type { ReadRange } from "./read_range.ts";
import type { RescueStage } from "./rescue_file.ts";
import type { BlockState, RescueMap } from "./rescue_map.ts";

/** Each pass reads pieces so many times smaller than the one before. */
const SHRINK = 8;

/** How to rescue. */
export interface RescueOptions extends Omit<ReadOptions, "onProgress"> {
  /** What is known already; it is brought up to date as blocks are read, or not. */
  readonly map: RescueMap;
  /** Called after every piece; what is saved here is what a later rescue goes on from. */
  checkpoint(stage: RescueStage): Promise<void>;
  onProgress(progress: ReadProgress, stage: { readonly pieceBlocks: number }): void;
}

/**
 * Reads everything that the map does not say was read. Returns false when the signal ended it.
 *
 * @throws StatusError for a status that says nothing of single blocks; what the sink or the
 * checkpoint throws; UnreachableError when the drive is gone. The map is right in every case.
 */
export async function rescue(
  drive: Drive,
  range: ReadRange,
  options: RescueOptions,
): Promise<boolean> {
  const { map, signal, clock } = options;
  // What was bad the last time has another chance, one block at a time.
  map.turn("-", "/");
  const pace = new Pace(range.blocks, clock, map.count("+"));
  using reader = new PieceReader(drive, range, { signal, clock });
  const pass = (state: BlockState, pieceBlocks: number): Promise<boolean> =>
    reader.read(
      piecesOf(map, state, pieceBlocks),
      handlerFor(drive, range, { ...options, state, pieceBlocks, pace }),
    );
  if (!await pass("?", reader.mostBlocks)) return false;
  for (let blocks = smaller(reader.mostBlocks);; blocks = smaller(blocks)) {
    if (!await pass("*", blocks)) return false;
    if (blocks === 1) break;
  }
  return await pass("/", 1);
}

/** One pass: extents of which state it is about, in pieces of which size. */
interface Pass extends RescueOptions {
  readonly state: BlockState;
  readonly pieceBlocks: number;
  readonly pace: Pace;
}

function handlerFor(
  drive: Drive,
  range: ReadRange,
  { map, sink, checkpoint, onProgress, state, pieceBlocks, pace }: Pass,
): Parameters<PieceReader["read"]>[1] {
  const settle = async ({ first, blocks }: Piece, found: BlockState): Promise<void> => {
    map.set(first, blocks, found);
    onProgress(pace.at(map.count("+") + map.count("-")), { pieceBlocks });
    await checkpoint({ state, at: first + blocks });
  };
  return {
    async read(piece, data, metadata) {
      await sink.write(piece.first, data, metadata);
      await settle(piece, "+");
    },
    async refused(piece, command, status) {
      if (!isMediaError(status)) throw await refusedWhole(drive, range, { piece, command, status });
      await settle(piece, piece.blocks === 1 ? "-" : "*");
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
