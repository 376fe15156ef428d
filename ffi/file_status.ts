// What a file is: a regular file, a device and its numbers, a directory.

import { at, reserved, struct, u16, u32, u64 } from "../src/layout/mod.ts";
import { ERRNO } from "./errno.ts";
import { checked, libc } from "./libc.ts";
import { SysError } from "./sys_error.ts";

/** A device number, as `ls -l` and /proc/devices write it. */
export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** The kinds of file that the kernel knows. */
export type FileType =
  | "regular"
  | "directory"
  | "character"
  | "block"
  | "fifo"
  | "socket"
  | "symlink"
  | "unknown";

/** What the kernel says of a file. */
export interface FileStatus {
  readonly type: FileType;
  /** The device that a device node stands for; 0:0 for other files. */
  readonly device: DeviceNumber;
  /** The device that the file itself lies on. */
  readonly on: DeviceNumber;
  /** Bytes in a regular file; 0 for a device, whose size is asked with an ioctl. */
  readonly size: bigint;
  /** Permission bits: `0o600`. */
  readonly permissions: number;
  readonly inode: bigint;
}

/** struct statx: one layout on all processors, which struct stat is not. */
export const Statx = struct("struct statx", 256, "[UAPI-6.1 §linux/stat.h]", [
  at(0, 3, "mask", u32, "Fields given"),
  at(4, 7, "blockBytes", u32, "Preferred I/O size"),
  at(8, 15, "attributes", u64, "Attributes"),
  at(16, 19, "links", u32, "Hard links"),
  at(20, 23, "userId", u32, "Owner"),
  at(24, 27, "groupId", u32, "Group"),
  at(28, 29, "mode", u16, "Type and permissions"),
  reserved(30, 31),
  at(32, 39, "inode", u64, "Inode"),
  at(40, 47, "size", u64, "Size"),
  at(48, 55, "blocks", u64, "512-byte blocks held"),
  at(56, 63, "attributesMask", u64, "Attributes supported"),
  reserved(64, 127), // access, birth, change and modification time: not needed here
  at(128, 131, "deviceMajor", u32, "Major number of the device it stands for"),
  at(132, 135, "deviceMinor", u32, "Minor number of the device it stands for"),
  at(136, 139, "onMajor", u32, "Major number of the device it lies on"),
  at(140, 143, "onMinor", u32, "Minor number of the device it lies on"),
  reserved(144, 255),
]);

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;

const TYPE_MASK = 0o170000;
const TYPES: ReadonlyMap<number, FileType> = new Map([
  [0o010000, "fifo"],
  [0o020000, "character"],
  [0o040000, "directory"],
  [0o060000, "block"],
  [0o100000, "regular"],
  [0o120000, "symlink"],
  [0o140000, "socket"],
]);

/** Asks what a path leads to, without opening it. Symbolic links are followed unless told. */
export function statusOfPath(
  path: string,
  options: { readonly follow?: boolean } = {},
): FileStatus {
  const flags = options.follow === false ? AT_SYMLINK_NOFOLLOW : 0;
  return status(AT_FDCWD, path, flags, path);
}

/** Asks what an open file is; `target` names it in an error. */
export function statusOfDescriptor(fd: number, target = `file descriptor ${fd}`): FileStatus {
  return status(fd, "", AT_EMPTY_PATH, target);
}

/** A path as the C library wants it. Throws SysError for a path that holds a NUL. */
export function pathBytes(path: string): Uint8Array<ArrayBuffer> {
  if (path.includes("\0")) throw new SysError(`use path ${JSON.stringify(path)}`, ERRNO.EINVAL);
  return new TextEncoder().encode(`${path}\0`);
}

function status(directory: number, path: string, flags: number, target: string): FileStatus {
  const into = new Uint8Array(Statx.size);
  const name = pathBytes(path);
  checked(
    libc().statx(directory, name, flags, STATX_BASIC_STATS, into),
    () => `look at ${target}`,
  );
  const found = Statx.decode(into);
  return {
    type: TYPES.get(found.mode & TYPE_MASK) ?? "unknown",
    device: { major: found.deviceMajor, minor: found.deviceMinor },
    on: { major: found.onMajor, minor: found.onMinor },
    size: found.size,
    permissions: found.mode & 0o7777,
    inode: found.inode,
  };
}
