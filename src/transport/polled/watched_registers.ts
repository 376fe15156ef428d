// Registers whose accesses somebody sees: what a driver does to a controller that it brings up.

import type { RegisterUse } from "../transport.ts";
import type { RegisterSpace } from "./backing.ts";

/**
 * The registers, and whoever hears what was read and written. A read that gives what the access
 * before it was about is left out, so that waiting for a bit is one event and its end another.
 */
export function watchedRegisters(
  registers: RegisterSpace,
  heard: (use: RegisterUse) => void,
): RegisterSpace {
  let last = "";
  function did<T extends number | bigint>(
    access: RegisterUse["access"],
    width: RegisterUse["width"],
    offset: number,
    value: T,
  ): T {
    const found = `${access} ${width} ${offset} ${value}`;
    if (access === "write" || found !== last) {
      heard({ access, width, offset, value: BigInt(value) });
    }
    last = found;
    return value;
  }
  return {
    length: registers.length,
    read32: (offset) => did("read", 4, offset, registers.read32(offset)),
    read64: (offset) => did("read", 8, offset, registers.read64(offset)),
    write32(offset, value) {
      did("write", 4, offset, value);
      registers.write32(offset, value);
    },
    write64(offset, value) {
      did("write", 8, offset, value);
      registers.write64(offset, value);
    },
  };
}
