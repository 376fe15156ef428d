// IOMMUFD, VFIO's newer way to an IOMMU: ioctl numbers and structures of /dev/iommu, and of the
// character devices that vfio-pci has for it.

import { at, bit, bits, reserved, struct, u32, u64 } from "../src/layout/mod.ts";
import { _IO } from "./ioctl.ts";

const TYPE = ";";
const VFIO_BASE = 100;
const IOMMUFD_BASE = 0x80;

/** Requests on a device's own node in /dev/vfio/devices [UAPI-6.6 §linux/vfio.h]. */
export const VFIO_CDEV_IOCTL = {
  BIND_IOMMUFD: _IO(TYPE, VFIO_BASE + 18),
  ATTACH_IOMMUFD_PT: _IO(TYPE, VFIO_BASE + 19),
  DETACH_IOMMUFD_PT: _IO(TYPE, VFIO_BASE + 20),
} as const;

/** Requests on /dev/iommu [UAPI-6.6 §linux/iommufd.h]. */
export const IOMMUFD_IOCTL = {
  DESTROY: _IO(TYPE, IOMMUFD_BASE + 0),
  IOAS_ALLOC: _IO(TYPE, IOMMUFD_BASE + 1),
  IOAS_IOVA_RANGES: _IO(TYPE, IOMMUFD_BASE + 4),
  IOAS_MAP: _IO(TYPE, IOMMUFD_BASE + 5),
  IOAS_UNMAP: _IO(TYPE, IOMMUFD_BASE + 6),
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(VFIO_CDEV_IOCTL).map(([name, code]) => [code, `VFIO_DEVICE_${name}`] as const),
  ...Object.entries(IOMMUFD_IOCTL).map(([name, code]) => [code, `IOMMU_${name}`] as const),
]);

/** The name of a request in the kernel's headers, or its number in hexadecimal. */
export function iommufdIoctlName(request: number): string {
  return NAMES.get(request) ?? `ioctl 0x${request.toString(16)}`;
}

const VFIO = "[UAPI-6.6 §linux/vfio.h]";
const ARGSZ = at(0, 3, "argsz", u32, "Bytes of the structure");
const FLAGS = at(4, 7, "flags", u32, "Flags");

/** struct vfio_device_bind_iommufd. */
export const VfioDeviceBindIommufd = struct("struct vfio_device_bind_iommufd", 16, VFIO, [
  ARGSZ,
  FLAGS,
  at(8, 11, "iommufd", u32, "File descriptor of /dev/iommu"),
  at(12, 15, "deviceId", u32, "The device's identifier in it, written by the kernel"),
]);

/** struct vfio_device_attach_iommufd_pt, as Linux 6.6 has it; later kernels take it as well. */
export const VfioDeviceAttachIommufdPt = struct(
  "struct vfio_device_attach_iommufd_pt",
  12,
  VFIO,
  [ARGSZ, FLAGS, at(8, 11, "tableId", u32, "Address space, then the page table in use")],
);

/** struct vfio_device_detach_iommufd_pt, as Linux 6.6 has it. */
export const VfioDeviceDetachIommufdPt = struct(
  "struct vfio_device_detach_iommufd_pt",
  8,
  VFIO,
  [ARGSZ, FLAGS],
);

const IOMMUFD = "[UAPI-6.6 §linux/iommufd.h]";
const SIZE = at(0, 3, "size", u32, "Bytes of the structure");

/** struct iommu_destroy. */
export const IommuDestroy = struct("struct iommu_destroy", 8, IOMMUFD, [
  SIZE,
  at(4, 7, "id", u32, "Object"),
]);

/** struct iommu_ioas_alloc. */
export const IommuIoasAlloc = struct("struct iommu_ioas_alloc", 12, IOMMUFD, [
  SIZE,
  FLAGS,
  at(8, 11, "ioasId", u32, "The new address space, written by the kernel"),
]);

/** struct iommu_ioas_iova_ranges; the ranges lie elsewhere. */
export const IommuIoasIovaRanges = struct("struct iommu_ioas_iova_ranges", 32, IOMMUFD, [
  SIZE,
  at(4, 7, "ioasId", u32, "Address space"),
  at(8, 11, "count", u32, "Ranges that there is room for, then ranges that there are"),
  reserved(12, 15),
  at(16, 23, "address", u64, "Where the kernel writes the ranges"),
  at(24, 31, "alignment", u64, "What every address and length is a multiple of"),
]);

/** struct iommu_iova_range: addresses that can be mapped. */
export const IommuIovaRange = struct("struct iommu_iova_range", 16, IOMMUFD, [
  at(0, 7, "start", u64, "First address"),
  at(8, 15, "last", u64, "Last address"),
]);

/** struct iommu_ioas_map. */
export const IommuIoasMap = struct("struct iommu_ioas_map", 40, IOMMUFD, [
  SIZE,
  at(
    4,
    7,
    "flags",
    bits(u32, {
      fixed: bit(0, "At the address given"),
      writeable: bit(1, "The device may write"),
      readable: bit(2, "The device may read"),
    }),
    "How",
  ),
  at(8, 11, "ioasId", u32, "Address space"),
  reserved(12, 15),
  at(16, 23, "address", u64, "Where the memory begins in this process"),
  at(24, 31, "length", u64, "Bytes"),
  at(32, 39, "iova", u64, "Where the device sees it"),
]);

/** struct iommu_ioas_unmap; `length` comes back as done. */
export const IommuIoasUnmap = struct("struct iommu_ioas_unmap", 24, IOMMUFD, [
  SIZE,
  at(4, 7, "ioasId", u32, "Address space"),
  at(8, 15, "iova", u64, "First address"),
  at(16, 23, "length", u64, "Bytes"),
]);
