// Files through libc: device nodes, and the contents of /proc and /sys, which Deno's own calls
// refuse to read or write unless every permission is given.

import { ERRNO } from "./errno.ts";
import { type FileStatus, pathBytes, statusOfDescriptor } from "./file_status.ts";
import { ioctl, type IoctlArgument, type IoctlOutcome, tryIoctl } from "./ioctl.ts";
import { checked, errnoOf, libc } from "./libc.ts";
import { O_CLOEXEC, O_RDONLY, O_WRONLY } from "./open_flags.ts";
import { SysError } from "./sys_error.ts";

const F_DUPFD_CLOEXEC = 1030;
const READ_CHUNK_BYTES = 64 * 1024;
const TEXT_MAX_BYTES = 16 * 1024 * 1024;

/** An open file, closed when disposed of. Its number is refused afterwards, never reused. */
export class FileDescriptor implements Disposable {
  #number: number | undefined;

  /** Takes over a descriptor that the kernel returned; `path` names it in errors. */
  constructor(number: number, readonly path: string) {
    this.#number = number;
  }

  /**
   * Opens a file with O_* flags; O_CLOEXEC is added. `mode` counts when O_CREAT makes the file.
   *
   * Throws SysError; its `code` says why.
   */
  static open(path: string, flags: number, mode = 0o600): FileDescriptor {
    const name = pathBytes(path);
    const number = repeated(
      () => libc().open(name, flags | O_CLOEXEC, mode),
      () => `open ${path}`,
    );
    return new FileDescriptor(number, path);
  }

  /** The kernel's number for it. Throws SysError EBADF after disposal. */
  get number(): number {
    if (this.#number === undefined) throw new SysError(`use ${this.path} once closed`, ERRNO.EBADF);
    return this.#number;
  }

  /** Reads on from the current position; 0 at the end. May read less than asked. */
  read(into: Uint8Array<ArrayBuffer>): number {
    const fd = this.number;
    const length = BigInt(into.length);
    return repeated(() => libc().read(fd, into, length), () => `read ${this.path}`);
  }

  /** Reads at a byte position; 0 at the end. May read less than asked. */
  pread(into: Uint8Array<ArrayBuffer>, offset: bigint): number {
    const fd = this.number;
    const length = BigInt(into.length);
    return repeated(
      () => libc().pread(fd, into, length, offset),
      () => `read ${this.path} at byte ${offset}`,
    );
  }

  /** Writes at the current position. May write less than asked. */
  write(from: Uint8Array<ArrayBuffer>): number {
    const fd = this.number;
    const length = BigInt(from.length);
    return repeated(() => libc().write(fd, from, length), () => `write ${this.path}`);
  }

  /** Writes at a byte position. May write less than asked. */
  pwrite(from: Uint8Array<ArrayBuffer>, offset: bigint): number {
    const fd = this.number;
    const length = BigInt(from.length);
    return repeated(
      () => libc().pwrite(fd, from, length, offset),
      () => `write ${this.path} at byte ${offset}`,
    );
  }

  /** Sends an ioctl and returns its result of 0 or more; see `ioctl()`. */
  ioctl(request: number, argument: IoctlArgument = 0n): number {
    return ioctl(this.number, request, argument, this.path);
  }

  /** Sends an ioctl and says how it went; see `tryIoctl()`. */
  tryIoctl(request: number, argument: IoctlArgument = 0n): IoctlOutcome {
    return tryIoctl(this.number, request, argument);
  }

  /** What kind of file it is, and which device. */
  status(): FileStatus {
    return statusOfDescriptor(this.number, this.path);
  }

  /** A second descriptor of the same open file, which lives on its own. */
  duplicate(): FileDescriptor {
    const fd = this.number;
    const number = checked(
      libc().fcntl(fd, F_DUPFD_CLOEXEC, 0n),
      () => `duplicate the descriptor of ${this.path}`,
    );
    return new FileDescriptor(number, this.path);
  }

  /** Closes the file, once. Errors are not reported: Linux has closed it whatever it says. */
  [Symbol.dispose](): void {
    if (this.#number === undefined) return;
    libc().close(this.#number);
    this.#number = undefined;
  }
}

/**
 * The whole content of a file, read to its end: for /proc and /sys, whose files say no size.
 *
 * Throws SysError: EFBIG where the file is longer than `maxBytes` (16 MiB unless given).
 */
export function readBytes(path: string, maxBytes = TEXT_MAX_BYTES): Uint8Array<ArrayBuffer> {
  using file = FileDescriptor.open(path, O_RDONLY);
  const chunk = new Uint8Array(READ_CHUNK_BYTES);
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total <= maxBytes) {
    const count = file.read(chunk);
    if (count === 0) return join(parts, total);
    parts.push(chunk.slice(0, count));
    total += count;
  }
  throw new SysError(`read ${path} beyond ${maxBytes} bytes`, ERRNO.EFBIG);
}

/** The whole content of a text file, as `readBytes()`; what is not UTF-8 becomes U+FFFD. */
export function readText(path: string, maxBytes = TEXT_MAX_BYTES): string {
  return new TextDecoder().decode(readBytes(path, maxBytes));
}

/**
 * Writes a text to a file of /sys or /proc in one call, as their files require.
 *
 * Nothing is created or truncated. Throws SysError: what the driver behind the file says, or EIO
 * where it took a part only.
 */
export function writeText(path: string, text: string): void {
  using file = FileDescriptor.open(path, O_WRONLY);
  const bytes = new TextEncoder().encode(text);
  const count = file.write(bytes);
  if (count !== bytes.length) {
    throw new SysError(`write ${path} beyond ${count} of ${bytes.length} bytes`, ERRNO.EIO);
  }
}

/** Makes a call again as long as a signal interrupts it before it has done anything. */
function repeated(call: () => number | bigint, operation: () => string): number {
  let result: number | bigint;
  let errno: number;
  do {
    result = call();
    errno = errnoOf(result);
  } while (errno === ERRNO.EINTR);
  if (result < 0) throw new SysError(operation(), errno);
  return Number(result);
}

function join(parts: readonly Uint8Array[], total: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
