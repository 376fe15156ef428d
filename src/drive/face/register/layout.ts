// What lies where behind base address register 0.

import { DOORBELL_BASE, doorbellOffset } from "../../../spec/registers.ts";
import type { Personality } from "../../personality.ts";

/** Offsets and sizes in bytes. */
export interface BarLayout {
  /** A power of two. */
  readonly length: number;
  /** Where the doorbells end. */
  readonly doorbellEnd: number;
  /** The MSI-X table, the pending bits behind it, and where those end. */
  readonly tableAt: number;
  readonly pendingAt: number;
  readonly pendingEnd: number;
  /** MSI-X vectors. */
  readonly vectors: number;
  /** The controller memory buffer; no bytes where there is none. */
  readonly memoryAt: number;
  readonly memoryBytes: number;
}

const PAGE_BYTES = 4096;
const TABLE_ENTRY_BYTES = 16;
/** The most vectors that an MSI-X table has [PCI-5.0 §7.7.2]. */
const MOST_VECTORS = 2048;
/** Where a host says where the buffer is (CMBMSC) came with revision 1.4. */
const MEMORY_SINCE = 0x010400;

/** The layout for a kind of drive. */
export function barLayout(personality: Personality): BarLayout {
  const { limits, doorbellStride = 0, interrupts = limits.queues + 1 } = personality;
  const vectors = Math.max(1, Math.min(MOST_VECTORS, interrupts));
  const doorbellEnd = doorbellOffset(
    { queue: "submission", qid: limits.queues + 1 },
    doorbellStride,
  );
  const tableAt = pages(Math.max(doorbellEnd, DOORBELL_BASE));
  const pendingAt = pages(tableAt + vectors * TABLE_ENTRY_BYTES);
  const pendingEnd = pendingAt + 8 * Math.ceil(vectors / 64);
  const memoryAt = pages(pendingEnd);
  const memoryBytes = personality.version >= MEMORY_SINCE
    ? pages(personality.memoryBufferBytes ?? 0)
    : 0;
  const length = 2 ** Math.ceil(Math.log2(memoryAt + memoryBytes));
  return {
    length,
    doorbellEnd,
    tableAt,
    pendingAt,
    pendingEnd,
    vectors,
    memoryAt,
    memoryBytes,
  };
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
