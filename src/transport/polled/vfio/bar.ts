// Registers of a device that are mapped into this process: the only file that touches them.

import type { RegisterSpace } from "../backing.ts";

/**
 * The registers in mapped device memory.
 *
 * An element of a Uint32Array or BigUint64Array is read or written with one access of its width.
 * DataView goes byte by byte until it is optimised, which a controller does not understand.
 * Atomics.store on x86-64 is an exchange, which reads the register first; plain stores are in
 * order there anyway. On other processors a plain store to a doorbell could overtake the stores to
 * the queue in memory before it, and only Atomics.store keeps that order.
 *
 * A function that loses power or its link while this is mapped may end the process with SIGBUS;
 * JavaScript cannot handle that. Most machines answer with all ones instead.
 *
 * @param buffer the mapping; once it is detached every access throws ReferenceError
 * @param arch the processor family, as `Deno.build.arch` has it
 */
export function mappedRegisters(buffer: ArrayBuffer, arch: string): RegisterSpace {
  const length = buffer.byteLength;
  const words = new Uint32Array(buffer, 0, length >>> 2);
  const quads = new BigUint64Array(buffer, 0, length >>> 3);
  const inOrder = arch === "x86_64";
  const place = (offset: number, width: 4 | 8): number => {
    if (words.length === 0) throw new ReferenceError("Cannot use registers: they were closed");
    if (offset % width !== 0 || offset < 0 || offset + width > length) {
      throw new RangeError(
        `Cannot access register ${offset}: need a multiple of ${width}, and ${width} bytes to ` +
          `${length}`,
      );
    }
    return offset / width;
  };
  return {
    length,
    read32: (offset) => words[place(offset, 4)] ?? 0,
    read64: (offset) => quads[place(offset, 8)] ?? 0n,
    write32(offset, value) {
      const at = place(offset, 4);
      if (inOrder) words[at] = value;
      else Atomics.store(words, at, value);
    },
    write64(offset, value) {
      const at = place(offset, 8);
      if (inOrder) quads[at] = value;
      else Atomics.store(quads, at, value);
    },
  };
}
