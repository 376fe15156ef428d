// Memory that may be given to a drive: whole zeroed pages, and room for what it writes too much.

import { MAP_ANONYMOUS, MAP_POPULATE, MAP_PRIVATE, Mapping } from "./mapping.ts";
import { pageBytes } from "./process.ts";

/** How a PageBuffer is made. */
export interface PageBufferOptions {
  /** Holds a key: kept out of core dumps, overwritten with zeroes before it is given back. */
  readonly secret?: boolean;
}

/**
 * A buffer for a drive's data, and for the structure of an ioctl.
 *
 * The memory begins on a page, covers whole pages of the host, at least 4 KiB, and is zeroed.
 * After the last page that holds data stands one more writable page that nobody uses. Some drives
 * transfer a whole sector or page whatever length the command gave. An inaccessible guard page
 * there would turn such a transfer into EFAULT, or an IOMMU fault, and so lose a good answer; with
 * nothing there it would land in whatever the kernel mapped next. So the excess is let go into
 * memory that is ours, and `bytes` ends where the caller asked.
 */
export class PageBuffer implements Disposable {
  readonly #mapping: Mapping;

  /**
   * Maps room for `byteLength` bytes, which may be 0.
   *
   * Throws RangeError for a length that is none, SysError when there is no memory.
   */
  constructor(byteLength: number, options: PageBufferOptions = {}) {
    if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
      throw new RangeError(`Cannot map a buffer: length ${byteLength}, need an integer 0 or more`);
    }
    const page = pageBytes();
    const dataPages = Math.max(1, Math.ceil(byteLength / page));
    const slackPages = 1;
    this.#mapping = new Mapping({
      byteLength: (dataPages + slackPages) * page,
      flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
      secret: options.secret ?? false,
    });
    this.byteLength = byteLength;
    this.mappedBytes = this.#mapping.byteLength;
  }

  /** Bytes that were asked for. */
  readonly byteLength: number;

  /** Bytes that are mapped, with the slack. */
  readonly mappedBytes: number;

  /**
   * A live view of exactly the bytes asked for; what the kernel and the drive write shows in it.
   *
   * Throws ReferenceError after disposal; views taken before are then empty.
   */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#mapping.buffer, 0, this.byteLength);
  }

  /** The address to give to the kernel. Throws ReferenceError after disposal. */
  get address(): bigint {
    return this.#mapping.address;
  }

  /** Keeps the memory mapped until the returned hold ends; see `Mapping.hold()`. */
  hold(): Disposable {
    return this.#mapping.hold();
  }

  /** Gives the memory back, or lets the last hold do so. */
  [Symbol.dispose](): void {
    this.#mapping[Symbol.dispose]();
  }
}
