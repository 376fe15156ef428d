// The memory that the drive reaches: what a host allocated for it, and nothing else.

import type { DmaMemory, DmaSpace } from "../../../transport/polled/backing.ts";

const PAGE_BYTES = 4096;
/** Where the first allocation is. Address zero is nobody's, so that zeros in a list are refused. */
const FIRST_ADDRESS = 0x1_0000_0000;

interface Region {
  readonly start: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * An address space of registered memory. Between two allocations lies a page that belongs to
 * nobody: a transfer that runs over the end of its buffer is noticed.
 */
export class HostMemory implements DmaSpace {
  /** Sorted by their addresses. */
  #regions: readonly Region[] = [];
  /** What lies above host memory at the same addresses: the controller's own. */
  #window: Region | undefined;
  #next = FIRST_ADDRESS;
  #last: Region | undefined;

  allocate(bytes: number): DmaMemory {
    const length = Math.max(1, Math.ceil(bytes / PAGE_BYTES)) * PAGE_BYTES;
    const region: Region = { start: this.#next, bytes: new Uint8Array(length) };
    this.#next += length + PAGE_BYTES;
    this.#regions = [...this.#regions, region];
    return {
      bytes: region.bytes,
      iova: BigInt(region.start),
      [Symbol.dispose]: () => {
        this.#regions = this.#regions.filter((other) => other !== region);
        if (this.#last === region) this.#last = undefined;
      },
    };
  }

  /** Puts memory of the controller itself at an address; undefined takes it away. */
  setWindow(start: bigint, bytes: Uint8Array<ArrayBuffer> | undefined): void {
    this.#window = bytes && { start: Number(start), bytes };
  }

  /** The memory behind an address, so many bytes of it; undefined where it is not all there. */
  at(address: bigint, length: number): Uint8Array<ArrayBuffer> | undefined {
    const start = Number(address);
    const window = within(this.#window, start, length);
    if (window) return window;
    const found = within(this.#last, start, length);
    if (found) return found;
    const region = this.#find(start);
    this.#last = region;
    return within(region, start, length);
  }

  /** The region with the greatest address that is not beyond `start`. */
  #find(start: number): Region | undefined {
    let low = 0;
    let high = this.#regions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#regions[middle]?.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return this.#regions[low - 1];
  }
}

function within(
  region: Region | undefined,
  start: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  if (!region) return undefined;
  const offset = start - region.start;
  if (offset < 0 || offset + length > region.bytes.length) return undefined;
  return region.bytes.subarray(offset, offset + length);
}
