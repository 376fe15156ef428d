// Which blocks a read is about, what each of them moves as, and how many fit into one command.

import { MalformedError, UsageError } from "../errors.ts";
import { currentFormat } from "../spec/identify/identify_namespace.ts";
import type { Drive } from "./drive.ts";
import { transferLimit } from "./transfer_limit.ts";
import { chooseNamespace, identifyController, identifyNamespace } from "./identify.ts";

/**
 * Where the metadata of a block is: there is none, it comes in memory of its own, or it follows the
 * data of each block (an extended LBA) [NVM-1.1 §4.1.5.1, Fig. 114].
 */
export type MetadataLayout = "none" | "separate" | "extended";

/** What one block moves as. */
export interface ReadShape {
  /** Bytes of data. */
  readonly blockBytes: number;
  readonly metadataBytes: number;
  readonly layout: MetadataLayout;
}

/** Blocks of one namespace. Positions within it count from its first block. */
export interface ReadRange {
  readonly nsid: number;
  /** The first block. */
  readonly lba: bigint;
  readonly blocks: number;
  readonly shape: ReadShape;
  /** The most blocks that one command is asked for. */
  readonly chunkBlocks: number;
}

/** What the user asked for; what is left out is found out. */
export interface RangeRequest {
  readonly nsid: number | undefined;
  readonly lba: bigint | undefined;
  readonly blocks: bigint | undefined;
}

/** No LBA format has smaller blocks [NVM-1.1 §4.1.5.1]. */
const LEAST_BLOCK_BYTES = 512;
/** Drives have blocks of up to 64 KiB; what is far beyond that is no block, and no memory. */
const MOST_BLOCK_BYTES = 2 ** 24;
/** NLB has 16 bits and is 0's based [NVM-1.1 §3.3.4]. */
const MOST_BLOCKS = 0x1_0000;

/**
 * Finds out which blocks are meant, before any of them is read. Without a namespace it is the one
 * that the target names, else the only active one; without a number of blocks it is all that
 * follow.
 *
 * @throws UsageError for a namespace that is not active, or blocks that it does not have
 */
export async function resolveRange(drive: Drive, request: RangeRequest): Promise<ReadRange> {
  const nsid = await chooseNamespace(drive, request.nsid, "--nsid N");
  const where = `namespace ${nsid} of ${drive.target}`;
  const namespace = await identifyNamespace(drive, nsid);
  const format = currentFormat(namespace);
  if (namespace.nsze === 0n || format === undefined) {
    throw new UsageError(`Cannot read ${where}: it is not active, or holds no blocks`, {
      next: `nvmectl identify ${drive.target} --namespaces lists those that are active`,
    });
  }
  const { blockBytes, metadataBytes } = format;
  if (blockBytes < LEAST_BLOCK_BYTES || blockBytes > MOST_BLOCK_BYTES) {
    throw new MalformedError(
      `Cannot read ${where}: by its LBA format a block has ${blockBytes} bytes, need ` +
        `${LEAST_BLOCK_BYTES} to ${MOST_BLOCK_BYTES}`,
      { next: `nvmectl identify ${drive.target} --namespace ${nsid} shows all formats` },
    );
  }
  const layout = metadataBytes === 0 ? "none" : namespace.flbas.mtelba ? "extended" : "separate";
  const shape = { blockBytes, metadataBytes, layout } as const;
  const { lba, blocks } = withinNamespace(where, namespace.nsze, request);
  const end = (lba + BigInt(blocks)) * BigInt(blockBytes + metadataBytes);
  if (end > Number.MAX_SAFE_INTEGER) {
    throw new UsageError(`Cannot read ${where}: byte ${end} is beyond what a file can be`);
  }
  const limit = transferLimit(await identifyController(drive));
  return { nsid, lba, blocks, shape, chunkBlocks: chunkBlocks(shape, limit) };
}

function withinNamespace(
  where: string,
  nsze: bigint,
  { lba = 0n, blocks }: RangeRequest,
): { readonly lba: bigint; readonly blocks: number } {
  const next = `its blocks are 0 to ${nsze - 1n}`;
  if (lba >= nsze) {
    throw new UsageError(`Cannot read from block ${lba} of ${where}: it ends before`, { next });
  }
  const count = blocks ?? nsze - lba;
  if (count === 0n) throw new UsageError("Cannot use --blocks 0: need at least one block");
  if (lba + count > nsze) {
    throw new UsageError(
      `Cannot read blocks ${lba} to ${lba + count - 1n} of ${where}: it has ${nsze}`,
      { next },
    );
  }
  return { lba, blocks: Number(count) };
}

/**
 * Blocks of one command. Metadata counts as data here: whether it does towards MDTS depends on
 * CTRATT.MEM, and where it does not this only asks for a little less [BASE-2.1 §5.1.13.2.1].
 */
function chunkBlocks({ blockBytes, metadataBytes }: ReadShape, bytes: number): number {
  const fitting = Math.floor(bytes / (blockBytes + metadataBytes));
  return Math.min(MOST_BLOCKS, Math.max(1, fitting));
}
