// Golden Identify data structures, as a drive sends them, written byte by byte.

import { page } from "../log/page.ts";

/** The bytes of text as `page` takes them, padded to `length`. */
function text(value: string, length: number, padding = " "): string {
  return Array.from(
    value.padEnd(length, padding),
    (character) => character.charCodeAt(0).toString(16).padStart(2, "0"),
  ).join(" ");
}

/** A controller that has something to say in every field. */
export const CONTROLLER_IMAGE: Uint8Array = page(4096, {
  0: "36 1b", // vendor 1B36h
  2: "f4 1a", // subsystem vendor 1AF4h
  4: text("S4EWNX0R123456", 20),
  24: text("QEMU NVMe Ctrl", 40),
  64: text("8.0.0", 8),
  72: "06", // 2^6 commands
  73: "ef cd ab", // the specification's own example: OUI ABCDEFh
  76: "0b", // ports, controllers, ANA
  77: "07", // 2^7 pages
  78: "02 01", // controller 0102h
  80: "00 04 01 00", // 1.4.0
  84: "20 a1 07 00", // 500,000 µs
  88: "40 4b 4c 00", // 5,000,000 µs
  92: "00 0b 00 80", // bits 8, 9, 11, 31
  96: "91 82 08 00", // bits 0, 4, 7, 9, 15, 19
  100: "10 80", // levels 4 and 15
  102: "06", // RPMB supported, Set Features supported
  104: "10 27 00 00", // 10,000 µs
  110: "03",
  111: "01", // I/O controller
  112: "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
  128: "01 00", // 100 ms
  130: "0a 00", // 1 s
  132: "64 00", // 10 s
  134: "01",
  253: "01",
  254: "a0", // valid, 32
  255: "03",
  256: "5e 01", // bits 1, 2, 3, 4, 6, 8
  258: "03", // 4
  259: "07", // 8
  260: "17", // slot 1 read-only, 3 slots, without reset
  261: "0f",
  262: "3f", // 64
  263: "04", // 5
  264: "01",
  265: "01",
  266: "57 01", // 343 K
  268: "61 01", // 353 K
  270: "32 00", // 5 s
  272: "00 40 00 00", // 64 MiB
  276: "00 10 00 00", // 16 MiB
  280: "00 60 db e0 e8", // 1,000,204,886,016
  296: "01 00 00 00 00 00 00 00 01", // 2^64 + 1
  312: "02 00 1f 3f", // 2 units, 32 × 128 KiB, 64 × 512 bytes
  316: "23 00", // 35 min
  318: "01",
  319: "01", // 4 KiB
  320: "0a 00", // 1 s
  322: "01 00",
  324: "11 01", // 273 K
  326: "64 01", // 356 K
  328: "03 00 00 a0", // crypto erase, block erase, NDI, NODMMAS 2
  332: "08 00 00 00", // 32 KiB
  336: "20 00", // 32
  338: "04 00",
  340: "02 00",
  342: "0a", // 10 s
  343: "df",
  344: "80 00 00 00", // 128
  348: "10 00 00 00", // 16
  352: "20 00 00 00", // 2 MiB
  356: "01 00",
  358: "03",
  360: "2c 01", // 30 s
  368: "00 c0 b6 c1 d1 01", // 2,000,409,772,032
  384: "05",
  386: "f4 01", // 500 ms
  512: "66",
  513: "44",
  514: "00 04", // 1024
  516: "00 01 00 00", // 256
  520: "5f 01", // bits 0 to 4, 6, 8
  522: "01 00",
  524: "04", // cryptographic erase
  525: "07", // present, flush of all supported
  526: "7f 00", // 128 blocks
  528: "07 00", // 8 blocks
  530: "01",
  531: "07",
  532: "03 00", // 4 blocks, at byte 532 and not 531
  534: "03 00",
  536: "01 08 0f 00", // supported, threshold 8, bits 16 to 19
  540: "80 00 00 00", // 128
  544: "00 02", // 512
  560: "40 00 00 00", // 64
  564: "00 08 00 00", // 2048
  568: "1e", // 30 days
  569: "5a", // 90 min
  570: "08 00",
  572: "10 00",
  574: "01", // 8 KiB
  575: "08", // 1 MiB
  576: "07",
  578: "02 00",
  580: "04 00",
  582: "05 00",
  584: "0a 00",
  586: "40 00",
  768: text("nqn.2019-08.org.qemu:deadbeef", 256, "\0"),
  1792: "04 01 00 00", // 260 × 16 bytes
  1796: "01 00 00 00",
  1800: "02 00",
  1802: "01",
  1803: "10",
  1804: "01 00",
  1806: "02",
  2048: "c4 09 00 00", // power state 0: 2500 × 0.01 W
  2052: "10 00 00 00", // 16 µs
  2056: "04 00 00 00", // 4 µs
  2064: "5e 01 80", // 350 × 0.01 W
  2068: "08 07 82", // 1800 × 0.01 W, workload 2
  2071: "0a 05 14 56 04", // 10 × 1 s, 5 × 100 ms, 20 × 10 ms
  2176: "32 00 00 03", // power state 4: 50 × 0.0001 W, non-operational
  2180: "10 27 00 00", // 10,000 µs
  2184: "c8 af 00 00", // 45,000 µs
  2188: "04 03 02 01",
  2192: "19 00 40", // 25 × 0.0001 W
  3072: "de ad be ef",
});

