// The machine's own kernel, for VFIO.

import { EventFd } from "../../../../ffi/eventfd.ts";
import { FileDescriptor, readText } from "../../../../ffi/file.ts";
import { MAP_ANONYMOUS, MAP_POPULATE, MAP_SHARED, Mapping } from "../../../../ffi/mapping.ts";
import { O_RDWR } from "../../../../ffi/open_flags.ts";
import { memlockLimitBytes, pageBytes } from "../../../../ffi/process.ts";
import type { VfioKernel } from "./kernel.ts";

/** Linux as it runs here. */
export function systemKernel(): VfioKernel {
  return {
    arch: Deno.build.arch,
    pageBytes,
    memlockLimitBytes,
    open: (path) => FileDescriptor.open(path, O_RDWR),
    adopt: (descriptor, path) => new FileDescriptor(descriptor, path),
    mapMemory: (byteLength) =>
      new Mapping({ byteLength, flags: MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE }),
    mapDevice: (device, offset, byteLength) =>
      new Mapping({ byteLength, flags: MAP_SHARED, fd: device.number, offset }),
    event: () => new EventFd(),
    readLink: (path) => orUndefined(() => Deno.readLinkSync(path)),
    readDir: (path) =>
      orUndefined(() => Array.from(Deno.readDirSync(path), ({ name }) => name)) ?? [],
    readText: (path) => orUndefined(() => readText(path)),
  };
}

/** What a call returns; undefined where the operating system refuses, which then has a code. */
function orUndefined<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as { code?: unknown }).code !== undefined) return undefined;
    throw error;
  }
}
