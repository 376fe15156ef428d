// Golden events of the persistent event log, as a drive sends them.

import { TIMESTAMP_BYTES } from "./later_images.ts";
import { page } from "./page.ts";

/** Revision 1A to 1B, commit action 3 of slot 2, overlapping range (01h/14h). */
export const FIRMWARE_COMMIT_IMAGE: Uint8Array = page(22, {
  0: "31 41 20 20 20 20 20 20 31 42 20 20 20 20 20 20",
  16: "03 02 01 14 0d f0",
});

/** The clock was set 1,500 ms after a reset. */
export const TIMESTAMP_CHANGE_IMAGE: Uint8Array = page(16, {
  0: "dc 05",
  8: "dc 05",
});

/** Controller 1 activated firmware while a format ran. */
export const CONTROLLER_RESET_IMAGE: Uint8Array = page(36, {
  0: "01 00 01 01",
  16: "2a",
  20: "80 ee 36",
  28: TIMESTAMP_BYTES,
});

/** Namespace 3 created: 2048 blocks, all of them allocated. */
export const CHANGE_NAMESPACE_IMAGE: Uint8Array = page(48, {
  8: "00 08",
  24: "00 08",
  32: "11 01 02",
  36: "04",
  40: "05 00 06 00",
  44: "03",
});

/** All namespaces formatted with format 1. */
export const FORMAT_START_IMAGE: Uint8Array = page(12, {
  0: "ff ff ff ff 06",
  8: "01 02",
});

/** Namespace 1's format failed with 40 % left: Internal Error. */
export const FORMAT_COMPLETION_IMAGE: Uint8Array = page(12, {
  0: "01 00 00 00 28 03 cd ab",
  8: "0c 00",
});

/** A block erase begins. */
export const SANITIZE_START_IMAGE: Uint8Array = page(12, {
  0: "07 00 00 80",
  4: "02",
  8: "ef be",
});

/** It completed. */
export const SANITIZE_COMPLETION_IMAGE: Uint8Array = page(8, { 0: "ff ff 01 01 34 12" });

/** 5 K above the warning temperature. */
export const THERMAL_EXCURSION_IMAGE: Uint8Array = page(2, { 0: "05 01" });

/** A correctable error, with advanced error reporting. */
export const PCIE_ERROR_IMAGE: Uint8Array = page(80, {
  0: "01 00 01",
  16: "41",
  32: "42",
  48: "43",
  64: "44",
});

/** The spare of endurance group 2 is low. */
export const ENDURANCE_WARNING_IMAGE: Uint8Array = page(4, { 0: "01 00 02" });

/** The twelfth unexpected power loss. */
export const POWER_LOSS_IMAGE: Uint8Array = page(17, { 0: "0c", 16: "01" });

/** A namespace was not ready in time. */
export const READY_TIMEOUT_IMAGE: Uint8Array = page(4, { 0: "02" });

/** Two command dwords, four bytes of data, dword 0 of the completion. */
export const SET_FEATURE_IMAGE: Uint8Array = page(20, {
  0: "0a 00 04 00",
  4: "0e", // feature 0Eh
  8: "01 02 03 04",
  12: "aa bb cc dd",
  16: "05",
});

/** A descriptor that names the event, and one with a number. */
export const VENDOR_EVENT_IMAGE: Uint8Array = page(24, {
  0: "01 10 01 02 04 00 66 61 6e 00", // fan
  10: "02 10 04 02 08 00 ff ff ff ff ff ff ff ff", // -1
});

/** The header of a log of two events: a thermal excursion of controller 1, then an unknown one. */
export const PERSISTENT_EVENT_IMAGE: Uint8Array = page(569, {
  0: "0d",
  4: "02",
  8: "39 02", // 569 bytes
  16: "03",
  18: "ec 01", // 492 + 20 bytes of header
  20: TIMESTAMP_BYTES,
  28: "10 27",
  44: "2a",
  52: "36 1b 36 1b",
  56: "53 4e 31" + " 20".repeat(17), // SN1
  76: "4d 4f 44 45 4c" + " 20".repeat(35), // MODEL
  116: "6e 71 6e 2e 78", // nqn.x
  372: "07",
  374: "02 00 05", // port 2 of the subsystem; the context existed before
  480: "02 20", // events 01h and 0Dh
  507: "40", // and DEh
  512: "0d 01 15 01", // 21 + 3 bytes of header; a port of the subsystem
  516: "01",
  518: TIMESTAMP_BYTES,
  526: "02",
  532: "01 00 03 00", // one byte of the vendor's, two of data
  536: "99 05 01",
  539: "e5 01 15 03 02",
  545: "00",
  559: "00 00 06 00",
  563: "01 02 03 04 05 06",
});
