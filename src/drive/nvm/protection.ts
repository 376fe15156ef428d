// Protection information with a 16-bit guard: made, checked, told apart from none at all.

import type { SubmissionEntry } from "../../spec/command.ts";
import { IO_COMMAND } from "../../spec/status/io_commands.ts";
import { MEDIA } from "../../spec/status/media.ts";
import type { Blocks } from "../media/block_store.ts";
import type { Namespace } from "../namespace.ts";
import { inDword, refuse } from "../refusal.ts";
import { type BlockRange, PROTECTION_BYTES } from "./blocks.ts";
import { crc16 } from "./crc16.ts";

/** What a command wants done with protection information [NVM-1.1 §3.3.4]. */
export interface ProtectionRequest {
  /** PRACT: the drive inserts it into writes and strips it from reads. */
  readonly action: boolean;
  readonly checkGuard: boolean;
  readonly checkApplicationTag: boolean;
  readonly checkReferenceTag: boolean;
  /** Reference tag of the first block. */
  readonly referenceTag: number;
  readonly applicationTag: number;
  readonly applicationTagMask: number;
}

/** Where protection information lies: one namespace's block by block. */
interface Place {
  readonly type: number;
  readonly metadataBytes: number;
  /** First byte of the protection information within a block's metadata. */
  readonly at: number;
}

/** The command's PRINFO and tags, out of command dwords 12, 14 and 15. */
export function protectionRequest({ cdw12, cdw14, cdw15 }: SubmissionEntry): ProtectionRequest {
  return {
    action: (cdw12 & 0x2000_0000) !== 0,
    checkGuard: (cdw12 & 0x1000_0000) !== 0,
    checkApplicationTag: (cdw12 & 0x0800_0000) !== 0,
    checkReferenceTag: (cdw12 & 0x0400_0000) !== 0,
    referenceTag: cdw14,
    applicationTag: cdw15 & 0xffff,
    applicationTagMask: cdw15 >>> 16,
  };
}

/** Whether no metadata moves: the drive keeps the protection information, and there is no other. */
export function isBare(namespace: Namespace, { action }: ProtectionRequest): boolean {
  return namespace.state.protection !== 0 && action && namespace.metadataBytes === PROTECTION_BYTES;
}

/** Refuses requests that the type of protection rules out [NVM-1.1 §5.3.3]. */
export function checkRequest({ namespace, lba }: BlockRange, request: ProtectionRequest): void {
  if (!request.checkReferenceTag) return;
  const { protection } = namespace.state;
  // Type 1 ties the reference tag to the block's address; type 3 has none to check.
  const wrong = (protection === 1 && request.referenceTag !== lba % 2 ** 32) || protection === 3;
  if (wrong) refuse(IO_COMMAND.protectionInformation, { location: inDword(14), lba: BigInt(lba) });
}

/** Fills in the protection information of blocks that are about to be stored. */
export function insertProtection(
  { namespace, count }: BlockRange,
  blocks: Blocks,
  request: ProtectionRequest,
): void {
  const place = placeOf(namespace);
  for (let block = 0; block < count; block++) {
    const view = viewOf(blocks, place, block);
    view.setUint16(0, guardOf(namespace, blocks, block));
    view.setUint16(2, request.applicationTag);
    view.setUint32(4, referenceTagAt(namespace, request, block));
  }
}

/** Checks what the request asks to be checked; the first mismatch refuses the command. */
export function checkProtection(
  range: BlockRange,
  blocks: Blocks,
  request: ProtectionRequest,
): void {
  const { namespace, lba, count } = range;
  const place = placeOf(namespace);
  for (let block = 0; block < count; block++) {
    const view = viewOf(blocks, place, block);
    const applicationTag = view.getUint16(2);
    const referenceTag = view.getUint32(4);
    if (isUnchecked(place, applicationTag, referenceTag)) continue;
    const blame = { lba: BigInt(lba + block) };
    const mask = request.applicationTagMask;
    if (request.checkGuard && view.getUint16(0) !== guardOf(namespace, blocks, block)) {
      refuse(MEDIA.guard, blame);
    }
    if (
      request.checkApplicationTag && ((applicationTag ^ request.applicationTag) & mask) !== 0
    ) {
      refuse(MEDIA.applicationTag, blame);
    }
    if (
      request.checkReferenceTag && referenceTag !== referenceTagAt(namespace, request, block)
    ) {
      refuse(MEDIA.referenceTag, blame);
    }
  }
}

/** A block that was never written has protection information of all ones, which is not checked. */
export function markUnwritten({ namespace, lba, count }: BlockRange, blocks: Blocks): void {
  if (namespace.state.protection === 0) return;
  const place = placeOf(namespace);
  for (let block = 0; block < count; block++) {
    if (namespace.media.isAllocated(lba + block)) continue;
    const start = block * place.metadataBytes + place.at;
    blocks.metadata.fill(0xff, start, start + PROTECTION_BYTES);
  }
}

/** The reference tag of a block of the request: it goes up block by block, except with type 3. */
export function referenceTagAt(
  { state }: Namespace,
  { referenceTag }: ProtectionRequest,
  block: number,
): number {
  return state.protection === 3 ? referenceTag : (referenceTag + block) >>> 0;
}

function placeOf({ state, metadataBytes }: Namespace): Place {
  const at = state.protectionFirst ? 0 : metadataBytes - PROTECTION_BYTES;
  return { type: state.protection, metadataBytes, at };
}

function viewOf({ metadata }: Blocks, { metadataBytes, at }: Place, block: number): DataView {
  const start = metadata.byteOffset + block * metadataBytes + at;
  return new DataView(metadata.buffer, start, PROTECTION_BYTES);
}

/** The guard covers the data, and the metadata in front of the protection information. */
function guardOf(namespace: Namespace, { data, metadata }: Blocks, block: number): number {
  const { blockBytes, metadataBytes } = namespace;
  const crc = crc16(data.subarray(block * blockBytes, (block + 1) * blockBytes));
  const { at } = placeOf(namespace);
  return crc16(metadata.subarray(block * metadataBytes, block * metadataBytes + at), crc);
}

/** Tags of all ones switch the checks off [NVM-1.1 §5.3.3]. */
function isUnchecked({ type }: Place, applicationTag: number, referenceTag: number): boolean {
  return applicationTag === 0xffff && (type !== 3 || referenceTag === 0xffffffff);
}
