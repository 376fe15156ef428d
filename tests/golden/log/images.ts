// Golden log pages, as a drive sends them.

import { page } from "./page.ts";

/** 37 °C, 2 % worn, one unsafe shutdown a month, counters that need all of their 128 bits. */
export const SMART_IMAGE: Uint8Array = page(512, {
  0: "00",
  1: "36 01", // 310 K
  3: "64", // 100 %
  4: "0a", // 10 %
  5: "02", // 2 %
  6: "00",
  32: "40 e2 01", // 123456
  48: "ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f", // 2^127 - 1
  64: "00 ca 9a 3b", // 1000000000
  80: "01 00 00 00 00 00 00 00 01", // 2^64 + 1
  96: "3c", // 60 min
  112: "2a", // 42
  128: "10 27", // 10000 h
  144: "0c", // 12
  160: "03",
  176: "05",
  192: "07", // 7 min
  196: "01",
  200: "36 01 3b 01", // 310 K and 315 K; sensors 3 to 7 do not exist
  214: "45 01", // 325 K
  216: "02",
  220: "01",
  224: "78", // 120 s
  228: "1e", // 30 s
});

/** A drive at its end: every warning, hot, spare gone, wear saturated. */
export const SMART_DYING_IMAGE: Uint8Array = page(512, {
  0: "3f",
  1: "70 01", // 368 K
  3: "00",
  4: "0a",
  5: "ff",
  6: "0d",
});

/** Pages 00h to 03h, 05h, 06h, 07h with its bit, 0Dh with its bit, 12h by index, C0h. */
export const SUPPORTED_IMAGE: Uint8Array = page(1024, {
  0: "01 00 00 00",
  4: "01 00 00 00",
  8: "01 00 00 00",
  12: "01 00 00 00",
  20: "01 00 00 00",
  24: "01 00 00 00",
  28: "01 00 01 00",
  52: "01 00 01 00",
  72: "03 00 00 00",
  768: "01 00 34 12",
});

/** One entry: a Read of namespace 1 that met an unrecovered read error at LBA 0x12345678. */
export const ERROR_ENTRY_IMAGE: Uint8Array = page(64, {
  0: "05",
  8: "03 00",
  10: "2a 01",
  12: "03 c5", // phase 1, SC 81h, SCT 2h, More, Do Not Retry
  14: "28 03", // byte 40, bit 3
  16: "78 56 34 12",
  24: "01",
  28: "c0",
  29: "03",
  30: "02",
  31: "02",
  32: "88 77 66 55 44 33 22 11",
  40: "cd ab",
  63: "01",
});

/** Four entries: the one above, one of a drive before 2.0 that is of no command, two not used. */
export const ERROR_IMAGE: Uint8Array = page(256, {
  0: "05",
  8: "03 00",
  10: "2a 01",
  12: "03 c5",
  14: "28 03",
  16: "78 56 34 12",
  24: "01",
  28: "c0",
  29: "03",
  30: "02",
  31: "02",
  63: "01",
  64: "04",
  72: "ff ff",
  74: "ff ff",
  76: "0c 00", // phase 0, SC 06h, SCT 0h
  78: "ff ff",
  88: "ff ff ff ff",
});

/** Runs from slot 2, slot 3 after a reset; slot 1 read-only factory firmware. */
export const FIRMWARE_IMAGE: Uint8Array = page(512, {
  0: "32",
  8: "32 42 32 51 45 58 4d 37", // 2B2QEXM7
  16: "33 42 32 51 45 58 4d 37", // 3B2QEXM7
  24: "34 42 32 51 20 20 20 20", // 4B2Q
});

/** Namespaces 1, 2 and 7 changed. */
export const CHANGED_NAMESPACES_IMAGE: Uint8Array = page(4096, {
  0: "01 00 00 00 02 00 00 00 07 00 00 00",
});

/** More namespaces changed than fit. */
export const CHANGED_TOO_MANY_IMAGE: Uint8Array = page(4096, { 0: "ff ff ff ff" });

/** Get Log Page, Format NVM, Namespace Management; Flush and Write. */
export const EFFECTS_IMAGE: Uint8Array = page(4096, {
  8: "01 00 20 00", // 02h: supported, controller scope
  52: "1d 00 02 02", // 0Dh: NCC, NIC, CCC, alone on all namespaces, NVM subsystem scope
  512: "07 40 19 00", // 80h: LBCC, NCC, CSER 1, CSE 1, UUID selection
  1024: "01 00 10 00", // 00h: namespace scope
  1028: "03 00 10 00", // 01h: LBCC, namespace scope
});

/** An extended test at 30 %; results: passed, failed in segment 4, aborted; rest unused. */
export const SELF_TEST_IMAGE: Uint8Array = page(564, {
  0: "02",
  1: "1e",
  4: "10", // short, completed without error
  8: "10 27", // 10000 h
  32: "27 04 0f", // extended, segment 4 failed, everything valid
  36: "e8 03", // 1000 h
  44: "01", // namespace 1
  48: "00 00 00 00 01", // LBA 2^32
  56: "02 81", // unrecovered read error
  58: "ab cd",
  60: "21", // extended, aborted by a Device Self-test command, nothing valid
  61: "ff",
  64: "64", // 100 h
  72: "ff ff ff ff ff ff ff ff ff ff ff ff 07 ff",
  ...Object.fromEntries(Array.from({ length: 16 }, (_, index) => [88 + 28 * index, "0f"])),
  536: "00", // the twentieth entry is all zeros, as drives leave it that never ran a test
});
