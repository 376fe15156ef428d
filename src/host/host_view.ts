// What src/host sees of a machine: files, directories, links. The real ones, or a test's own.

import type { FileType } from "../../ffi/mod.ts";

/** Characters of a text: UTF-8, or one byte each as drives write their strings. */
export type Encoding = "utf-8" | "latin1";

/** What a path leads to, symbolic links followed. */
export interface FileFacts {
  readonly type: FileType;
  /** `major:minor` of a device node, as sysfs writes it; undefined for anything else. */
  readonly device: string | undefined;
  /** `major:minor` of the file system that it lies on. */
  readonly on: string;
  /** Permission bits: `0o660`. */
  readonly permissions: number;
  readonly userId: number;
  readonly groupId: number;
}

/**
 * A machine's files, for reading. Nothing here throws for a file that is missing or may not be
 * read: sysfs differs between kernels, containers show parts of it, and users are not always root.
 */
export interface HostView {
  /** The whole text of a file; UTF-8 unless told, and never a byte lost as `latin1`. */
  readText(path: string, encoding?: Encoding): string | undefined;
  /** The names in a directory in no certain order; none where it cannot be listed. */
  readDir(path: string): readonly string[];
  /** What a symbolic link says. */
  readLink(path: string): string | undefined;
  /** The absolute path without symbolic links. */
  realPath(path: string): string | undefined;
  /** What a path leads to; undefined also where this user may not look. */
  stat(path: string): FileFacts | undefined;
  /**
   * `major:minor` of the block device that a loop device such as `loop0` stands on, as the kernel
   * has it open; `0:0` where that is a file. Undefined where the kernel cannot be asked.
   */
  loopBacking?(name: string): string | undefined;
}
