// VFIO's second interface: /dev/iommu has the address space, and the device a node of its own.
//
// Linux has it since 6.6. Kernels that keep the first interface may leave this one out, as Debian
// 12 does (6.1, without IOMMUFD); what stands here follows the kernel's headers and is shown by
// scripted tests only.

import { ERRNO } from "../../../../ffi/errno.ts";
import {
  IommuDestroy,
  IOMMUFD_IOCTL,
  IommuIoasAlloc,
  IommuIoasIovaRanges,
  IommuIoasMap,
  IommuIoasUnmap,
  IommuIovaRange,
  VFIO_CDEV_IOCTL,
  VfioDeviceAttachIommufdPt,
  VfioDeviceBindIommufd,
  VfioDeviceDetachIommufdPt,
} from "../../../../ffi/iommufd.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import { MalformedError, UnreachableError } from "../../../errors.ts";
import { type IovaLimits, sortRanges } from "./iova.ts";
import type { KernelFile } from "./kernel.ts";
import { groupMembers, isInTheWay } from "./pci_function.ts";
import { mapRefused, nodeRefused, notViable, refusedCall } from "./refusals.ts";
import { send, sending } from "./request.ts";
import { type AddressSpace, onceThere, type Opening, type Session } from "./session.ts";

const IOMMU = "/dev/iommu";
/** Ranges that the first question has room for; machines have two or three. */
const FEW_RANGES = 64;
const MOST_RANGES = 4096;

/** Opens a function by its own node: bound to an address space and attached to it. */
export async function openWithIommufd(
  opening: Opening,
  node: string,
  group: string,
): Promise<Session> {
  using stack = new DisposableStack();
  const iommu = stack.use(await openNode(opening, IOMMU));
  const device = stack.use(await openNode(opening, node));
  bind(opening, { device, iommu, group, node });
  const space = IommuIoasAlloc.encode({ size: IommuIoasAlloc.size });
  send(iommu, IOMMUFD_IOCTL.IOAS_ALLOC, space);
  const { ioasId } = IommuIoasAlloc.decode(space);
  // Closing the files ends both as well: where a device that is gone refuses, nothing is lost.
  stack.defer(() => {
    const destroy = IommuDestroy.encode({ size: IommuDestroy.size, id: ioasId });
    iommu.tryIoctl(IOMMUFD_IOCTL.DESTROY, destroy);
  });
  attach(device, ioasId);
  stack.defer(() => {
    const detach = VfioDeviceDetachIommufdPt.encode({ argsz: VfioDeviceDetachIommufdPt.size });
    device.tryIoctl(VFIO_CDEV_IOCTL.DETACH_IOMMUFD_PT, detach);
  });
  const addresses = iommufdSpace(opening, iommu, ioasId);
  const opened = stack.move();
  return { device, space: addresses, [Symbol.dispose]: () => opened.dispose() };
}

async function openNode(opening: Opening, path: string): Promise<KernelFile> {
  const { kernel, bdf, holders } = opening;
  try {
    return await onceThere(opening, () => kernel.open(path));
  } catch (error) {
    throw error instanceof SysError ? nodeRefused(bdf, path, error, holders) : error;
  }
}

interface Binding {
  readonly device: KernelFile;
  readonly iommu: KernelFile;
  readonly group: string;
  readonly node: string;
}

function bind(opening: Opening, { device, iommu, group, node }: Binding): void {
  const { kernel, bdf, holders } = opening;
  const argument = VfioDeviceBindIommufd.encode({
    argsz: VfioDeviceBindIommufd.size,
    iommufd: iommu.number,
  });
  const { errno } = device.tryIoctl(VFIO_CDEV_IOCTL.BIND_IOMMUFD, argument);
  if (errno === 0) return;
  const error = new SysError(sending(device, VFIO_CDEV_IOCTL.BIND_IOMMUFD), errno);
  if (errno !== ERRNO.EBUSY) throw refusedCall(bdf, error);
  // The group belongs to a kernel driver, or another process was here first.
  const members = groupMembers(kernel, group);
  if (members.some(isInTheWay)) throw notViable(bdf, group, members);
  throw nodeRefused(bdf, node, error, holders);
}

function attach(device: KernelFile, tableId: number): void {
  const argsz = VfioDeviceAttachIommufdPt.size;
  const argument = VfioDeviceAttachIommufdPt.encode({ argsz, tableId });
  send(device, VFIO_CDEV_IOCTL.ATTACH_IOMMUFD_PT, argument);
}

function iommufdSpace(opening: Opening, iommu: KernelFile, ioasId: number): AddressSpace {
  const { kernel, bdf } = opening;
  return {
    limits: readLimits(opening, iommu, ioasId),
    map({ address }, { iova, bytes }) {
      const map = IommuIoasMap.encode({
        size: IommuIoasMap.size,
        flags: { fixed: true, writeable: true, readable: true },
        ioasId,
        address,
        length: bytes,
        iova,
      });
      const outcome = iommu.tryIoctl(IOMMUFD_IOCTL.IOAS_MAP, map);
      if (outcome.errno === 0) return;
      throw mapRefused(bdf, bytes, outcome, sending(iommu, IOMMUFD_IOCTL.IOAS_MAP), kernel);
    },
    unmap({ iova, bytes }) {
      const size = IommuIoasUnmap.size;
      const unmap = IommuIoasUnmap.encode({ size, ioasId, iova, length: bytes });
      const { errno } = iommu.tryIoctl(IOMMUFD_IOCTL.IOAS_UNMAP, unmap);
      if (errno !== 0) {
        throw refusedCall(bdf, new SysError(sending(iommu, IOMMUFD_IOCTL.IOAS_UNMAP), errno));
      }
      const { length } = IommuIoasUnmap.decode(unmap);
      if (length === BigInt(bytes)) return;
      throw new UnreachableError(
        `Cannot take memory away from pci:${bdf}: ${length} of ${bytes} bytes were unmapped`,
      );
    },
  };
}

/** What can be mapped now that the device is attached; the kernel writes the ranges elsewhere. */
function readLimits({ kernel, bdf }: Opening, iommu: KernelFile, ioasId: number): IovaLimits {
  const page = BigInt(kernel.pageBytes());
  for (let room = FEW_RANGES; room <= MOST_RANGES;) {
    using memory = kernel.mapMemory(room * IommuIovaRange.size);
    const size = IommuIoasIovaRanges.size;
    const { address } = memory;
    const question = IommuIoasIovaRanges.encode({ size, ioasId, count: room, address });
    const { errno } = iommu.tryIoctl(IOMMUFD_IOCTL.IOAS_IOVA_RANGES, question);
    if (errno !== 0 && errno !== ERRNO.EMSGSIZE) {
      const error = new SysError(sending(iommu, IOMMUFD_IOCTL.IOAS_IOVA_RANGES), errno);
      throw refusedCall(bdf, error);
    }
    const { count, alignment } = IommuIoasIovaRanges.decode(question);
    if (count <= room) {
      const ranges = Array.from({ length: count }, (_, at) => {
        const place = new Uint8Array(memory.buffer, at * IommuIovaRange.size);
        const { start, last } = IommuIovaRange.decode(place);
        return { first: start, last };
      });
      const unitBytes = alignment > page ? alignment : page;
      return { ranges: sortRanges(ranges), unitBytes, mappings: undefined };
    }
    room = count;
  }
  throw new MalformedError(
    `Cannot ${sending(iommu, IOMMUFD_IOCTL.IOAS_IOVA_RANGES)}: its answer never fits`,
  );
}
