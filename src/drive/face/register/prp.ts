// Data pointers of the older kind: Physical Region Pages, in the command and in lists.

import { GENERIC } from "../../../spec/status/generic.ts";
import { inDword, refuse } from "../../refusal.ts";
import type { HostMemory } from "./host_memory.ts";

/** The two PRP entries of a command, and the page size that CC.MPS stands for. */
export interface PrpPointer {
  readonly prp1: bigint;
  readonly prp2: bigint;
  readonly pageBytes: number;
}

const ENTRY_BYTES = 8;
const IN_PRP1 = inDword(6);
const IN_PRP2 = inDword(8);

/**
 * The pieces of memory that a command's data occupies [BASE-2.1 §4.3.1]. Offsets that are not
 * allowed are refused with PRP Offset Invalid, memory out of the drive's reach with Data Transfer
 * Error. Lists are read only as far as the data goes.
 */
export function prpRegions(
  memory: HostMemory,
  { prp1, prp2, pageBytes }: PrpPointer,
  length: number,
): readonly Uint8Array[] {
  if (length === 0) return [];
  const offset = Number(prp1 & BigInt(pageBytes - 1));
  if (offset % 4 !== 0) refuse(GENERIC.prpOffset, { location: IN_PRP1 });
  const first = Math.min(length, pageBytes - offset);
  const regions: Uint8Array[] = [reach(memory, prp1, first, IN_PRP1)];
  const left = length - first;
  if (left > pageBytes) return [...regions, ...listed(memory, { list: prp2, pageBytes }, left)];
  if (left > 0) regions.push(page(memory, prp2, { pageBytes, length: left }));
  return regions;
}

/** The memory at an address, which a command needs. */
export function reach(
  memory: HostMemory,
  address: bigint,
  length: number,
  location: number,
): Uint8Array<ArrayBuffer> {
  return memory.at(address, length) ?? refuse(GENERIC.dataTransferError, { location });
}

/** Follows lists from page to page: where more entries are needed, a page's last one leads on. */
function listed(
  memory: HostMemory,
  { list, pageBytes }: { readonly list: bigint; readonly pageBytes: number },
  length: number,
): readonly Uint8Array[] {
  const regions: Uint8Array[] = [];
  const mask = BigInt(pageBytes - 1);
  let at = list;
  let chained = false;
  for (let left = length; left > 0; chained = true) {
    const offset = Number(at & mask);
    // Only the first list may begin within a page.
    if (offset % ENTRY_BYTES !== 0 || (chained && offset !== 0)) {
      refuse(GENERIC.prpOffset, { location: IN_PRP2 });
    }
    const room = (pageBytes - offset) / ENTRY_BYTES;
    const needed = Math.ceil(left / pageBytes);
    const read = Math.min(room, needed);
    const bytes = reach(memory, at, read * ENTRY_BYTES, IN_PRP2);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const pages = needed > room ? read - 1 : read;
    for (let entry = 0; entry < pages; entry++) {
      const address = view.getBigUint64(entry * ENTRY_BYTES, true);
      const region = page(memory, address, { pageBytes, length: Math.min(left, pageBytes) });
      regions.push(region);
      left -= region.length;
    }
    if (pages < read) at = view.getBigUint64(pages * ENTRY_BYTES, true);
  }
  return regions;
}

/** A whole page, or the beginning of the last one: it has no offset. */
function page(
  memory: HostMemory,
  address: bigint,
  { pageBytes, length }: { readonly pageBytes: number; readonly length: number },
): Uint8Array {
  if ((address & BigInt(pageBytes - 1)) !== 0n) refuse(GENERIC.prpOffset, { location: IN_PRP2 });
  return reach(memory, address, length, IN_PRP2);
}
