// VFIO's ioctl numbers against those that a C compiler gives its header, and capability chains.

import { assertEquals, assertThrows } from "@std/assert";
import {
  VFIO_IOCTL,
  VFIO_IOMMU_CAP,
  VFIO_PCI_IRQ,
  VFIO_PCI_REGION,
  VFIO_REGION_CAP,
  vfioCapabilities,
  VfioChainError,
  vfioIoctlName,
} from "../../ffi/vfio.ts";

Deno.test("VFIO_IOCTL holds the values that a C compiler gives linux/vfio.h", () => {
  assertEquals(VFIO_IOCTL, {
    GET_API_VERSION: 0x3b64,
    CHECK_EXTENSION: 0x3b65,
    SET_IOMMU: 0x3b66,
    GROUP_GET_STATUS: 0x3b67,
    GROUP_SET_CONTAINER: 0x3b68,
    GROUP_UNSET_CONTAINER: 0x3b69,
    GROUP_GET_DEVICE_FD: 0x3b6a,
    DEVICE_GET_INFO: 0x3b6b,
    DEVICE_GET_REGION_INFO: 0x3b6c,
    DEVICE_GET_IRQ_INFO: 0x3b6d,
    DEVICE_SET_IRQS: 0x3b6e,
    DEVICE_RESET: 0x3b6f,
    IOMMU_GET_INFO: 0x3b70,
    IOMMU_MAP_DMA: 0x3b71,
    IOMMU_UNMAP_DMA: 0x3b72,
  });
});

Deno.test("regions, interrupts and capabilities have the numbers of linux/vfio.h", () => {
  assertEquals(VFIO_PCI_REGION, { BAR0: 0, CONFIG: 7 });
  assertEquals(VFIO_PCI_IRQ, { INTX: 0, MSI: 1, MSIX: 2, ERR: 3, REQ: 4 });
  assertEquals(VFIO_REGION_CAP, { SPARSE_MMAP: 1, MSIX_MAPPABLE: 3 });
  assertEquals(VFIO_IOMMU_CAP, { IOVA_RANGE: 1, DMA_AVAIL: 3 });
});

Deno.test("vfioIoctlName() names known requests and numbers the rest", () => {
  assertEquals(vfioIoctlName(0x3b71), "VFIO_IOMMU_MAP_DMA");
  assertEquals(vfioIoctlName(0x1234), "ioctl 0x1234");
});

/** An answer of 64 bytes, 24 of them fixed, with capability headers at the offsets given. */
function answerWith(headers: Readonly<Record<number, readonly [number, number]>>): Uint8Array {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  for (const [offset, [id, next]] of Object.entries(headers)) {
    view.setUint16(Number(offset), id, true);
    view.setUint16(Number(offset) + 2, 1, true);
    view.setUint32(Number(offset) + 4, next, true);
  }
  return bytes;
}

Deno.test("vfioCapabilities() follows a chain in its order, whatever order that is", () => {
  const answer = answerWith({ 48: [3, 24], 24: [1, 0] });
  const found = vfioCapabilities(answer, 48, 24);
  assertEquals(found.map(({ id, version, bytes }) => [id, version, bytes.length]), [
    [3, 1, 16],
    [1, 1, 40],
  ]);
});

Deno.test("vfioCapabilities() finds none where there is no chain", () => {
  assertEquals(vfioCapabilities(new Uint8Array(24), 0, 24), []);
});

Deno.test("vfioCapabilities() takes a header that ends where the answer ends", () => {
  assertEquals(vfioCapabilities(answerWith({ 56: [1, 0] }), 56, 24).length, 1);
});

Deno.test("vfioCapabilities() refuses a chain that leads out of the answer", () => {
  for (const outside of [57, 64, 0xffff_fff8, 0xffff_ffff]) {
    assertThrows(
      () => vfioCapabilities(answerWith({ 24: [1, outside] }), 24, 24),
      VfioChainError,
      `it leads to byte ${outside}, need 24 to 56`,
    );
  }
});

Deno.test("vfioCapabilities() refuses a chain that leads into the structure itself", () => {
  for (const inside of [1, 16, 23]) {
    assertThrows(
      () => vfioCapabilities(answerWith({ 24: [1, inside] }), 24, 24),
      VfioChainError,
      `byte ${inside}`,
    );
  }
});

Deno.test("vfioCapabilities() refuses a chain that goes round, at once or by a detour", () => {
  assertThrows(
    () => vfioCapabilities(answerWith({ 24: [1, 24] }), 24, 24),
    VfioChainError,
    "comes back to byte 24",
  );
  assertThrows(
    () => vfioCapabilities(answerWith({ 24: [1, 40], 40: [2, 56], 56: [3, 40] }), 24, 24),
    VfioChainError,
    "comes back to byte 40",
  );
});
