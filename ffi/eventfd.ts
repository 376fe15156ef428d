// eventfd: a counter of the kernel that a driver raises when something happened.

import { ERRNO } from "./errno.ts";
import { FileDescriptor } from "./file.ts";
import { checked, libc } from "./libc.ts";
import { O_CLOEXEC, O_NONBLOCK } from "./open_flags.ts";
import { SysError } from "./sys_error.ts";

const COUNTER_BYTES = 8;

/** An eventfd that never blocks [glibc eventfd(2)]. Closed when disposed of. */
export class EventFd implements Disposable {
  readonly #file: FileDescriptor;

  /** Makes one with its counter at 0. Throws SysError. */
  constructor() {
    // EFD_CLOEXEC and EFD_NONBLOCK are the numbers of the flags of open(2).
    const number = checked(
      libc().eventfd(0, O_CLOEXEC | O_NONBLOCK),
      () => "make an eventfd",
    );
    this.#file = new FileDescriptor(number, "eventfd");
  }

  /** The kernel's number for it, to give to a driver. Throws SysError EBADF after disposal. */
  get number(): number {
    return this.#file.number;
  }

  /** Whether it was raised since the last call. */
  take(): boolean {
    try {
      this.#file.read(new Uint8Array(COUNTER_BYTES));
      return true;
    } catch (error) {
      if (error instanceof SysError && error.errno === ERRNO.EAGAIN) return false;
      throw error;
    }
  }

  /** Raises it, as a driver does. */
  raise(): void {
    const one = new Uint8Array(COUNTER_BYTES);
    one[0] = 1;
    this.#file.write(one);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
