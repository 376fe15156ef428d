// Memory for the drive at a multiple of its page.

import type { DmaMemory, DmaSpace } from "./backing.ts";

/** What the seam promises of its addresses. */
const GIVEN_ALIGNMENT = 4096;

/**
 * Zeroed memory whose first address is a multiple of `alignment`, a power of two: queues begin at a
 * page of the controller, which may be larger than the 4096 that the seam promises.
 */
export function alignedMemory(dma: DmaSpace, bytes: number, alignment: number): DmaMemory {
  if (alignment <= GIVEN_ALIGNMENT) return dma.allocate(bytes);
  const memory = dma.allocate(bytes + alignment - GIVEN_ALIGNMENT);
  const unit = BigInt(alignment);
  const skipped = Number((unit - memory.iova % unit) % unit);
  return {
    bytes: memory.bytes.subarray(skipped, skipped + bytes),
    iova: memory.iova + BigInt(skipped),
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}

/** The same memory as dwords. */
export function wordsOf({ bytes }: Pick<DmaMemory, "bytes">): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}
