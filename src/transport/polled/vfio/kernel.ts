// What VFIO needs of Linux, as one small interface: the machine itself, or a test's own kernel.

import type { IoctlArgument, IoctlOutcome } from "../../../../ffi/ioctl.ts";

/** An open file of the kernel. */
export interface KernelFile extends Disposable {
  /** The descriptor. */
  readonly number: number;
  /** Its name in errors. */
  readonly path: string;
  /** Sends an ioctl once and says how it went; never throws for what the kernel refuses. */
  tryIoctl(request: number, argument?: IoctlArgument): IoctlOutcome;
  /** Reads at a byte position; may read less. Throws SysError. */
  pread(into: Uint8Array<ArrayBuffer>, offset: bigint): number;
  /** Writes at a byte position; may write less. Throws SysError. */
  pwrite(from: Uint8Array<ArrayBuffer>, offset: bigint): number;
}

/** Mapped memory. Views of it are empty once it is disposed of. */
export interface KernelMemory extends Disposable {
  readonly buffer: ArrayBuffer;
  /** Where it begins in this process. */
  readonly address: bigint;
}

/** An eventfd. */
export interface KernelEvent extends Disposable {
  readonly number: number;
  /** Whether it was raised since the last call. */
  take(): boolean;
}

/** Linux. Where a call can fail it throws SysError; reading of sysfs never throws. */
export interface VfioKernel {
  /** The processor family, as `Deno.build.arch` has it. */
  readonly arch: string;
  /** Bytes of a page of the host's memory. */
  pageBytes(): number;
  /** Bytes that this process may pin; undefined when unlimited. */
  memlockLimitBytes(): bigint | undefined;
  /** Opens a device node to read and write. */
  open(path: string): KernelFile;
  /** Takes over a descriptor that an ioctl returned. */
  adopt(descriptor: number, path: string): KernelFile;
  /** Zeroed memory of whole pages that are all there. */
  mapMemory(bytes: number): KernelMemory;
  /** A part of a device, mapped to read and write. */
  mapDevice(device: KernelFile, offset: bigint, bytes: number): KernelMemory;
  event(): KernelEvent;
  /** What a symbolic link says; undefined where there is none. */
  readLink(path: string): string | undefined;
  /** The names in a directory; none where it cannot be listed. */
  readDir(path: string): readonly string[];
  /** The text of a file; undefined where it cannot be read. */
  readText(path: string): string | undefined;
}

/** A process that has a file open. */
export interface Holder {
  readonly pid: number;
  readonly program: string;
}
