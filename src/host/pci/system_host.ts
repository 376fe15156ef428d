// The machine itself, as a PciHost.

import {
  FileDescriptor,
  loadKernelModule,
  memlockLimitBytes,
  O_RDONLY,
  writeText,
} from "../../../ffi/mod.ts";
import type { HostView } from "../host_view.ts";
import { openExclusively, systemView } from "../system_view.ts";
import { isClaimed } from "../use.ts";
import type { BlockReader, PciHost } from "./pci_host.ts";

/** This machine. */
export function systemHost(view: HostView = systemView()): PciHost {
  return {
    view,
    probe: isClaimed,
    memlockBytes: memlockLimitBytes,
    openBlock,
    claim: openExclusively,
    writeAttribute: writeText,
    loadModule: (path, options) => void loadKernelModule(path, options),
    keepFile(path, text) {
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, text);
    },
    forgetFile(path) {
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}

/** Opens a block device, or a file that holds what one would; throws SysError. */
export function openBlock(path: string): BlockReader {
  const file = FileDescriptor.open(path, O_RDONLY);
  return {
    read: (offset, length) => readAt(file, offset, length),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

function readAt(file: FileDescriptor, offset: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = file.pread(bytes.subarray(filled), offset + BigInt(filled));
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
