// Get LBA Status: which blocks are asked about. What it answers stands in ../lba_status.ts.

import { at, range, struct, u32, u64 } from "../../layout/mod.ts";
import { LBA_STATUS_ACTION_NAMES } from "../lba_status.ts";
import { bits32 } from "../words.ts";

/** What is looked for, by ATYPE [NVM-1.1 §4.2.1]. */
export const LBA_STATUS_ACTION = { allocated: 0x02, scan: 0x10, tracked: 0x11 } as const;
/** Command dwords 10 to 13 of Get LBA Status. */
export const LbaStatusDwords = struct("Get LBA Status command dwords", 16, "[NVM-1.1 §4.2.1]", [
  at(0, 7, "slba", u64, "First block"),
  at(8, 11, "mndw", u32, "Most dwords to transfer, 0's based"),
  at(
    12,
    15,
    "cdw13",
    bits32({
      rl: range(15, 0, "blocks, 0 for all"),
      atype: range(31, 24, "action", { names: LBA_STATUS_ACTION_NAMES }),
    }),
    "Command dword 13",
  ),
]);

/** Decoded dwords of Get LBA Status. */
export type LbaStatusDwords = ReturnType<typeof LbaStatusDwords.decode>;
