// Reservations: who has registered, who holds a namespace, and on what terms.

import {
  at,
  bit,
  bits,
  coded,
  hex,
  identifier,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** The types of reservations [BASE-2.1 §7.5, Fig. 571]. */
export const RESERVATION_TYPE = {
  none: 0,
  writeExclusive: 1,
  exclusiveAccess: 2,
  writeExclusiveRegistrants: 3,
  exclusiveAccessRegistrants: 4,
  writeExclusiveAllRegistrants: 5,
  exclusiveAccessAllRegistrants: 6,
} as const;

/** The names of the types. */
export const RESERVATION_TYPE_NAMES: Names = {
  [RESERVATION_TYPE.none]: "no reservation",
  [RESERVATION_TYPE.writeExclusive]: "write exclusive",
  [RESERVATION_TYPE.exclusiveAccess]: "exclusive access",
  [RESERVATION_TYPE.writeExclusiveRegistrants]: "write exclusive, registrants only",
  [RESERVATION_TYPE.exclusiveAccessRegistrants]: "exclusive access, registrants only",
  [RESERVATION_TYPE.writeExclusiveAllRegistrants]: "write exclusive, all registrants",
  [RESERVATION_TYPE.exclusiveAccessAllRegistrants]: "exclusive access, all registrants",
};

const IEKEY = bit(3, "ignore the existing key");
const DISNSRS = bit(4, "the host knows dispersed namespaces");
const RTYPE = range(15, 8, "type", { names: RESERVATION_TYPE_NAMES });

/** What Reservation Register does, by RREGA [BASE-2.1 §7.6, Fig. 573]. */
export const REGISTER_ACTION = { register: 0, unregister: 1, replace: 2 } as const;
const REGISTER_NAMES: Names = {
  [REGISTER_ACTION.register]: "register",
  [REGISTER_ACTION.unregister]: "unregister",
  [REGISTER_ACTION.replace]: "replace",
};

/** What becomes of persistence through power loss, by CPTPL [BASE-2.1 §7.6, Fig. 573]. */
export const CPTPL = { noChange: 0, clear: 2, set: 3 } as const;
const CPTPL_NAMES: Names = {
  [CPTPL.noChange]: "no change",
  [CPTPL.clear]: "released by power loss",
  [CPTPL.set]: "persists through power loss",
};

/** Command dword 10 of Reservation Register. */
export const ReservationRegisterDword = struct(
  "Reservation Register command dword 10",
  4,
  "[BASE-2.1 §7.6, Fig. 573]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        rrega: range(2, 0, "action", { names: REGISTER_NAMES }),
        iekey: IEKEY,
        disnsrs: DISNSRS,
        cptpl: range(31, 30, "persistence", { names: CPTPL_NAMES }),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of Reservation Register. */
export type ReservationRegisterDword = ReturnType<typeof ReservationRegisterDword.decode>;

/** The data of Reservation Register. */
export const ReservationRegisterData = struct(
  "Reservation Register data",
  16,
  "[BASE-2.1 §7.6, Fig. 574]",
  [
    at(0, 7, "crkey", hex(u64), "Current key"),
    at(8, 15, "nrkey", hex(u64), "New key"),
  ],
);

/** Decoded data of Reservation Register. */
export type ReservationRegisterData = ReturnType<typeof ReservationRegisterData.decode>;

/** What Reservation Acquire does, by RACQA [BASE-2.1 §7.5, Fig. 569]. */
export const ACQUIRE_ACTION = { acquire: 0, preempt: 1, preemptAndAbort: 2 } as const;
const ACQUIRE_NAMES: Names = {
  [ACQUIRE_ACTION.acquire]: "acquire",
  [ACQUIRE_ACTION.preempt]: "preempt",
  [ACQUIRE_ACTION.preemptAndAbort]: "preempt and abort",
};

/** Command dword 10 of Reservation Acquire. */
export const ReservationAcquireDword = struct(
  "Reservation Acquire command dword 10",
  4,
  "[BASE-2.1 §7.5, Fig. 569]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        racqa: range(2, 0, "action", { names: ACQUIRE_NAMES }),
        iekey: IEKEY,
        disnsrs: DISNSRS,
        rtype: RTYPE,
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of Reservation Acquire. */
export type ReservationAcquireDword = ReturnType<typeof ReservationAcquireDword.decode>;

/** The data of Reservation Acquire. */
export const ReservationAcquireData = struct(
  "Reservation Acquire data",
  16,
  "[BASE-2.1 §7.5, Fig. 570]",
  [
    at(0, 7, "crkey", hex(u64), "Current key"),
    at(8, 15, "prkey", hex(u64), "Key to preempt"),
  ],
);

/** Decoded data of Reservation Acquire. */
export type ReservationAcquireData = ReturnType<typeof ReservationAcquireData.decode>;

/** What Reservation Release does, by RRELA [BASE-2.1 §7.7, Fig. 576]. */
export const RELEASE_ACTION = { release: 0, clear: 1 } as const;
const RELEASE_NAMES: Names = {
  [RELEASE_ACTION.release]: "release",
  [RELEASE_ACTION.clear]: "clear",
};

/** Command dword 10 of Reservation Release. */
export const ReservationReleaseDword = struct(
  "Reservation Release command dword 10",
  4,
  "[BASE-2.1 §7.7, Fig. 576]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        rrela: range(2, 0, "action", { names: RELEASE_NAMES }),
        iekey: IEKEY,
        disnsrs: DISNSRS,
        rtype: RTYPE,
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of Reservation Release. */
export type ReservationReleaseDword = ReturnType<typeof ReservationReleaseDword.decode>;

/** The data of Reservation Release. */
export const ReservationReleaseData = struct(
  "Reservation Release data",
  8,
  "[BASE-2.1 §7.7, Fig. 577]",
  [at(0, 7, "crkey", hex(u64), "Current key")],
);

/** Decoded data of Reservation Release. */
export type ReservationReleaseData = ReturnType<typeof ReservationReleaseData.decode>;

/** Command dwords 10 and 11 of Reservation Report. */
export const ReservationReportDwords = struct(
  "Reservation Report command dwords",
  8,
  "[BASE-2.1 §7.8, Fig. 580]",
  [
    at(0, 3, "numd", zeroBasedCount(u32), "Dwords"),
    at(
      4,
      7,
      "cdw11",
      bits32({
        eds: bit(0, "extended data structure"),
        disnsrs: bit(1, "the host knows dispersed namespaces"),
      }),
      "Command dword 11",
    ),
  ],
);

/** Decoded dwords of Reservation Report. */
export type ReservationReportDwords = ReturnType<typeof ReservationReportDwords.decode>;

const STATUS_ROWS = [
  at(0, 3, "gen", u32, "Generation"),
  at(4, 4, "rtype", coded(u8, RESERVATION_TYPE_NAMES), "Type"),
  at(5, 6, "regctl", u16, "Registered controllers"),
  reserved(7, 8),
  at(9, 9, "ptpls", u8, "Persists through power loss"),
] as const;

/** What stands before the registered controllers. */
export const ReservationStatus = struct(
  "Reservation Status",
  24,
  "[BASE-2.1 §7.8, Fig. 581]",
  [...STATUS_ROWS, reserved(10, 23)],
);

/** A decoded Reservation Status header. */
export type ReservationStatus = ReturnType<typeof ReservationStatus.decode>;

/** What stands before the registered controllers of the extended form. */
export const ExtendedReservationStatus = struct(
  "Reservation Status, extended",
  64,
  "[BASE-2.1 §7.8, Fig. 582]",
  [...STATUS_ROWS, reserved(10, 63)],
);

/** A decoded Reservation Status header of the extended form. */
export type ExtendedReservationStatus = ReturnType<typeof ExtendedReservationStatus.decode>;

const RCSTS = bits(u8, { rcsts: bit(0, "holds the reservation") });

/** A registered controller, its host by 64 bits. */
export const RegisteredController = struct(
  "Registered Controller",
  24,
  "[BASE-2.1 §7.8, Fig. 583]",
  [
    at(0, 1, "cntlid", hex(u16), "Controller"),
    at(2, 2, "rcsts", RCSTS, "Status"),
    reserved(3, 7),
    at(8, 15, "hostId", identifier(8), "Host identifier"),
    at(16, 23, "rkey", hex(u64), "Key"),
  ],
);

/** A decoded registered controller. */
export type RegisteredController = ReturnType<typeof RegisteredController.decode>;

/** A registered controller, its host by 128 bits. */
export const ExtendedRegisteredController = struct(
  "Registered Controller, extended",
  64,
  "[BASE-2.1 §7.8, Fig. 584]",
  [
    at(0, 1, "cntlid", hex(u16), "Controller"),
    at(2, 2, "rcsts", RCSTS, "Status"),
    reserved(3, 7),
    at(8, 15, "rkey", hex(u64), "Key"),
    at(16, 31, "hostId", identifier(16), "Host identifier"),
    reserved(32, 63),
  ],
);

/** A decoded registered controller of the extended form. */
export type ExtendedRegisteredController = ReturnType<typeof ExtendedRegisteredController.decode>;
