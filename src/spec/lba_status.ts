// What Get LBA Status answers with: ranges of blocks, and what is known of each.

import {
  at,
  bit,
  bits,
  coded,
  reserved,
  struct,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../layout/mod.ts";

/** What Get LBA Status looks for, by ATYPE [NVM-1.1 §4.2.1]. */
export const LBA_STATUS_ACTION_NAMES = {
  0x02: "allocated blocks",
  0x10: "a scan for blocks that may be unrecoverable",
  0x11: "blocks known to be perhaps unrecoverable",
} as const;

/** Why Get LBA Status ended, by CMPC [NVM-1.1 §4.2.1]. */
export const LBA_STATUS_COMPLETION_NAMES = {
  0: "not indicated",
  1: "as many descriptors as asked for",
  2: "end of the range",
} as const;

/** What stands before the descriptors. */
export const LbaStatusList = struct("LBA Status Descriptor List", 8, "[NVM-1.1 §4.2.1]", [
  at(0, 3, "descriptorCount", u32, "Descriptors"),
  at(4, 4, "completion", coded(u8, LBA_STATUS_COMPLETION_NAMES), "Completion condition"),
  reserved(5, 7),
]);

/** One range of blocks of the same status. */
export const LbaStatusDescriptor = struct("LBA Status Descriptor", 16, "[NVM-1.1 §4.2.1]", [
  at(0, 7, "start", u64, "First block"),
  at(8, 11, "blocks", zeroBasedCount(u32), "Blocks"),
  reserved(12, 12),
  at(
    13,
    13,
    "status",
    bits(u8, {
      unrecovered: bit(0, "reading may fail"),
      writtenUncorrectable: bit(1, "written by Write Uncorrectable"),
    }),
    "Status",
  ),
  reserved(14, 15),
]);

/** A range of blocks and what is known of them. */
export interface LbaStatusRange {
  readonly start: bigint;
  /** At least 1. */
  readonly blocks: number;
  /** A Read, Verify, Compare or Copy of each of these blocks may fail. */
  readonly unrecovered: boolean;
  /** Write Uncorrectable made them so. */
  readonly writtenUncorrectable: boolean;
}

/** An answer of Get LBA Status. */
export interface LbaStatus {
  /** A key of `LBA_STATUS_COMPLETION_NAMES`. */
  readonly completion: number;
  /** Those descriptors that were read, ascending. */
  readonly ranges: readonly LbaStatusRange[];
}

/** The answer's bytes. Throws RangeError for a range of no blocks. */
export function encodeLbaStatus({ completion, ranges }: LbaStatus): Uint8Array<ArrayBuffer> {
  const { size } = LbaStatusDescriptor;
  const bytes = new Uint8Array(LbaStatusList.size + ranges.length * size);
  bytes.set(LbaStatusList.encode({ descriptorCount: ranges.length, completion }));
  ranges.forEach(({ start, blocks, unrecovered, writtenUncorrectable }, at) => {
    const status = { unrecovered, writtenUncorrectable };
    const descriptor = LbaStatusDescriptor.encode({ start, blocks: blocks - 1, status });
    bytes.set(descriptor, LbaStatusList.size + at * size);
  });
  return bytes;
}

/**
 * The answer's value: as many descriptors as it says, or as there are bytes for. Throws
 * TruncatedError for bytes shorter than the list's own.
 */
export function decodeLbaStatus(bytes: Uint8Array): LbaStatus {
  const { descriptorCount, completion } = LbaStatusList.decode(bytes);
  const { size } = LbaStatusDescriptor;
  const there = Math.floor((bytes.length - LbaStatusList.size) / size);
  const ranges = Array.from({ length: Math.min(descriptorCount, there) }, (_, at) => {
    const part = bytes.subarray(LbaStatusList.size + at * size);
    const { start, blocks, status } = LbaStatusDescriptor.decode(part);
    const { unrecovered, writtenUncorrectable } = status;
    return { start, blocks: blocks + 1, unrecovered, writtenUncorrectable };
  });
  return { completion, ranges };
}
