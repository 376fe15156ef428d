// Reads a range of blocks as a whole: the first block that cannot be read ends it.

import { StatusError } from "../errors.ts";
import { decodeStatus } from "../spec/status/status.ts";
import type { Command } from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { type Piece, PieceReader } from "./read_pieces.ts";
import { Pace, type ReadProgress } from "./read_progress.ts";
import type { ReadRange } from "./read_range.ts";
import type { WaitClock } from "./selftest.ts";

/** Status code type of media and data integrity errors [BASE-2.1 §4.2.3, Fig. 101]. */
const MEDIA_TYPE = 0x2;

/** Where blocks go. Calls come one after the other, in the order of the blocks. */
export interface BlockSink {
  /** `first` counts from the first block of the range; the bytes are only good until it ends. */
  write(first: number, data: Uint8Array, metadata: Uint8Array): Promise<void>;
}

/** How to read. */
export interface ReadOptions {
  readonly sink: BlockSink;
  readonly signal: AbortSignal;
  readonly clock: WaitClock;
  onProgress(progress: ReadProgress): void;
}

/** Whether the status says that the media did not give these blocks back, but others may. */
export function isMediaError(status: number): boolean {
  return decodeStatus(status).type === MEDIA_TYPE;
}

/** The blocks of a piece in words: `block 7`, `blocks 8 to 15`. */
export function blocksText({ lba }: Pick<ReadRange, "lba">, { first, blocks }: Piece): string {
  const from = lba + BigInt(first);
  return blocks === 1 ? `block ${from}` : `blocks ${from} to ${from + BigInt(blocks - 1)}`;
}

/**
 * Reads all blocks in their order. Returns how many were read: fewer than there are only when the
 * signal ended it.
 *
 * @throws StatusError that names the block; whatever the sink throws; UnreachableError
 */
export async function readAll(
  drive: Drive,
  range: ReadRange,
  { sink, signal, clock, onProgress }: ReadOptions,
): Promise<number> {
  const pace = new Pace(range.blocks, clock);
  let done = 0;
  using reader = new PieceReader(drive, range, { signal, clock });
  try {
    await reader.read([{ first: 0, blocks: range.blocks }], {
      async read({ first, blocks }, data, metadata) {
        await sink.write(first, data, metadata);
        done += blocks;
        onProgress(pace.at(done));
      },
      async refused(piece, command, status) {
        throw await refusedBlock(drive, range, { piece, command, status, signal, clock });
      },
      goesOn: () => false,
    });
  } catch (error) {
    // A sink may heed the signal as well, and so does the search for the first bad block.
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  return done;
}

/** A piece that was refused, and what the search for its first bad block heeds. */
interface Refused extends Pick<ReadOptions, "signal" | "clock"> {
  readonly piece: Piece;
  readonly status: number;
}

/** The error for a piece that was refused; of a media error, for the first block that has it. */
async function refusedBlock(
  drive: Drive,
  range: ReadRange,
  refused: Refused & { readonly command: Command },
): Promise<StatusError> {
  const { refusal } = await import("./refusal.ts");
  const media = isMediaError(refused.status);
  const { piece, status } = media ? await firstBad(drive, range, refused) : refused;
  const what = `${blocksText(range, piece)} of namespace ${range.nsid} of ${drive.target}`;
  const error = refusal(refused.command, status, `read ${what}`);
  return new StatusError(error.message, status, {
    next: media
      ? "--skip-errors reads everything else, and keeps a map of what is lost"
      : error.next,
  });
}

/**
 * The first block of a piece that cannot be read; all of the piece where each half can. Throws the
 * signal's reason once it has fired, after the command that is under way.
 */
async function firstBad(
  drive: Drive,
  range: ReadRange,
  refused: Refused,
): Promise<Pick<Refused, "piece" | "status">> {
  const { piece: { first, blocks }, signal } = refused;
  if (blocks === 1) return refused;
  const half = blocks >> 1;
  for (const piece of [{ first, blocks: half }, { first: first + half, blocks: blocks - half }]) {
    const status = await statusOf(drive, range, { ...refused, piece });
    signal.throwIfAborted();
    if (status !== 0) return await firstBad(drive, range, { ...refused, piece, status });
  }
  return refused;
}

/** The status of reading a piece, whose data nobody wants; 0 where it can be read. */
async function statusOf(
  drive: Drive,
  range: ReadRange,
  { piece, signal, clock }: Omit<Refused, "status">,
): Promise<number> {
  using reader = new PieceReader(drive, range, { signal, clock });
  let found = 0;
  await reader.read([piece], {
    read: () => {},
    refused: (_piece, _command, status) => void (found ||= status),
    goesOn: () => true,
  });
  return found;
}
