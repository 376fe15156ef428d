// Memory mapped by the kernel, seen by JavaScript as an ArrayBuffer until it is given back.

import { checked, libc } from "./libc.ts";

export const PROT_READ = 1;
export const PROT_WRITE = 2;

// The same numbers on x86-64 and aarch64 [UAPI-6.1 §asm-generic/mman-common.h].
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_ANONYMOUS = 0x20;
/** Gives every page its memory now, not at the first touch. */
export const MAP_POPULATE = 0x8000;

const MADV_DONTDUMP = 16;

/** What to map. */
export interface MappingOptions {
  /** Bytes to map; the kernel rounds up to whole pages. */
  readonly byteLength: number;
  /** PROT_* bits; reading and writing unless given. */
  readonly protection?: number;
  /** MAP_* bits. */
  readonly flags: number;
  /** The file to map; none for anonymous memory. */
  readonly fd?: number;
  /** Where in the file to begin; a multiple of the page size. */
  readonly offset?: bigint;
  /** Keep it out of core dumps, and overwrite it with zeroes before it is given back. */
  readonly secret?: boolean;
}

/**
 * One mapping, given back when disposed of, or when the last `hold()` ends if that is later.
 *
 * Disposal detaches the ArrayBuffer first: a view that somebody kept then has length 0, so late
 * JavaScript access finds nothing where it would otherwise crash the process.
 */
export class Mapping implements Disposable {
  readonly #address: bigint;
  readonly #secret: boolean;
  #memory: ArrayBuffer;
  #holds = 0;
  #disposed = false;

  /** Maps the memory; throws SysError when the kernel has none, or refuses the file. */
  constructor(options: MappingOptions) {
    const { byteLength, flags, protection = PROT_READ | PROT_WRITE, fd = -1 } = options;
    this.byteLength = byteLength;
    this.#secret = options.secret ?? false;
    this.#address = checked(
      libc().mmap(0n, BigInt(byteLength), protection, flags, fd, options.offset ?? 0n),
      () => `map ${byteLength} bytes of memory`,
    );
    // Advice: a kernel built without core dumps refuses it, and then there is nothing to keep out.
    if (this.#secret) libc().madvise(this.#address, BigInt(byteLength), MADV_DONTDUMP);
    // SAFETY: mmap(2) has just returned this address for byteLength bytes, never null without
    // MAP_FIXED; they stay mapped until #unmap(), which detaches the buffer before munmap.
    const pointer = Deno.UnsafePointer.create(this.#address)!;
    // SAFETY: the pointer above, whole and alive as said there.
    this.#memory = Deno.UnsafePointerView.getArrayBuffer(pointer, byteLength);
  }

  /** Bytes that were asked for. */
  readonly byteLength: number;

  /** The mapped memory itself. Throws ReferenceError after disposal. */
  get buffer(): ArrayBuffer {
    this.#assertAlive();
    return this.#memory;
  }

  /** Where it begins in this process's address space. Throws ReferenceError after disposal. */
  get address(): bigint {
    this.#assertAlive();
    return this.#address;
  }

  /**
   * Keeps the memory mapped, whatever is disposed of, until the returned hold is disposed of.
   *
   * For memory that a running system call on another thread still writes to.
   */
  hold(): Disposable {
    this.#assertAlive();
    this.#holds++;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#holds--;
        this.#unmapIfUnused();
      },
    };
  }

  /** Ends every use from JavaScript, and gives the memory back once nothing holds it. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // The same memory in a new buffer that only this object knows; all views so far are detached.
    this.#memory = this.#memory.transfer();
    this.#unmapIfUnused();
  }

  #unmapIfUnused(): void {
    if (!this.#disposed || this.#holds > 0) return;
    if (this.#secret) new Uint8Array(this.#memory).fill(0);
    this.#memory.transfer(0);
    checked(
      libc().munmap(this.#address, BigInt(this.byteLength)),
      () => `unmap ${this.byteLength} bytes of memory`,
    );
  }

  #assertAlive(): void {
    if (!this.#disposed) return;
    throw new ReferenceError("Cannot use mapped memory: it was disposed of");
  }
}
