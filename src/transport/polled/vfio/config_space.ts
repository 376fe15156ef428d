// A function's configuration space, through the file of its device.

import { SysError } from "../../../../ffi/sys_error.ts";
import { UnreachableError } from "../../../errors.ts";
import type { ConfigSpace } from "../backing.ts";
import type { Region } from "./device.ts";
import type { KernelFile } from "./kernel.ts";
import { refusedCall } from "./refusals.ts";

/** The region that VFIO shows the configuration space as. Each access is one system call. */
export function fileConfigSpace(bdf: string, device: KernelFile, region: Region): ConfigSpace {
  const access = (offset: number, width: 1 | 2 | 4, call: (at: bigint) => number): void => {
    if (offset % width !== 0 || offset < 0 || BigInt(offset + width) > region.size) {
      throw new RangeError(`Cannot access ${width} bytes at ${offset} of a configuration space`);
    }
    const count = attempt(bdf, () => call(region.offset + BigInt(offset)));
    if (count === width) return;
    throw new UnreachableError(
      `Cannot reach pci:${bdf}: ${count} of ${width} bytes at ${offset} of its configuration ` +
        "space were transferred",
      { next: "look for it with lspci: it may be gone" },
    );
  };
  return {
    read(offset, width) {
      const bytes = new Uint8Array(width);
      access(offset, width, (at) => device.pread(bytes, at));
      return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
    },
    write(offset, width, value) {
      const bytes = Uint8Array.from({ length: width }, (_, at) => value >>> (8 * at));
      access(offset, width, (at) => device.pwrite(bytes, at));
    },
  };
}

function attempt(bdf: string, call: () => number): number {
  try {
    return call();
  } catch (error) {
    throw error instanceof SysError ? refusedCall(bdf, error) : error;
  }
}
