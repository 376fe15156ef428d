// How tests open a function: a clock of their own, nobody who holds anything.

import type { VfioOptions } from "../../../../src/transport/polled/vfio/open.ts";
import type { VfioKernel } from "../../../../src/transport/polled/vfio/kernel.ts";

/** Options with a clock that only pauses move. */
export function optionsOf(
  kernel: VfioKernel,
  options: Partial<VfioOptions> = {},
): VfioOptions {
  let now = 0;
  return {
    kernel,
    holders: () => [],
    clock: {
      now: () => now,
      react: () => Promise.resolve(),
      pause: (ms) => {
        now += Math.max(ms, 0.1);
        return Promise.resolve();
      },
    },
    ...options,
  };
}
