// Capacity Management: endurance groups and NVM sets are made and deleted.

import { at, type Names, range, struct, u64 } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** What is done, by OPER [BASE-2.1 §5.1.3, Fig. 156]. */
export const CAPACITY_OPERATION = {
  selectConfiguration: 0,
  createEnduranceGroup: 1,
  deleteEnduranceGroup: 2,
  createNvmSet: 3,
  deleteNvmSet: 4,
} as const;
const OPERATION_NAMES: Names = {
  [CAPACITY_OPERATION.selectConfiguration]: "select configuration",
  [CAPACITY_OPERATION.createEnduranceGroup]: "create endurance group",
  [CAPACITY_OPERATION.deleteEnduranceGroup]: "delete endurance group",
  [CAPACITY_OPERATION.createNvmSet]: "create NVM set",
  [CAPACITY_OPERATION.deleteNvmSet]: "delete NVM set",
};

/** Command dwords 10 to 12 of Capacity Management. */
export const CapacityDwords = struct(
  "Capacity Management command dwords",
  12,
  "[BASE-2.1 §5.1.3, Fig. 156]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        oper: range(3, 0, "operation", { names: OPERATION_NAMES }),
        elid: range(31, 16, "element"),
      }),
      "Command dword 10",
    ),
    at(4, 11, "cap", u64, "Capacity, bytes"),
  ],
);

/** Decoded dwords of Capacity Management. */
export type CapacityDwords = ReturnType<typeof CapacityDwords.decode>;

/** Dword 0 of the completion of a create. */
export const CapacityResult = struct(
  "Capacity Management, completion dword 0",
  4,
  "[BASE-2.1 §5.1.3, Fig. 160]",
  [at(0, 3, "dw0", bits32({ celid: range(15, 0, "created element") }), "Completion dword 0")],
);

/** Decoded dword 0 of the completion of a create. */
export type CapacityResult = ReturnType<typeof CapacityResult.decode>;
