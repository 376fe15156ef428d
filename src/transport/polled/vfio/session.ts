// What an open function is made of, whichever of VFIO's two interfaces opened it.

import { ERRNO } from "../../../../ffi/errno.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import { DeadlineError } from "../../../errors.ts";
import { type PollClock, until } from "../poll_clock.ts";
import type { IovaLimits } from "./iova.ts";
import type { Holder, KernelFile, KernelMemory, VfioKernel } from "./kernel.ts";

/** Memory as the drive sees it. */
export interface Mapped {
  readonly iova: bigint;
  readonly bytes: number;
}

/** The addresses of one drive, in the IOMMU. */
export interface AddressSpace {
  readonly limits: IovaLimits;
  /** Lets the drive read and write memory at an address. Throws UnreachableError. */
  map(memory: KernelMemory, where: Mapped): void;
  /** Takes memory away from the drive. Throws UnreachableError unless all of it was there. */
  unmap(where: Mapped): void;
}

/** An open function. Disposing of it closes everything. */
export interface Session extends Disposable {
  readonly device: KernelFile;
  readonly space: AddressSpace;
}

/** Who opens a function, and with what. */
export interface Opening {
  readonly kernel: VfioKernel;
  readonly bdf: string;
  readonly clock: PollClock;
  readonly signal: AbortSignal | undefined;
  /** How long a node may take to appear. */
  readonly nodeLimitMs: number;
  /** The processes that have a file open. */
  holders(path: string): readonly Holder[];
}

/** A device that was bound just now may not have its node yet, or not be registered yet. */
const NOT_YET: ReadonlySet<number> = new Set([ERRNO.ENOENT, ERRNO.ENODEV, ERRNO.ENXIO]);

/** Does something that works once a device is all there, as soon as it is. Throws SysError. */
export async function onceThere<T>(opening: Opening, act: () => T): Promise<T> {
  const { clock, signal, nodeLimitMs } = opening;
  const done: T[] = [];
  let missing: SysError | undefined;
  const attempt = (): boolean => {
    try {
      done.push(act());
    } catch (error) {
      if (!(error instanceof SysError) || !NOT_YET.has(error.errno)) throw error;
      missing = error;
    }
    return done.length > 0;
  };
  try {
    await until(attempt, { clock, signal, limitMs: nodeLimitMs, what: "a device node" });
  } catch (error) {
    if (error instanceof DeadlineError && missing !== undefined) throw missing;
    throw error;
  }
  const [first] = done;
  return first as T;
}
