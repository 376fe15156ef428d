// The controller's registers behind base address register 0, for whoever wants to look.

import type { RegisterAccess } from "../transport.ts";
import type { Backing, RegisterSpace } from "./backing.ts";

/** The Command register and its Memory Space Enable [PCI-5.0 §7.5.1.1.3]. */
const COMMAND_AT = 0x04;
const MEMORY = 0x0002;
const GONE = 0xffff;

/** Lets the function answer behind its base addresses, and nothing else; as it is if it does. */
export function answerRegisters({ config }: Pick<Backing, "config">): void {
  const command = config.read(COMMAND_AT, 2);
  if ((command & MEMORY) === 0 && command !== GONE) config.write(COMMAND_AT, 2, command | MEMORY);
}

/** Reads in dwords, the low one first, which every controller takes [PCIE-1.1 §3.1.1]. */
export function registerAccess(bar0: RegisterSpace): RegisterAccess {
  return {
    model: "memory",
    // Async, so that a register space that throws is a rejection.
    // deno-lint-ignore require-await
    async read(offset, width) {
      if (offset < 0 || offset % 4 !== 0 || offset + width > bar0.length) return undefined;
      const low = BigInt(bar0.read32(offset));
      return width === 4 ? low : low | BigInt(bar0.read32(offset + 4)) << 32n;
    },
  };
}
