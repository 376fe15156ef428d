// The registers of a drive that is reached by the direct face, for who reads them.

import { CC, CSTS, REGISTERS } from "../../spec/registers.ts";
import type { RegisterAccess } from "../../transport/transport.ts";
import type { VirtualController } from "../controller.ts";
import type { OwnRegisters } from "../registers.ts";

/** Entries of 64 and 16 bytes, as ever [BASE-2.1 §3.1.4.5, Fig. 41]. */
const ENABLED = CC.compose({ en: true, iosqes: 6, iocqes: 4 });
const READY = CSTS.compose({ rdy: true });

/** Reads the controller's registers, as a host's driver has them. */
export function registersOf(controller: VirtualController): RegisterAccess {
  return {
    model: "memory",
    read: (offset, width) =>
      Promise.resolve(controller.registers.read(offset, width, enabledBy(controller))),
  };
}

/**
 * What stands in CC and CSTS where no host with registers has enabled the controller: this face is
 * a host and its driver, and the controller does process its commands.
 */
function enabledBy({ registers }: VirtualController): OwnRegisters | undefined {
  if (registers.enabled) return undefined;
  return {
    read(offset, value) {
      if (offset === REGISTERS.CC.offset) return ENABLED;
      return offset === REGISTERS.CSTS.offset ? value | READY : value;
    },
    write: () => false,
  };
}
