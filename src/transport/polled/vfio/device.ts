// What a device behind VFIO has: regions, and the line on which the kernel asks for it back.

import {
  VFIO_IOCTL,
  VFIO_PCI_IRQ,
  VFIO_REGION_CAP,
  vfioCapabilities,
} from "../../../../ffi/vfio.ts";
import {
  VfioDeviceInfo,
  VfioIrqInfo,
  VfioIrqSetEventfd,
  VfioRegionInfo,
  VfioSparseMmap,
  VfioSparseMmapArea,
} from "../../../../ffi/vfio_structs.ts";
import type { KernelEvent, KernelFile, VfioKernel } from "./kernel.ts";
import { ask, send } from "./request.ts";

/** What a device says of itself. */
export type DeviceInfo = ReturnType<typeof VfioDeviceInfo.decode>;

/** A region of a device. */
export interface Region {
  /** Bytes; 0 where there is none. */
  readonly size: bigint;
  /** Where it begins in the device's file. */
  readonly offset: bigint;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** Bytes from its beginning that can be mapped without a gap. */
  readonly mappableBytes: bigint;
}

/** Asks a device what it is. Throws SysError. */
export function readDevice(device: KernelFile): DeviceInfo {
  const info = VfioDeviceInfo.encode({ argsz: VfioDeviceInfo.size });
  send(device, VFIO_IOCTL.DEVICE_GET_INFO, info);
  return VfioDeviceInfo.decode(info);
}

/** Asks for a region, with its capabilities. Throws SysError, VfioChainError. */
export function readRegion(device: KernelFile, index: number): Region {
  const question = VfioRegionInfo.encode({ argsz: VfioRegionInfo.size, index });
  const answer = ask(device, VFIO_IOCTL.DEVICE_GET_REGION_INFO, question);
  const { flags, size, offset, capOffset } = VfioRegionInfo.decode(answer);
  const chain = flags.caps ? vfioCapabilities(answer, capOffset, VfioRegionInfo.size) : [];
  const sparse = chain.find(({ id }) => id === VFIO_REGION_CAP.SPARSE_MMAP);
  const mappable = sparse === undefined ? size : coveredBytes(readAreas(sparse.bytes), size);
  return {
    size,
    offset,
    canRead: flags.read,
    canWrite: flags.write,
    mappableBytes: flags.mmap ? mappable : 0n,
  };
}

interface Area {
  readonly offset: bigint;
  readonly size: bigint;
}

function readAreas(bytes: Uint8Array): readonly Area[] {
  const { areas } = VfioSparseMmap.decode(bytes);
  const room = Math.floor((bytes.length - VfioSparseMmap.size) / VfioSparseMmapArea.size);
  return Array.from({ length: Math.min(areas, room) }, (_, at) => {
    const place = VfioSparseMmap.size + at * VfioSparseMmapArea.size;
    return VfioSparseMmapArea.decode(bytes.subarray(place));
  });
}

/** Bytes from the beginning that areas cover without a gap, within the region. */
function coveredBytes(areas: readonly Area[], size: bigint): bigint {
  const sorted = areas.toSorted((a, b) => a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0);
  let covered = 0n;
  for (const { offset, size: bytes } of sorted) {
    if (offset > covered) break;
    if (offset + bytes > covered) covered = offset + bytes;
  }
  return covered < size ? covered : size;
}

/**
 * Has the kernel say when it wants the function back, where it can; whoever unbinds the function
 * would otherwise wait in silence until this process ends. Throws SysError.
 */
export function watchRequests(
  kernel: VfioKernel,
  device: KernelFile,
  info: DeviceInfo,
): KernelEvent | undefined {
  if (info.interrupts <= VFIO_PCI_IRQ.REQ) return undefined;
  const question = VfioIrqInfo.encode({ argsz: VfioIrqInfo.size, index: VFIO_PCI_IRQ.REQ });
  send(device, VFIO_IOCTL.DEVICE_GET_IRQ_INFO, question);
  const { flags, count } = VfioIrqInfo.decode(question);
  if (!flags.eventfd || count === 0) return undefined;
  using stack = new DisposableStack();
  const event = stack.use(kernel.event());
  const set = VfioIrqSetEventfd.encode({
    argsz: VfioIrqSetEventfd.size,
    flags: { dataEventfd: true, trigger: true },
    index: VFIO_PCI_IRQ.REQ,
    start: 0,
    count: 1,
    eventfd: event.number,
  });
  send(device, VFIO_IOCTL.DEVICE_SET_IRQS, set);
  stack.move();
  return event;
}