/** Three formats, of which the third has attributes of its own; formatted with the second. */
export const NAMESPACE_IMAGE: Uint8Array = page(4096, {
  0: "b0 6d 70 74", // 1,953,525,168 blocks
  8: "b0 6d 70 74",
  16: "40 42 0f", // 1,000,000 blocks
  24: "16", // NSABP, DAE, OPTPERF 1
  25: "01", // 2
  26: "11", // format 1, metadata at the end
  27: "03",
  28: "1f",
  29: "09", // type 1, first bytes
  30: "01",
  31: "ff",
  32: "99", // 25 % remaining
  33: "19", // zeros, Write Zeroes deallocates, CRC
  34: "07 00", // 8 blocks
  36: "00 00", // as the controller says
  38: "01 00", // 2 blocks
  40: "ff 00", // 256 blocks
  42: "08 00",
  44: "7f 00", // 128 blocks
  46: "00 01", // 256 blocks
  48: "00 60 db e0 e8", // 1,000,204,886,016
  64: "07 00", // 8 blocks
  66: "03 00", // 4 blocks
  68: "3f 00", // 64 blocks
  70: "1f 00", // 32 blocks
  72: "ff 00", // 256 blocks
  74: "80 00", // 128 blocks
  76: "00 08 00 00", // 2048 blocks
  80: "7f", // 128
  81: "03",
  82: "01",
  84: "0f 00 00 00", // 16 blocks
  92: "03 00 00 00",
  99: "01",
  100: "02 00",
  102: "04 00",
  104: "fe dc ba 98 76 54 32 10 ab cd ef 01 23 45 67 89", // the specification's own example
  120: "ab cd ef 01 23 45 67 89", // likewise
  128: "00 00 09 02", // 512 bytes, good
  132: "08 00 0c 00", // 4 KiB + 8, best
  136: "40 00 0c 01", // 4 KiB + 64, better
  384: "5a",
});

/** 64 formats, formatted with the last of them: index 63 is 0Fh below and 3h above. */
export const NAMESPACE_64_IMAGE: Uint8Array = page(4096, {
  0: "00 00 00 01",
  25: "0f", // 16
  26: "6f",
  82: "30", // 48
  128: "00 00 09 00",
  188: "00 00 0c 00", // format 15
  380: "10 00 0c 03", // format 63
});

/** Storage tags, a qualified format, and sizes that need their 32 bits. */
export const NVM_NAMESPACE_IMAGE: Uint8Array = page(4096, {
  0: "ff ff 00 00 00 00 00 80", // 800000000000FFFFh
  8: "0f",
  9: "01", // whole bytes
  12: "00 00 00 00", // 16-bit guard
  16: "90 00 00 00", // 32-bit guard, 16-bit storage tag
  20: "b0 05 00 00", // qualified 64-bit guard, 48-bit storage tag
  264: "20 01 00 00", // format 63: 64-bit guard, 32-bit storage tag
  268: "00 00 01 00", // 65,536 blocks
  272: "07 00 00 00", // 8 blocks
  276: "03 00 00 00", // 4 blocks
  280: "ff ff 01 00", // 131,072 blocks
  284: "00 80 00 00", // 32,768 blocks
  288: "00 04 00 00", // 1024 blocks
  292: "08 00 00 00", // 8 blocks
});

/** Limits for all commands without data. */
export const CONTROLLER_NVM_IMAGE: Uint8Array = page(4096, {
  0: "07", // 2^7 pages
  1: "08",
  2: "09",
  3: "40", // 64 ranges
  4: "00 00 10 00", // 1,048,576 blocks
  8: "01 00 00 00 00 00 00 80", // 2^63 + 1 blocks
  16: "03",
  17: "0a",
  18: "01 00",
  20: "00 01 01 00", // 1.1.0
  24: "c1", // the vendor's
});

