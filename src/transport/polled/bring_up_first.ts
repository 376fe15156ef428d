// Brings up a controller of which nobody knows what it was doing.

import { DeadlineError, UnreachableError } from "../../errors.ts";
import { REGISTER_GONE, REGISTERS } from "../../spec/registers.ts";
import type { Backing } from "./backing.ts";
import { bringUp, type BringUpOptions, type BroughtUp, FatalStatusError } from "./bring_up.ts";

/**
 * As `bringUp`; where the controller does not come up, the function is reset, and it has one more
 * chance. For a drive of which nobody knows what it was doing.
 */
export async function bringUpFirst(
  backing: Backing,
  options: BringUpOptions,
): Promise<BroughtUp> {
  try {
    return await bringUp(backing, options);
  } catch (error) {
    const { signal } = options;
    if (backing.reset === undefined || signal?.aborted || !needsReset(backing, error)) throw error;
    try {
      backing.reset();
      return await bringUp(backing, options);
    } catch (again) {
      if (again instanceof UnreachableError) {
        again.message += "; before that the function was reset, which did not help";
      }
      throw again;
    }
  }
}

/** Whether a reset may help: not against a lack of memory, nor where nobody is on the bus. */
function needsReset({ bar0, config }: Backing, error: unknown): boolean {
  if (!(error instanceof UnreachableError)) return false;
  const silent = bar0.read32(REGISTERS.CSTS.offset) === REGISTER_GONE;
  if (!silent && !(error instanceof DeadlineError || error instanceof FatalStatusError)) {
    return false;
  }
  return config.read(0, 2) !== 0xffff;
}
