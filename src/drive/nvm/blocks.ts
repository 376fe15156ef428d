// What the commands about logical blocks have in common: their range, their sizes, their limits.

import { GENERIC } from "../../spec/status/generic.ts";
import { IO_COMMAND } from "../../spec/status/io_commands.ts";
import { MEDIA } from "../../spec/status/media.ts";
import { invariant } from "../../errors.ts";
import { formatsExtended } from "../feature/data_features.ts";
import { currentValue } from "../feature/feature.ts";
import { DULBE, ErrorRecovery } from "../feature/word_features.ts";
import { isReadOnly } from "../model/health.ts";
import type { Machine } from "../machine.ts";
import type { Blocks } from "../media/block_store.ts";
import type { Namespace } from "../namespace.ts";
import type { Exchange, Payload, Sizes } from "../pipeline/exchange.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** Formats that need no LBA format extension. */
const PLAIN_FORMATS = 16;
/** Bytes of protection information with a 16-bit guard [NVM-1.1 §5.3]. */
export const PROTECTION_BYTES = 8;

const PART_BLOCKS = 256;

/** A range of blocks of a namespace. */
export interface BlockRange {
  readonly namespace: Namespace;
  /** The first block; exact as a number, since it lies within the namespace. */
  readonly lba: number;
  readonly count: number;
}

/** The namespace that the command is about, in a format that the host may use. */
export function namespaceOf(machine: Machine, { namespace }: Exchange): Namespace {
  invariant(namespace !== undefined, "a command about blocks has no namespace after decode");
  if (namespace.state.format >= PLAIN_FORMATS && !formatsExtended(machine)) {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  return namespace;
}

/**
 * The range of Read, Write and their like: Starting LBA in command dwords 10 and 11, the 0's based
 * count in dword 12 bits 15:0 [NVM-1.1 §3.3.4]. Refuses what is not in the namespace.
 */
export function rangeOf(machine: Machine, exchange: Exchange): BlockRange {
  const namespace = namespaceOf(machine, exchange);
  const { cdw10, cdw11, cdw12 } = exchange.entry;
  const count = (cdw12 & 0xffff) + 1;
  // As a number it is exact wherever it lies in the namespace, and too large where it does not.
  const lba = cdw11 * 2 ** 32 + cdw10;
  if (lba + count <= namespace.blocks) return { namespace, lba, count };
  return checkRange(namespace, (BigInt(cdw11) << 32n) | BigInt(cdw10), count);
}

/** A range that lies in the namespace; it comes from command dword 10, or from the data. */
export function checkRange(
  namespace: Namespace,
  lba: bigint,
  count: number,
  from: "command" | "data" = "command",
): BlockRange {
  if (lba + BigInt(count) > BigInt(namespace.blocks)) {
    const blame = from === "command" ? { location: inDword(10) } : {};
    refuse(GENERIC.lbaOutOfRange, { ...blame, lba });
  }
  return { namespace, lba: Number(lba), count };
}

/** The range in parts of at most 256 blocks, for what must not take memory for all of it. */
export function* partsOf({ namespace, lba, count }: BlockRange): Generator<BlockRange> {
  for (let done = 0; done < count; done += PART_BLOCKS) {
    yield { namespace, lba: lba + done, count: Math.min(PART_BLOCKS, count - done) };
  }
}

/** Refuses to change blocks of a write protected namespace, or of a drive that is read-only. */
export function checkWritable(
  machine: Machine,
  { namespace, lba }: BlockRange,
): void {
  if (isWriteProtected(namespace)) refuse(GENERIC.writeProtected);
  if (isReadOnly(machine)) refuse(IO_COMMAND.readOnlyRange, { lba: BigInt(lba) });
}

/** Whether a write protection state forbids changes [BASE-2.1 §8.1.16]. */
export function isWriteProtected({ state }: Namespace): boolean {
  return (state.writeProtection ?? 0) !== 0;
}

/** Refuses deallocated blocks where the host wants to know of them [NVM-1.1 §3.3.3.2.1]. */
export function checkAllocated(machine: Machine, { namespace, lba, count }: BlockRange): void {
  const recovery = currentValue(machine, ErrorRecovery, `${namespace.nsid}`);
  if ((recovery & DULBE) === 0) return;
  for (let block = lba; block < lba + count; block++) {
    if (!namespace.media.isAllocated(block)) refuse(MEDIA.unwritten, { lba: BigInt(block) });
  }
}

/**
 * What a transfer of the range moves. Where the drive inserts and strips protection information and
 * there is no other metadata, `bare` is true and no metadata moves at all.
 */
export function sizesOf({ namespace, count }: BlockRange, bare: boolean): Sizes {
  const { blockBytes, metadataBytes, state: { metadataInline } } = namespace;
  const moved = bare ? 0 : metadataBytes;
  return metadataInline
    ? { data: count * (blockBytes + moved), metadata: 0 }
    : { data: count * blockBytes, metadata: count * moved };
}

/** The same, refused where the controller cannot move so much in one command. */
export function checkedSizes(machine: Machine, range: BlockRange, bare: boolean): Sizes {
  const sizes = sizesOf(range, bare);
  checkTransferSize(machine, sizes.data, inDword(12));
  return sizes;
}

/** Blocks as the host sees them. */
export function toPayload({ namespace }: BlockRange, blocks: Blocks, bare: boolean): Payload {
  if (bare) return { data: blocks.data, metadata: new Uint8Array(0) };
  if (!namespace.state.metadataInline || namespace.metadataBytes === 0) return blocks;
  const { blockBytes, metadataBytes } = namespace;
  const data = new Uint8Array(blocks.data.length + blocks.metadata.length);
  const count = blocks.data.length / blockBytes;
  for (let block = 0; block < count; block++) {
    const at = block * (blockBytes + metadataBytes);
    data.set(piece(blocks.data, block, blockBytes), at);
    data.set(piece(blocks.metadata, block, metadataBytes), at + blockBytes);
  }
  return { data, metadata: new Uint8Array(0) };
}

/** Blocks as the media keep them; with `bare` their metadata is zero. */
export function toBlocks(
  { namespace, count }: BlockRange,
  payload: Payload,
  bare: boolean,
): Blocks {
  const { blockBytes, metadataBytes, state: { metadataInline } } = namespace;
  if (bare) return { data: payload.data, metadata: new Uint8Array(count * metadataBytes) };
  if (!metadataInline || metadataBytes === 0) return payload;
  const data = new Uint8Array(count * blockBytes);
  const metadata = new Uint8Array(count * metadataBytes);
  for (let block = 0; block < count; block++) {
    const whole = piece(payload.data, block, blockBytes + metadataBytes);
    data.set(whole.subarray(0, blockBytes), block * blockBytes);
    metadata.set(whole.subarray(blockBytes), block * metadataBytes);
  }
  return { data, metadata };
}

function piece(bytes: Uint8Array, index: number, size: number): Uint8Array {
  return bytes.subarray(index * size, (index + 1) * size);
}
