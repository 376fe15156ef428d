// What src/host/pci needs of a machine beside its files: to change it, and to read block devices.

import type { HostView } from "../host_view.ts";
import type { ClaimProbe } from "../use.ts";

/** A block device, open for reading. */
export interface BlockReader extends Disposable {
  /** The bytes at an offset, fewer at the end. Throws what the operating system says. */
  read(offset: bigint, length: number): Uint8Array;
}

/** A machine. Whatever the operating system refuses is thrown as an error with a `code`. */
export interface PciHost {
  readonly view: HostView;
  /** Says whether something has claimed a block device. */
  readonly probe: ClaimProbe;
  /** RLIMIT_MEMLOCK; undefined is no limit. */
  memlockBytes(): bigint | undefined;
  openBlock(path: string): BlockReader;
  /** Keeps everybody else from claiming a block device; EBUSY where somebody has. */
  claim(path: string): Disposable;
  /** Writes to an attribute of sysfs, in one call. */
  writeAttribute(path: string, text: string): void;
  /** Loads a kernel module from its file. One that is there already is no error. */
  loadModule(path: string, options: { readonly compressed: boolean }): void;
  /** Writes a file of ours, and the folders that it needs. */
  keepFile(path: string, text: string): void;
  /** Removes a file of ours; one that is not there is no error. */
  forgetFile(path: string): void;
}

/** Time for whoever waits for the kernel. */
export interface Patience {
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number): Promise<void>;
}