/** A shared namespace on a degraded, rotating drive. */
export const NAMESPACE_INDEPENDENT_IMAGE: Uint8Array = page(4096, {
  0: "38",
  1: "03",
  2: "81",
  3: "80", // supported, nothing in progress
  4: "07 00 00 00",
  8: "01",
  10: "02 00",
  12: "03 00",
  14: "07", // ready, degraded
  15: "02",
  16: "ff 00",
  20: "05 00 00 00",
});

/** Namespaces 1, 2 and FFFFFFFEh; then an end, behind which a drive has forgotten an entry. */
export const NAMESPACE_LIST_IMAGE: Uint8Array = page(4096, {
  0: "01 00 00 00 02 00 00 00 fe ff ff ff 00 00 00 00 07 00 00 00",
});

/** Controllers 0, 1 and 0102h. */
export const CONTROLLER_LIST_IMAGE: Uint8Array = page(4096, { 0: "03 00 00 00 01 00 02 01" });

/** Endurance groups 1 and 9. */
export const ENDURANCE_GROUP_LIST_IMAGE: Uint8Array = page(4096, { 0: "02 00 01 00 09 00" });

/** All four identifiers, then the end. */
export const DESCRIPTORS_IMAGE: Uint8Array = page(4096, {
  0: "01 08 00 00 ab cd ef 01 23 45 67 89",
  12: "02 10 00 00 fe dc ba 98 76 54 32 10 ab cd ef 01 23 45 67 89",
  32: "03 10 00 00 6b a7 b8 10 9d ad 11 d1 80 b4 00 c0 4f d4 30 c8",
  52: "04 01 00 00 02",
});

/** NVM sets 1 and 3 in endurance groups 1 and 2. */
export const NVM_SET_LIST_IMAGE: Uint8Array = page(4096, {
  0: "02",
  128: "01 00 01 00",
  136: "20 03 00 00", // 80 µs
  140: "00 00 02 00", // 128 KiB
  144: "00 60 db e0 e8",
  160: "01 00 00 00 00 00 00 00 01", // 2^64 + 1
  256: "03 00 02 00",
});

/** Domain 1. */
export const DOMAIN_LIST_IMAGE: Uint8Array = page(4096, {
  0: "01",
  128: "01 00",
  144: "00 60 db e0 e8",
  160: "00 00 00 00 00 00 00 00 01", // 2^64
  176: "00 c0 b6 c1 d1 01", // 2,000,409,772,032
});

/** One granularity for each of two formats, and the last place there is. */
export const GRANULARITY_LIST_IMAGE: Uint8Array = page(4096, {
  0: "01 00 00 00",
  4: "01", // 2
  32: "00 00 00 40", // 1 GiB
  40: "00 00 00 80", // 2 GiB
  48: "00 00 10 00", // 1 MiB
  1040: "01",
  1048: "02",
});

/** The PCI vendor's UUID, the place of one that is gone, and one that belongs to nobody. */
export const UUID_LIST_IMAGE: Uint8Array = page(4096, {
  32: "01",
  48: "6b a7 b8 10 9d ad 11 d1 80 b4 00 c0 4f d4 30 c8",
  80: "ff ff ff ff ff ff ff ff 7f ff ff ff ff ff ff ff",
  112: "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
});

/** What a primary controller shares with its virtual functions. */
export const PRIMARY_CONTROLLER_IMAGE: Uint8Array = page(4096, {
  0: "01 00",
  2: "02 00",
  4: "03",
  32: "80 00 00 00", // 128
  36: "40 00 00 00", // 64
  40: "10 00",
  42: "08 00",
  44: "20 00",
  46: "02 00",
  64: "00 01 00 00", // 256
  68: "30 00 00 00", // 48
  72: "0c 00",
  74: "09 00",
  76: "21 00",
  78: "03 00",
});

/** Two secondary controllers, the first online. */
export const SECONDARY_LIST_IMAGE: Uint8Array = page(4096, {
  0: "02",
  32: "02 00 01 00 01",
  40: "01 00 04 00 05 00",
  64: "03 00 01 00 00",
  72: "02 00",
});

/** NVM alone, then NVM with Zoned Namespaces. */
export const COMMAND_SETS_IMAGE: Uint8Array = page(4096, { 0: "01", 8: "05" });
