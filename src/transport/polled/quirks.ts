// Controllers that need more patience than the specification asks for, by vendor and device.

import type { ConfigSpace } from "./backing.ts";

/** What a controller needs. */
export interface Quirks {
  /** To be left alone for so long after it was disabled, before its CSTS is looked at. */
  readonly disabledPauseMs?: number;
  /** Never says that its shutdown is complete: the wait for that is no longer than this. */
  readonly shutdownLimitMs?: number;
}

const NONE: Quirks = {};
/** What Linux and SPDK give those that stop answering when CSTS is read too early. */
const DISABLED_PAUSE_MS = 2300;

/** By vendor and device identifier, as lspci writes them. */
const TABLE: Readonly<Record<string, Quirks>> = {
  // Memblaze PBlaze4
  "1c5f:0540": { disabledPauseMs: DISABLED_PAUSE_MS },
  // Samsung PM1725 and PM1725a
  "144d:a821": { disabledPauseMs: DISABLED_PAUSE_MS },
  "144d:a822": { disabledPauseMs: DISABLED_PAUSE_MS },
  // VMware's virtual drive
  "15ad:07f0": { shutdownLimitMs: 1000 },
};

/** What is known of the function behind this configuration space. */
export function quirksOf(config: ConfigSpace): Quirks {
  const part = (offset: number): string => config.read(offset, 2).toString(16).padStart(4, "0");
  return TABLE[`${part(0)}:${part(2)}`] ?? NONE;
}
