// I/O Management Send and Receive: reclaim units of flexible data placement.

import {
  at,
  hex,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  type Unit,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

/** Operations of I/O Management Receive [BASE-2.1 §7.3, Fig. 561]. */
export const IO_MANAGEMENT_RECEIVE = { none: 0, reclaimUnitStatus: 1 } as const;
const RECEIVE_NAMES: Names = {
  [IO_MANAGEMENT_RECEIVE.none]: "no action",
  [IO_MANAGEMENT_RECEIVE.reclaimUnitStatus]: "reclaim unit handle status",
};

/** Operations of I/O Management Send [BASE-2.1 §7.4, Fig. 565]. */
export const IO_MANAGEMENT_SEND = { none: 0, reclaimUnitUpdate: 1 } as const;
const SEND_NAMES: Names = {
  [IO_MANAGEMENT_SEND.none]: "no action",
  [IO_MANAGEMENT_SEND.reclaimUnitUpdate]: "reclaim unit handle update",
};

/** Command dwords 10 and 11 of I/O Management Receive. */
export const IoManagementReceiveDwords = struct(
  "I/O Management Receive command dwords",
  8,
  "[BASE-2.1 §7.3, Fig. 561]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        mo: range(7, 0, "operation", { names: RECEIVE_NAMES }),
        mos: range(31, 16, "operation specific"),
      }),
      "Command dword 10",
    ),
    at(4, 7, "numd", zeroBasedCount(u32), "Dwords"),
  ],
);

/** Decoded dwords of I/O Management Receive. */
export type IoManagementReceiveDwords = ReturnType<typeof IoManagementReceiveDwords.decode>;

/** Command dword 10 of I/O Management Send. The data is a list of placement identifiers. */
export const IoManagementSendDword = struct(
  "I/O Management Send command dword 10",
  4,
  "[BASE-2.1 §7.4, Fig. 565]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        mo: range(7, 0, "operation", { names: SEND_NAMES }),
        npid: range(31, 16, "placement identifiers", { unit: counted }),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of I/O Management Send. */
export type IoManagementSendDword = ReturnType<typeof IoManagementSendDword.decode>;

/** What stands before the descriptors of reclaim unit handles. */
export const ReclaimUnitStatus = struct(
  "Reclaim Unit Handle Status",
  16,
  "[BASE-2.1 §7.3.1, Fig. 563]",
  [
    reserved(0, 13),
    at(14, 15, "nruhsd", u16, "Descriptors"),
  ],
);

/** What stands before decoded descriptors. */
export type ReclaimUnitStatus = ReturnType<typeof ReclaimUnitStatus.decode>;

/** One reclaim unit handle. */
export const ReclaimUnitDescriptor = struct(
  "Reclaim Unit Handle Status Descriptor",
  32,
  "[BASE-2.1 §7.3.1, Fig. 563]",
  [
    at(0, 1, "pid", hex(u16), "Placement identifier"),
    at(2, 3, "ruhid", u16, "Reclaim unit handle"),
    at(4, 7, "earutr", u32, "Time left, estimated, s"),
    at(8, 15, "ruamw", u64, "Blocks left"),
    reserved(16, 31),
  ],
);

/** A decoded reclaim unit handle. */
export type ReclaimUnitDescriptor = ReturnType<typeof ReclaimUnitDescriptor.decode>;
