// The structures of VFIO's ioctls, for groups and containers and for the devices in them.

import { at, bit, bits, reserved, struct, u16, u32, u64 } from "../src/layout/mod.ts";

const CITE = "[UAPI-6.1 §linux/vfio.h]";

// argsz is the caller's size of the structure; the kernel raises it to what it would have said.
const ARGSZ = at(0, 3, "argsz", u32, "Bytes of the structure");

/** struct vfio_info_cap_header: what each capability behind an answer begins with. */
export const VfioInfoCapHeader = struct("struct vfio_info_cap_header", 8, CITE, [
  at(0, 1, "id", u16, "Capability"),
  at(2, 3, "version", u16, "Version of this capability"),
  at(4, 7, "next", u32, "Offset of the next capability in the answer, 0 for none"),
]);

/** struct vfio_group_status, for VFIO_GROUP_GET_STATUS. */
export const VfioGroupStatus = struct("struct vfio_group_status", 8, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      viable: bit(0, "All its devices are bound to VFIO or to nothing"),
      containerSet: bit(1, "In a container"),
    }),
    "State",
  ),
]);

/** struct vfio_device_info, for VFIO_DEVICE_GET_INFO. */
export const VfioDeviceInfo = struct("struct vfio_device_info", 20, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      reset: bit(0, "Can be reset"),
      pci: bit(1, "PCI function"),
      caps: bit(7, "Capabilities follow"),
    }),
    "Kind",
  ),
  at(8, 11, "regions", u32, "Regions"),
  at(12, 15, "interrupts", u32, "Kinds of interrupts"),
  at(16, 19, "capOffset", u32, "Offset of the first capability"),
]);

/** struct vfio_region_info, for VFIO_DEVICE_GET_REGION_INFO. */
export const VfioRegionInfo = struct("struct vfio_region_info", 32, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      read: bit(0, "Can be read"),
      write: bit(1, "Can be written"),
      mmap: bit(2, "Can be mapped"),
      caps: bit(3, "Capabilities follow"),
    }),
    "Abilities",
  ),
  at(8, 11, "index", u32, "Region"),
  at(12, 15, "capOffset", u32, "Offset of the first capability"),
  at(16, 23, "size", u64, "Bytes of the region, 0 where there is none"),
  at(24, 31, "offset", u64, "Where it begins in the device's file"),
]);

/** struct vfio_region_info_cap_sparse_mmap without its areas. */
export const VfioSparseMmap = struct("struct vfio_region_info_cap_sparse_mmap", 16, CITE, [
  at(0, 7, "header", VfioInfoCapHeader, "Header"),
  at(8, 11, "areas", u32, "Areas that follow"),
  reserved(12, 15),
]);

/** struct vfio_region_sparse_mmap_area: a part of a region that can be mapped. */
export const VfioSparseMmapArea = struct("struct vfio_region_sparse_mmap_area", 16, CITE, [
  at(0, 7, "offset", u64, "Where it begins in the region"),
  at(8, 15, "size", u64, "Bytes"),
]);

/** struct vfio_irq_info, for VFIO_DEVICE_GET_IRQ_INFO. */
export const VfioIrqInfo = struct("struct vfio_irq_info", 16, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      eventfd: bit(0, "Can signal an eventfd"),
      maskable: bit(1, "Can be masked"),
      automasked: bit(2, "Masked when it fires"),
      noResize: bit(3, "Enabled all at once"),
    }),
    "Abilities",
  ),
  at(8, 11, "index", u32, "Kind of interrupt"),
  at(12, 15, "count", u32, "Interrupts of this kind"),
]);

/** struct vfio_irq_set with one eventfd behind it, for VFIO_DEVICE_SET_IRQS. */
export const VfioIrqSetEventfd = struct("struct vfio_irq_set with one eventfd", 24, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      dataNone: bit(0, "No data"),
      dataBool: bit(1, "Data are booleans"),
      dataEventfd: bit(2, "Data are eventfds"),
      mask: bit(3, "Mask"),
      unmask: bit(4, "Unmask"),
      trigger: bit(5, "Trigger"),
    }),
    "Action and kind of data",
  ),
  at(8, 11, "index", u32, "Kind of interrupt"),
  at(12, 15, "start", u32, "First interrupt"),
  at(16, 19, "count", u32, "Interrupts"),
  at(20, 23, "eventfd", u32, "File descriptor of the eventfd, all ones to take it away"),
]);

/** struct vfio_iommu_type1_info, for VFIO_IOMMU_GET_INFO; padded as a C compiler pads it. */
export const VfioIommuInfo = struct("struct vfio_iommu_type1_info", 24, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      pageSizes: bit(0, "Page sizes given"),
      caps: bit(1, "Capabilities follow"),
    }),
    "What is given",
  ),
  at(8, 15, "pageSizes", u64, "Page sizes: bit n for 2^n bytes"),
  at(16, 19, "capOffset", u32, "Offset of the first capability"),
  reserved(20, 23),
]);

/** struct vfio_iommu_type1_info_cap_iova_range without its ranges. */
export const VfioIovaRanges = struct("struct vfio_iommu_type1_info_cap_iova_range", 16, CITE, [
  at(0, 7, "header", VfioInfoCapHeader, "Header"),
  at(8, 11, "ranges", u32, "Ranges that follow"),
  reserved(12, 15),
]);

/** struct vfio_iova_range: addresses that can be mapped. */
export const VfioIovaRange = struct("struct vfio_iova_range", 16, CITE, [
  at(0, 7, "start", u64, "First address"),
  at(8, 15, "end", u64, "Last address"),
]);

/** struct vfio_iommu_type1_info_dma_avail. */
export const VfioDmaAvail = struct("struct vfio_iommu_type1_info_dma_avail", 12, CITE, [
  at(0, 7, "header", VfioInfoCapHeader, "Header"),
  at(8, 11, "available", u32, "Mappings that can still be made"),
]);

/** struct vfio_iommu_type1_dma_map, for VFIO_IOMMU_MAP_DMA. */
export const VfioDmaMap = struct("struct vfio_iommu_type1_dma_map", 32, CITE, [
  ARGSZ,
  at(
    4,
    7,
    "flags",
    bits(u32, { read: bit(0, "The device may read"), write: bit(1, "The device may write") }),
    "Permissions",
  ),
  at(8, 15, "address", u64, "Where the memory begins in this process"),
  at(16, 23, "iova", u64, "Where the device sees it"),
  at(24, 31, "size", u64, "Bytes"),
]);

/** struct vfio_iommu_type1_dma_unmap, for VFIO_IOMMU_UNMAP_DMA; `size` comes back as done. */
export const VfioDmaUnmap = struct("struct vfio_iommu_type1_dma_unmap", 24, CITE, [
  ARGSZ,
  at(4, 7, "flags", u32, "Flags"),
  at(8, 15, "iova", u64, "First address"),
  at(16, 23, "size", u64, "Bytes"),
]);
