// An NVM Subsystem Reset by the NSSR register: all controllers of the drive start anew.

import { UnsupportedError } from "../../errors.ts";
import { NSSR_RESET, REGISTER_GONE, REGISTERS } from "../../spec/registers.ts";
import { switchOnMemory } from "./command_register.ts";
import type { PolledController } from "./controller.ts";
import { until } from "./poll_clock.ts";

/** What a link needs to come back: 100 ms after a reset at the least [PCI-5.0 §6.6.1]. */
const LINK_DOWN_MS = 200;

/**
 * Writes "NVMe" to NSSR and waits until the controller answers again [BASE-2.1 §3.7.1]. The link
 * may go down with it, so the function's configuration is restored where that can be done.
 *
 * @throws {UnsupportedError} where CAP.NSSRS says that there is none
 * @throws {DeadlineError} where the controller does not answer any more
 */
export async function resetSubsystem({ backing, registers, clock, options }: PolledController) {
  if (!registers.cap.nssrs) {
    throw new UnsupportedError(
      `Cannot reset the NVM subsystem at ${backing.target}: it has no such reset (CAP.NSSRS)`,
      { next: "nvmectl reset resets the controller alone" },
    );
  }
  const { bar0 } = registers;
  bar0.write32(REGISTERS.NSSR.offset, NSSR_RESET);
  // Its configuration space may begin anew as well, and then nothing of it can be read.
  await clock.pause(LINK_DOWN_MS);
  backing.reset?.();
  switchOnMemory(backing);
  await until(() => bar0.read32(REGISTERS.CSTS.offset) !== REGISTER_GONE, {
    clock,
    signal: options.signal,
    limitMs: registers.readyLimitMs(),
    what: `${backing.target} to answer after a reset of its NVM subsystem`,
  });
}
