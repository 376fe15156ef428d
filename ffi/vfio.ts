// VFIO: ioctl numbers, extensions, regions and interrupts of a PCI function, capability chains.

import { _IO } from "./ioctl.ts";
import { VfioInfoCapHeader } from "./vfio_structs.ts";

const TYPE = ";";
const BASE = 100;

/** VFIO's requests; sizes stand in the structures, not in the numbers [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_IOCTL = {
  GET_API_VERSION: _IO(TYPE, BASE + 0),
  CHECK_EXTENSION: _IO(TYPE, BASE + 1),
  SET_IOMMU: _IO(TYPE, BASE + 2),
  GROUP_GET_STATUS: _IO(TYPE, BASE + 3),
  GROUP_SET_CONTAINER: _IO(TYPE, BASE + 4),
  GROUP_UNSET_CONTAINER: _IO(TYPE, BASE + 5),
  GROUP_GET_DEVICE_FD: _IO(TYPE, BASE + 6),
  DEVICE_GET_INFO: _IO(TYPE, BASE + 7),
  DEVICE_GET_REGION_INFO: _IO(TYPE, BASE + 8),
  DEVICE_GET_IRQ_INFO: _IO(TYPE, BASE + 9),
  DEVICE_SET_IRQS: _IO(TYPE, BASE + 10),
  DEVICE_RESET: _IO(TYPE, BASE + 11),
  /** On a container; the numbers from here on mean other things on a device. */
  IOMMU_GET_INFO: _IO(TYPE, BASE + 12),
  IOMMU_MAP_DMA: _IO(TYPE, BASE + 13),
  IOMMU_UNMAP_DMA: _IO(TYPE, BASE + 14),
} as const;

/** The one version of the interface so far. */
export const VFIO_API_VERSION = 0;

/** Kinds of IOMMU, for CHECK_EXTENSION and SET_IOMMU [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_IOMMU = {
  TYPE1: 1,
  /** TYPE1 whose mappings are taken away as they were made, or not at all. */
  TYPE1v2: 3,
  NOIOMMU: 8,
} as const;

/** Regions of a PCI function [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_PCI_REGION = { BAR0: 0, CONFIG: 7 } as const;

/** Kinds of interrupts of a PCI function [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_PCI_IRQ = {
  INTX: 0,
  MSI: 1,
  MSIX: 2,
  ERR: 3,
  /** Fires when the kernel wants the function back. */
  REQ: 4,
} as const;

/** Capabilities of DEVICE_GET_REGION_INFO [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_REGION_CAP = {
  /** Only parts of the region can be mapped. */
  SPARSE_MMAP: 1,
  /** The part with the MSI-X table can be mapped too. */
  MSIX_MAPPABLE: 3,
} as const;

/** Capabilities of IOMMU_GET_INFO [UAPI-6.1 §linux/vfio.h]. */
export const VFIO_IOMMU_CAP = { IOVA_RANGE: 1, DMA_AVAIL: 3 } as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(VFIO_IOCTL).map(([name, code]) => [code, `VFIO_${name}`]),
);

/** The name of a request in the kernel's header, or its number in hexadecimal. */
export function vfioIoctlName(request: number): string {
  return NAMES.get(request) ?? `ioctl 0x${request.toString(16)}`;
}

/** A capability behind an answer. */
export interface VfioCapability {
  readonly id: number;
  readonly version: number;
  /** From its header to the end of the answer: nothing says how long a capability is. */
  readonly bytes: Uint8Array;
}

/** A capability chain that leads out of its answer, back into it, or round in a circle. */
export class VfioChainError extends Error {
  override readonly name = "VfioChainError";
}

/**
 * The capabilities of an answer, in the order of their chain.
 *
 * @param answer the whole structure, with what follows it
 * @param first offset of the first capability, 0 for none
 * @param fixedBytes of the structure itself, where no capability can lie
 * @throws {VfioChainError}
 */
export function vfioCapabilities(
  answer: Uint8Array,
  first: number,
  fixedBytes: number,
): readonly VfioCapability[] {
  const found: VfioCapability[] = [];
  const seen = new Set<number>();
  for (let offset = first; offset !== 0;) {
    if (offset < fixedBytes || offset + VfioInfoCapHeader.size > answer.length) {
      throw new VfioChainError(
        `Cannot follow a capability chain: it leads to byte ${offset}, ` +
          `need ${fixedBytes} to ${answer.length - VfioInfoCapHeader.size}`,
      );
    }
    if (seen.has(offset)) {
      throw new VfioChainError(
        `Cannot follow a capability chain: it comes back to byte ${offset}`,
      );
    }
    seen.add(offset);
    const bytes = answer.subarray(offset);
    const { id, version, next } = VfioInfoCapHeader.decode(bytes);
    found.push({ id, version, bytes });
    offset = next;
  }
  return found;
}
