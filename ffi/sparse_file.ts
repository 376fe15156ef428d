// Files with holes, and files that one process at a time may use.

import { ERRNO } from "./errno.ts";
import type { FileDescriptor } from "./file.ts";
import { checked, errnoOf, libc } from "./libc.ts";
import { SysError } from "./sys_error.ts";

/** [UAPI-6.1 §linux/fs.h] */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
/** FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE [UAPI-6.1 §linux/falloc.h]. */
const PUNCH_HOLE = 0x01 | 0x02;
/** LOCK_EX and LOCK_NB [glibc flock(2)]. */
const LOCK_EXCLUSIVE_NOW = 2 | 4;

/** A stretch of a file: bytes from `start` to before `end`. */
export interface Extent {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The first stretch of a file that is no hole and lies at `offset` or behind it; undefined where
 * only holes follow. A file system that does not tell holes apart has one stretch up to the end.
 */
export function nextData(file: FileDescriptor, offset: bigint): Extent | undefined {
  const { size } = file.status();
  if (offset >= size) return undefined;
  const start = seek(file, offset, SEEK_DATA, offset);
  if (start === undefined) return undefined;
  const end = seek(file, start, SEEK_HOLE, size);
  return { start, end: end ?? size };
}

/**
 * Gives the room of a stretch back; it reads as zeros afterwards, and the file is as long as it
 * was. False where the file system cannot do that: nothing has happened then.
 */
export function punchHole(file: FileDescriptor, { start, end }: Extent): boolean {
  const fd = file.number;
  const result = libc().fallocate(fd, PUNCH_HOLE, start, end - start);
  const errno = errnoOf(result);
  if (result >= 0) return true;
  if (errno === ERRNO.EOPNOTSUPP || errno === ERRNO.ENOSYS) return false;
  throw new SysError(`give back ${end - start} bytes of ${file.path}`, errno);
}

/** Waits until what was written is on the disk; of a directory, its names. */
export function syncFile(file: FileDescriptor): void {
  const fd = file.number;
  checked(libc().fsync(fd), () => `write ${file.path} to the disk`);
}

/**
 * Locks a file for this open file alone, without waiting; false where another one has it. The lock
 * ends when the file is closed, however the process ends.
 */
export function tryLock(file: FileDescriptor): boolean {
  const fd = file.number;
  const result = libc().flock(fd, LOCK_EXCLUSIVE_NOW);
  const errno = errnoOf(result);
  if (result >= 0) return true;
  if (errno === ERRNO.EAGAIN) return false;
  throw new SysError(`lock ${file.path}`, errno);
}

/** Where data or a hole begins; undefined behind the last, `otherwise` where nobody can tell. */
function seek(
  file: FileDescriptor,
  offset: bigint,
  whence: number,
  otherwise: bigint,
): bigint | undefined {
  const fd = file.number;
  const result = libc().lseek(fd, offset, whence);
  const errno = errnoOf(result);
  if (result >= 0) return BigInt(result);
  if (errno === ERRNO.ENXIO) return undefined;
  if (errno === ERRNO.EINVAL) return otherwise;
  throw new SysError(`find the holes of ${file.path}`, errno);
}
