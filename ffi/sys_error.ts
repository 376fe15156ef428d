// What goes wrong below the transports: a refused system call, or a system that cannot be used.

import { errnoName, errnoText } from "./errno.ts";

/** A system call that the kernel refused. */
export class SysError extends Error {
  override readonly name = "SysError";
  /** The symbolic error: `EACCES`, or `errno 512` where it has no name here. */
  readonly code: string;

  /**
   * @param operation What was tried, worded to stand after "Cannot": `open /dev/nvme0`.
   * @param errno The positive error number.
   */
  constructor(readonly operation: string, readonly errno: number, options?: ErrorOptions) {
    const code = errnoName(errno);
    super(`Cannot ${operation}: ${errnoText(errno)} (${code})`, options);
    this.code = code;
  }
}

/** The machine is not one on which system calls can be made: not Linux, or not glibc. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
}
