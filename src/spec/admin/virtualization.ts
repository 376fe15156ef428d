// Virtualization Management: queues and interrupt vectors go from a primary controller to its
// secondary ones.

import { at, type Names, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** What is done, by ACT [BASE-2.1 §5.2.6, Fig. 489]. */
export const VIRTUALIZATION_ACTION = {
  primaryAllocate: 1,
  secondaryOffline: 7,
  secondaryAssign: 8,
  secondaryOnline: 9,
} as const;
const ACTION_NAMES: Names = {
  [VIRTUALIZATION_ACTION.primaryAllocate]: "allocate to the primary controller",
  [VIRTUALIZATION_ACTION.secondaryOffline]: "secondary controller offline",
  [VIRTUALIZATION_ACTION.secondaryAssign]: "assign to a secondary controller",
  [VIRTUALIZATION_ACTION.secondaryOnline]: "secondary controller online",
};

/** Of what, by RT [BASE-2.1 §5.2.6, Fig. 489]. */
export const VIRTUAL_RESOURCE = { queues: 0, interrupts: 1 } as const;
const RESOURCE_NAMES: Names = {
  [VIRTUAL_RESOURCE.queues]: "queues",
  [VIRTUAL_RESOURCE.interrupts]: "interrupt vectors",
};

/** Virtualization Management. */
export const VirtualizationDwords = struct(
  "Virtualization Management command dwords",
  8,
  "[BASE-2.1 §5.2.6, Fig. 489]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        act: range(3, 0, "action", { names: ACTION_NAMES }),
        rt: range(10, 8, "resource", { names: RESOURCE_NAMES }),
        cntlid: range(31, 16, "controller"),
      }),
      "Command dword 10",
    ),
    at(4, 7, "cdw11", bits32({ nr: range(15, 0, "resources") }), "Command dword 11"),
  ],
);

/** Decoded dwords of Virtualization Management. */
export type VirtualizationDwords = ReturnType<typeof VirtualizationDwords.decode>;

/** Dword 0 of the completion. */
export const VirtualizationResult = struct(
  "Virtualization Management, completion dword 0",
  4,
  "[BASE-2.1 §5.2.6, Fig. 492]",
  [at(0, 3, "dw0", bits32({ nrm: range(15, 0, "resources modified") }), "Completion dword 0")],
);

/** Decoded dword 0 of the completion. */
export type VirtualizationResult = ReturnType<typeof VirtualizationResult.decode>;
