// A virtual drive as a polled driver's Backing: the driver cannot tell it from one behind VFIO.

import type { Backing } from "../../../transport/polled/backing.ts";
import type { VirtualController } from "../../controller.ts";
import type { VirtualDrive } from "../../drive.ts";
import { RegisterFace, type RegisterFaceOptions } from "./face.ts";

/** How a virtual drive is put on the bus. */
export interface RegisterBackingOptions extends RegisterFaceOptions {
  /** The controller that is the function; the first when left out. */
  readonly controller?: VirtualController;
}

/** What a virtual drive has besides: nobody but the host makes it look at its clock. */
export interface VirtualBacking extends Backing {
  /** Lets everything happen that should have happened by now. */
  settle(): void;
  reset(): void;
}

/**
 * Puts a controller of a virtual drive on a bus of its own. The drive works while a register is
 * being written, and when its timers say so.
 *
 * @param target the drive's name for people: `virtual:`
 */
export function registerBacking(
  drive: VirtualDrive,
  target: string,
  options: RegisterBackingOptions = {},
): VirtualBacking {
  const face = new RegisterFace(options.controller ?? drive.first, options);
  const close = (): void => face.close();
  return {
    target,
    config: face.config,
    bar0: {
      length: face.layout.length,
      read32: (offset) => face.read32(offset),
      read64: (offset) => face.read64(offset),
      write32: (offset, value) => face.write32(offset, value),
      write64: (offset, value) => face.write64(offset, value),
    },
    dma: face.memory,
    settle() {
      drive.settle();
      face.settle();
    },
    reset: () => face.reset(),
    close,
    [Symbol.dispose]: close,
  };
}
