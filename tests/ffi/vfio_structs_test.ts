// VFIO's structures against the sizes and offsets that a C compiler gives linux/vfio.h, and against
// bytes written by hand.

import { assertEquals } from "@std/assert";
import * as vfio from "../../ffi/vfio_structs.ts";
import { structureTests } from "../support/structure.ts";

/** Little-endian bytes of 32-bit words. */
function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

// sizeof() and offsetof() of each structure and member.
const OFFSETS = {
  VfioInfoCapHeader: [8, { id: 0, version: 2, next: 4 }],
  VfioGroupStatus: [8, { argsz: 0, flags: 4 }],
  VfioDeviceInfo: [20, { argsz: 0, flags: 4, regions: 8, interrupts: 12, capOffset: 16 }],
  VfioRegionInfo: [32, { argsz: 0, flags: 4, index: 8, capOffset: 12, size: 16, offset: 24 }],
  VfioSparseMmap: [16, { header: 0, areas: 8 }],
  VfioSparseMmapArea: [16, { offset: 0, size: 8 }],
  VfioIrqInfo: [16, { argsz: 0, flags: 4, index: 8, count: 12 }],
  VfioIrqSetEventfd: [24, { argsz: 0, flags: 4, index: 8, start: 12, count: 16, eventfd: 20 }],
  VfioIommuInfo: [24, { argsz: 0, flags: 4, pageSizes: 8, capOffset: 16 }],
  VfioIovaRanges: [16, { header: 0, ranges: 8 }],
  VfioIovaRange: [16, { start: 0, end: 8 }],
  VfioDmaAvail: [12, { header: 0, available: 8 }],
  VfioDmaMap: [32, { argsz: 0, flags: 4, address: 8, iova: 16, size: 24 }],
  VfioDmaUnmap: [24, { argsz: 0, flags: 4, iova: 8, size: 16 }],
} as const;

for (const [name, [size, offsets]] of Object.entries(OFFSETS)) {
  Deno.test(`${name} has the kernel's size and offsets`, () => {
    const found = vfio[name as keyof typeof OFFSETS];
    assertEquals(found.size, size);
    const rows = found.rows.filter((row) => row.name !== "");
    assertEquals(Object.fromEntries(rows.map((row) => [row.name, row.first])), { ...offsets });
  });
}

structureTests(vfio.VfioInfoCapHeader, {
  bytes: words(0x0002_0001, 0x30),
  decoded: { id: 1, version: 2, next: 0x30 },
  encoded: { id: 1, version: 2, next: 0x30 },
});

structureTests(vfio.VfioGroupStatus, {
  bytes: words(8, 1),
  decoded: { argsz: 8, flags: { viable: true, containerSet: false, value: 1 } },
  encoded: { argsz: 8, flags: { viable: true } },
});

structureTests(vfio.VfioDeviceInfo, {
  bytes: words(20, 0x3, 9, 5, 0),
  decoded: { flags: { reset: true, pci: true, caps: false, value: 3 }, regions: 9, interrupts: 5 },
  encoded: { argsz: 20, flags: { reset: true, pci: true }, regions: 9, interrupts: 5 },
});

structureTests(vfio.VfioRegionInfo, {
  bytes: words(40, 0xf, 0, 32, 0x4000, 0, 0, 0x700),
  decoded: {
    argsz: 40,
    flags: { read: true, write: true, mmap: true, caps: true, value: 0xf },
    capOffset: 32,
    size: 0x4000n,
    offset: 0x700_0000_0000n,
  },
  encoded: {
    argsz: 40,
    flags: 0xf,
    capOffset: 32,
    size: 0x4000n,
    offset: 0x700_0000_0000n,
  },
});

structureTests(vfio.VfioSparseMmap, {
  bytes: words(0x0001_0001, 0, 2, 0),
  decoded: { header: { id: 1, version: 1, next: 0 }, areas: 2 },
  encoded: { header: { id: 1, version: 1, next: 0 }, areas: 2 },
});

structureTests(vfio.VfioSparseMmapArea, {
  bytes: words(0, 0, 0x2000, 0),
  decoded: { offset: 0n, size: 0x2000n },
  encoded: { size: 0x2000n },
});

structureTests(vfio.VfioIrqInfo, {
  bytes: words(16, 9, 4, 1),
  decoded: {
    flags: { eventfd: true, maskable: false, automasked: false, noResize: true, value: 9 },
    index: 4,
    count: 1,
  },
  encoded: { argsz: 16, flags: 9, index: 4, count: 1 },
});

structureTests(vfio.VfioIrqSetEventfd, {
  bytes: words(24, 0x24, 4, 0, 1, 7),
  decoded: { index: 4, start: 0, count: 1, eventfd: 7 },
  encoded: {
    argsz: 24,
    flags: { dataEventfd: true, trigger: true },
    index: 4,
    count: 1,
    eventfd: 7,
  },
});

structureTests(vfio.VfioIommuInfo, {
  bytes: words(0x70, 3, 0x4020_1000, 0, 24),
  decoded: { argsz: 0x70, pageSizes: 0x4020_1000n, capOffset: 24 },
  encoded: { argsz: 0x70, flags: 3, pageSizes: 0x4020_1000n, capOffset: 24 },
});

structureTests(vfio.VfioIovaRanges, {
  bytes: words(0x0001_0001, 0x58, 2, 0),
  decoded: { header: { id: 1, version: 1, next: 0x58 }, ranges: 2 },
  encoded: { header: { id: 1, version: 1, next: 0x58 }, ranges: 2 },
});

structureTests(vfio.VfioIovaRange, {
  bytes: words(0xfef0_0000, 0, 0xffff_ffff, 0x7f),
  decoded: { start: 0xfef0_0000n, end: 0x7f_ffff_ffffn },
  encoded: { start: 0xfef0_0000n, end: 0x7f_ffff_ffffn },
});

structureTests(vfio.VfioDmaAvail, {
  bytes: words(0x0001_0003, 0, 65535),
  decoded: { header: { id: 3, version: 1, next: 0 }, available: 65535 },
  encoded: { header: { id: 3, version: 1, next: 0 }, available: 65535 },
});

structureTests(vfio.VfioDmaMap, {
  bytes: words(32, 3, 0x3456_7000, 0x7f12, 0, 1, 0x40_0000, 0),
  decoded: { address: 0x7f12_3456_7000n, iova: 0x1_0000_0000n, size: 0x40_0000n },
  encoded: {
    argsz: 32,
    flags: { read: true, write: true },
    address: 0x7f12_3456_7000n,
    iova: 0x1_0000_0000n,
    size: 0x40_0000n,
  },
});

structureTests(vfio.VfioDmaUnmap, {
  bytes: words(24, 0, 0, 1, 0x40_0000, 0),
  decoded: { iova: 0x1_0000_0000n, size: 0x40_0000n },
  encoded: { argsz: 24, iova: 0x1_0000_0000n, size: 0x40_0000n },
});
