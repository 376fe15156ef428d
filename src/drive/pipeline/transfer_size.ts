// The largest data transfer that the controller takes in one command.

import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { refuse } from "../refusal.ts";

/** The smallest memory page, which MDTS counts in: CAP.MPSMIN is zero. */
const PAGE_BYTES = 4096;

/** Refuses more data than MDTS allows [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export function checkTransferSize(
  { personality: { limits } }: Pick<Machine, "personality">,
  bytes: number,
  location: number,
): void {
  if (limits.mdts !== 0 && bytes > PAGE_BYTES * 2 ** limits.mdts) {
    refuse(GENERIC.invalidField, { location });
  }
}
