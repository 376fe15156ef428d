// IOMMUFD's numbers and structures against values typed from linux/vfio.h and linux/iommufd.h.

import { assertEquals } from "@std/assert";
import * as iommufd from "../../ffi/iommufd.ts";
import { structureTests } from "../support/structure.ts";

function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

Deno.test("VFIO_CDEV_IOCTL and IOMMUFD_IOCTL hold the values of the kernel's headers", () => {
  assertEquals(iommufd.VFIO_CDEV_IOCTL, {
    BIND_IOMMUFD: 0x3b76,
    ATTACH_IOMMUFD_PT: 0x3b77,
    DETACH_IOMMUFD_PT: 0x3b78,
  });
  assertEquals(iommufd.IOMMUFD_IOCTL, {
    DESTROY: 0x3b80,
    IOAS_ALLOC: 0x3b81,
    IOAS_IOVA_RANGES: 0x3b84,
    IOAS_MAP: 0x3b85,
    IOAS_UNMAP: 0x3b86,
  });
});

Deno.test("iommufdIoctlName() names known requests and numbers the rest", () => {
  assertEquals(iommufd.iommufdIoctlName(0x3b76), "VFIO_DEVICE_BIND_IOMMUFD");
  assertEquals(iommufd.iommufdIoctlName(0x3b85), "IOMMU_IOAS_MAP");
  assertEquals(iommufd.iommufdIoctlName(0x3b99), "ioctl 0x3b99");
});

structureTests(iommufd.VfioDeviceBindIommufd, {
  bytes: words(16, 0, 5, 1),
  decoded: { argsz: 16, flags: 0, iommufd: 5, deviceId: 1 },
  encoded: { argsz: 16, iommufd: 5, deviceId: 1 },
});

structureTests(iommufd.VfioDeviceAttachIommufdPt, {
  bytes: words(12, 0, 2),
  decoded: { argsz: 12, tableId: 2 },
  encoded: { argsz: 12, tableId: 2 },
});

structureTests(iommufd.VfioDeviceDetachIommufdPt, {
  bytes: words(8, 0),
  decoded: { argsz: 8, flags: 0 },
  encoded: { argsz: 8 },
});

structureTests(iommufd.IommuDestroy, {
  bytes: words(8, 2),
  decoded: { size: 8, id: 2 },
  encoded: { size: 8, id: 2 },
});

structureTests(iommufd.IommuIoasAlloc, {
  bytes: words(12, 0, 2),
  decoded: { size: 12, ioasId: 2 },
  encoded: { size: 12, ioasId: 2 },
});

structureTests(iommufd.IommuIoasIovaRanges, {
  bytes: words(32, 2, 16, 0, 0x3456_7000, 0x7f12, 4096, 0),
  decoded: { ioasId: 2, count: 16, address: 0x7f12_3456_7000n, alignment: 4096n },
  encoded: { size: 32, ioasId: 2, count: 16, address: 0x7f12_3456_7000n, alignment: 4096n },
});

structureTests(iommufd.IommuIovaRange, {
  bytes: words(0xfef0_0000, 0, 0xffff_ffff, 0x7f),
  decoded: { start: 0xfef0_0000n, last: 0x7f_ffff_ffffn },
  encoded: { start: 0xfef0_0000n, last: 0x7f_ffff_ffffn },
});

structureTests(iommufd.IommuIoasMap, {
  bytes: words(40, 7, 2, 0, 0x3456_7000, 0x7f12, 0x40_0000, 0, 0, 1),
  decoded: {
    flags: { fixed: true, writeable: true, readable: true, value: 7 },
    ioasId: 2,
    address: 0x7f12_3456_7000n,
    length: 0x40_0000n,
    iova: 0x1_0000_0000n,
  },
  encoded: {
    size: 40,
    flags: { fixed: true, writeable: true, readable: true },
    ioasId: 2,
    address: 0x7f12_3456_7000n,
    length: 0x40_0000n,
    iova: 0x1_0000_0000n,
  },
});

structureTests(iommufd.IommuIoasUnmap, {
  bytes: words(24, 2, 0, 1, 0x40_0000, 0),
  decoded: { ioasId: 2, iova: 0x1_0000_0000n, length: 0x40_0000n },
  encoded: { size: 24, ioasId: 2, iova: 0x1_0000_0000n, length: 0x40_0000n },
});
