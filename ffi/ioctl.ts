// ioctl: request numbers by the kernel's rule, and the call itself.

import { checked, errnoOf, libc } from "./libc.ts";

// A request is direction(2) | size(14) | type(8) | number(8) [UAPI-6.1 §asm-generic/ioctl.h].
// Directions are the program's view; x86-64 and aarch64 both use the generic encoding.
const NONE = 0;
const WRITE = 1;
const READ = 2;
const SIZE_MAX = 2 ** 14 - 1;

/** A request without an argument. `type` is the driver's letter or byte. */
export function _IO(type: string | number, number: number): number {
  return encode(NONE, type, number, 0);
}

/** A request whose argument of `size` bytes the kernel fills. */
export function _IOR(type: string | number, number: number, size: number): number {
  return encode(READ, type, number, size);
}

/** A request whose argument of `size` bytes the kernel reads. */
export function _IOW(type: string | number, number: number, size: number): number {
  return encode(WRITE, type, number, size);
}

/** A request whose argument of `size` bytes the kernel reads and changes. */
export function _IOWR(type: string | number, number: number, size: number): number {
  return encode(READ | WRITE, type, number, size);
}

/** The NVMe driver's requests, on controller and namespace nodes [UAPI-6.1 §linux/nvme_ioctl.h]. */
export const NVME_IOCTL = {
  /** Answers with the namespace identifier; namespace nodes only. */
  ID: _IO("N", 0x40),
  ADMIN_CMD: _IOWR("N", 0x41, 72),
  /** The read/write request of old; a namespace node only. */
  SUBMIT_IO: _IOW("N", 0x42, 48),
  IO_CMD: _IOWR("N", 0x43, 72),
  RESET: _IO("N", 0x44),
  SUBSYS_RESET: _IO("N", 0x45),
  RESCAN: _IO("N", 0x46),
  ADMIN64_CMD: _IOWR("N", 0x47, 80),
  IO64_CMD: _IOWR("N", 0x48, 80),
  IO64_CMD_VEC: _IOWR("N", 0x49, 80),
} as const;

/** Requests of every block device [UAPI-6.1 §linux/fs.h]. */
export const BLOCK_IOCTL = {
  /** An int: not zero if the device is read-only. */
  BLKROGET: _IO(0x12, 94),
  /** Reads the partition table again; EBUSY while a partition is in use. */
  BLKRRPART: _IO(0x12, 95),
  /** Writes the device's cached blocks and forgets them. */
  BLKFLSBUF: _IO(0x12, 97),
  /** An int: bytes per logical block. */
  BLKSSZGET: _IO(0x12, 104),
  /** A u64: bytes of the device. */
  BLKGETSIZE64: _IOR(0x12, 114, 8),
  /** An unsigned int: bytes per physical block. */
  BLKPBSZGET: _IO(0x12, 123),
} as const;

/** The address or integer that an ioctl passes on, or memory of ours for the length of the call. */
export type IoctlArgument = bigint | Uint8Array<ArrayBuffer>;

/** What an ioctl answered: a result of 0 or more and no errno, or -1 and why. */
export interface IoctlOutcome {
  readonly result: number;
  /** The error number; 0 when the call succeeded. */
  readonly errno: number;
}

/**
 * Calls ioctl once and says how it went, without throwing for what the kernel refuses.
 *
 * Never repeated for EINTR: whether the drive has already acted is not known, so the caller
 * decides. Blocks this thread until the kernel answers; see `slowIoctl()` for long requests.
 */
export function tryIoctl(fd: number, request: number, argument: IoctlArgument = 0n): IoctlOutcome {
  const result = typeof argument === "bigint"
    ? libc().ioctl(fd, request, argument)
    : libc().ioctlBuffer(fd, request, argument);
  const errno = errnoOf(result);
  return { result, errno };
}

/**
 * Calls ioctl once and returns its result of 0 or more; an NVMe status is such a result.
 *
 * `target` names the file in the SysError that is thrown when the kernel refuses.
 */
export function ioctl(
  fd: number,
  request: number,
  argument: IoctlArgument = 0n,
  target = `file descriptor ${fd}`,
): number {
  const operation = () => `send ${ioctlName(request)} to ${target}`;
  return typeof argument === "bigint"
    ? checked(libc().ioctl(fd, request, argument), operation)
    : checked(libc().ioctlBuffer(fd, request, argument), operation);
}

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(NVME_IOCTL).map(([name, code]) => [code, `NVME_IOCTL_${name}`] as const),
  ...Object.entries(BLOCK_IOCTL).map(([name, code]) => [code, name] as const),
]);

/** The name of a request in the kernel's headers, or its number in hexadecimal. */
export function ioctlName(request: number): string {
  return NAMES.get(request) ?? `ioctl 0x${request.toString(16)}`;
}

function encode(direction: number, type: string | number, number: number, size: number): number {
  const byte = typeof type === "string" ? type.charCodeAt(0) : type;
  if (size > SIZE_MAX) {
    throw new RangeError(`Cannot encode an ioctl: argument of ${size} bytes, need <= ${SIZE_MAX}`);
  }
  // Unsigned at the end: bit 31 is the read direction.
  return ((direction << 30) | (size << 16) | (byte << 8) | number) >>> 0;
}
