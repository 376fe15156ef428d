// Golden log pages that came after revision 1.2, as a drive sends them.

import { page } from "./page.ts";

/** 2024-08-05 00:00:00 UTC in milliseconds, set by the host: 1722816000000 = 1911FD5F000h. */
export const TIMESTAMP_BYTES = "00 f0 d5 1f 91 01 02 00";

/** A capture of two blocks in area 1, three in area 2, none more; generation 7. */
export const TELEMETRY_HOST_IMAGE: Uint8Array = page(512, {
  0: "07",
  5: "38 25 00", // 00-25-38
  8: "02 00",
  10: "03 00",
  12: "03 00",
  16: "10 00 01 00", // block 10010h
  380: "01",
  381: "07",
  382: "01",
  383: "fe",
  384: "41 42",
  511: "ff",
});

/** A capture that the controller made itself. */
export const TELEMETRY_CONTROLLER_IMAGE: Uint8Array = page(512, {
  0: "08",
  5: "38 25 00",
  8: "01 00",
  10: "01 00",
  12: "05 00",
  381: "02",
  382: "01",
  383: "09",
  384: "de ad",
});

/** An endurance group of 1 TB that has written 3 TB to its media for 2 TB of the host. */
export const ENDURANCE_IMAGE: Uint8Array = page(512, {
  0: "05", // spare low, degraded
  1: "01", // rotational
  3: "63",
  4: "0a",
  5: "07",
  6: "02 00",
  32: "58 02", // 600 GB
  48: "e8 03", // 1000 GB
  64: "d0 07", // 2000 GB
  80: "b8 0b", // 3000 GB
  96: "01 00 00 00 00 00 00 00 01", // 2^64 + 1
  112: "02",
  128: "03",
  144: "04",
  160: "00 10 a5 d4 e8 00", // 10^12
  176: "00 00 00 40", // 2^30
});

/** Group 1 optimized with namespaces 1 and 3, group 2 inaccessible with namespace 2. */
export const ANA_IMAGE: Uint8Array = page(92, {
  0: "05",
  8: "02",
  16: "01",
  20: "02",
  24: "04",
  32: "01", // optimized
  48: "01 00 00 00 03 00 00 00",
  56: "02",
  60: "01",
  72: "03", // inaccessible
  88: "02",
});

/** Namespace 1 with two ranges, namespace 2 with none known. */
export const LBA_STATUS_IMAGE: Uint8Array = page(80, {
  0: "50",
  4: "02",
  8: "0a",
  14: "03",
  16: "01",
  20: "02",
  24: "11",
  32: "64", // block 100
  40: "07", // 8 blocks
  48: "00 00 00 00 01", // block 2^32
  56: "00", // 1 block
  64: "02",
  68: "ff ff ff ff",
  72: "10",
});

/** Feature 01h of the controller, 06h of namespaces that may change data and takes a UUID. */
export const FEATURE_EFFECTS_IMAGE: Uint8Array = page(1024, {
  4: "01 00 20 00",
  24: "03 00 18 00",
  1020: "1d 00 00 02", // FFh: NCC, NIC, CCC, NVM subsystem
});

/** Management interface command 00h, and 01h that may change anything. */
export const MI_EFFECTS_IMAGE: Uint8Array = page(4096, {
  0: "01 00 20 00",
  4: "1f 00 00 02",
});

/** Namespace 5's reservation was preempted; two more notifications wait. */
export const RESERVATION_IMAGE: Uint8Array = page(64, {
  0: "0c",
  8: "03",
  9: "02",
  12: "05",
});

/** A block erase at 50 %. */
export const SANITIZE_IMAGE: Uint8Array = page(512, {
  0: "00 80",
  2: "02 00",
  4: "02",
  8: "10 0e", // 3600 s
  12: "3c", // 60 s
  16: "02",
  20: "ff ff ff ff",
  24: "3d",
  28: "03",
  32: "05",
  36: "01",
});

/** One subsystem at 192.0.2.1:4420 over NVMe/TCP, any controller, TLS 1.3. */
export const DISCOVERY_IMAGE: Uint8Array = page(2048, {
  0: "02",
  8: "01",
  18: "02", // port local
  20: "00 08", // 2048 bytes
  1024: "03 01 02 14", // TCP, IPv4, NVM subsystem; flow control can be off, authentication
  1028: "01 00",
  1030: "ff ff",
  1032: "20 00",
  1034: "02 00",
  1056: "34 34 32 30" + " 20".repeat(28), // 4420
  1280: "6e 71 6e 2e 78", // nqn.x
  1536: "31 39 32 2e 30 2e 32 2e 31" + " 20".repeat(247), // 192.0.2.1
  1792: "02",
});

/** Get LBA Status: two ranges up to the end; the second was written uncorrectable. */
export const LBA_STATUS_LIST_IMAGE: Uint8Array = page(40, {
  0: "02",
  4: "02",
  8: "0a",
  16: "03", // 4 blocks
  21: "01",
  24: "00 00 00 00 01",
  32: "00",
  37: "03",
});
