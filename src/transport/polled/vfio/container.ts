// VFIO's first interface: a container is an address space, and groups of devices are put into it.

import { ERRNO } from "../../../../ffi/errno.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import {
  VFIO_API_VERSION,
  VFIO_IOCTL,
  VFIO_IOMMU,
  VFIO_IOMMU_CAP,
  vfioCapabilities,
} from "../../../../ffi/vfio.ts";
import {
  VfioDmaAvail,
  VfioDmaMap,
  VfioDmaUnmap,
  VfioGroupStatus,
  VfioIommuInfo,
  VfioIovaRange,
  VfioIovaRanges,
} from "../../../../ffi/vfio_structs.ts";
import { UnreachableError } from "../../../errors.ts";
import { ALL_ADDRESSES, type IovaLimits, sortRanges } from "./iova.ts";
import type { KernelFile } from "./kernel.ts";
import { groupMembers } from "./pci_function.ts";
import { mapRefused, nodeRefused, noNodes, notViable, noVfio, refusedCall } from "./refusals.ts";
import { ask, send, sending } from "./request.ts";
import { type AddressSpace, onceThere, type Opening, type Session } from "./session.ts";

const CONTAINER = "/dev/vfio/vfio";

/**
 * Opens a function of an IOMMU group, in the one order that works: the container, the group, the
 * group into the container, the kind of IOMMU, and only then the device.
 */
export async function openInContainer(opening: Opening, group: string): Promise<Session> {
  using stack = new DisposableStack();
  const { kernel, bdf } = opening;
  const container = stack.use(openContainer(opening));
  const kind = iommuKind(opening, container);
  const groupFile = stack.use(await openGroup(opening, group));
  putInto(container, groupFile);
  chooseIommu(opening, container, kind);
  const device = stack.use(
    await onceThere(opening, () => {
      const name = new TextEncoder().encode(`${bdf}\0`);
      return kernel.adopt(send(groupFile, VFIO_IOCTL.GROUP_GET_DEVICE_FD, name), `pci:${bdf}`);
    }),
  );
  const space = containerSpace(opening, container);
  const opened = stack.move();
  return { device, space, [Symbol.dispose]: () => opened.dispose() };
}

function openContainer({ kernel, bdf, holders }: Opening): KernelFile {
  let container: KernelFile;
  try {
    container = kernel.open(CONTAINER);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.errno === ERRNO.ENODEV) throw noVfio(bdf, "VFIO is not loaded", error);
    // A function that vfio-pci has shows that VFIO is there.
    if (error.errno === ERRNO.ENOENT) throw noNodes(bdf, CONTAINER, error);
    throw nodeRefused(bdf, CONTAINER, error, holders);
  }
  const version = container.tryIoctl(VFIO_IOCTL.GET_API_VERSION).result;
  if (version === VFIO_API_VERSION) return container;
  container[Symbol.dispose]();
  throw new UnreachableError(
    `Cannot open pci:${bdf}: this kernel's VFIO has version ${version}, need ${VFIO_API_VERSION}`,
  );
}

/** The newer kind of mappings where there is one: only that unmaps exactly what was mapped. */
function iommuKind({ bdf }: Opening, container: KernelFile): bigint {
  const has = (kind: number): boolean =>
    container.tryIoctl(VFIO_IOCTL.CHECK_EXTENSION, BigInt(kind)).result > 0;
  const kind = [VFIO_IOMMU.TYPE1v2, VFIO_IOMMU.TYPE1].find(has);
  if (kind !== undefined) return BigInt(kind);
  throw noVfio(bdf, "VFIO has no driver for this machine's IOMMU, vfio_iommu_type1 is not loaded");
}

async function openGroup(opening: Opening, group: string): Promise<KernelFile> {
  const { kernel, bdf } = opening;
  const path = `/dev/vfio/${group}`;
  using stack = new DisposableStack();
  const file = stack.use(
    await onceThere(opening, () => kernel.open(path)).catch((error) => {
      throw error instanceof SysError ? nodeRefused(bdf, path, error, opening.holders) : error;
    }),
  );
  const status = VfioGroupStatus.encode({ argsz: VfioGroupStatus.size });
  send(file, VFIO_IOCTL.GROUP_GET_STATUS, status);
  if (!VfioGroupStatus.decode(status).flags.viable) {
    throw notViable(bdf, group, groupMembers(kernel, group));
  }
  stack.move();
  return file;
}

function putInto(container: KernelFile, group: KernelFile): void {
  const descriptor = new Uint8Array(new Int32Array([container.number]).buffer);
  send(group, VFIO_IOCTL.GROUP_SET_CONTAINER, descriptor);
}

function chooseIommu({ bdf }: Opening, container: KernelFile, kind: bigint): void {
  const { errno } = container.tryIoctl(VFIO_IOCTL.SET_IOMMU, kind);
  if (errno === 0) return;
  const cause = new SysError(sending(container, VFIO_IOCTL.SET_IOMMU), errno);
  if (errno !== ERRNO.EPERM) throw refusedCall(bdf, cause);
  throw new UnreachableError(
    `Cannot open pci:${bdf}: the IOMMU does not keep a device from sending interrupts as it ` +
      "likes, so the kernel does not give it out",
    {
      next: "switch interrupt remapping on in the firmware, or accept that: allow_unsafe_" +
        "interrupts=1 for vfio_iommu_type1",
      code: cause.code,
      cause,
    },
  );
}

function containerSpace({ kernel, bdf }: Opening, container: KernelFile): AddressSpace {
  const limits = readLimits(container, kernel.pageBytes());
  return {
    limits,
    map({ address }, { iova, bytes }) {
      const map = VfioDmaMap.encode({
        argsz: VfioDmaMap.size,
        flags: { read: true, write: true },
        address,
        iova,
        size: bytes,
      });
      const outcome = container.tryIoctl(VFIO_IOCTL.IOMMU_MAP_DMA, map);
      if (outcome.errno === 0) return;
      const what = sending(container, VFIO_IOCTL.IOMMU_MAP_DMA);
      throw mapRefused(bdf, bytes, outcome, what, kernel);
    },
    unmap({ iova, bytes }) {
      const unmap = VfioDmaUnmap.encode({ argsz: VfioDmaUnmap.size, iova, size: bytes });
      const { errno } = container.tryIoctl(VFIO_IOCTL.IOMMU_UNMAP_DMA, unmap);
      const done = errno === 0 ? VfioDmaUnmap.decode(unmap).size : 0n;
      // What is not mapped is no error to the kernel, only nothing done.
      if (done === BigInt(bytes)) return;
      const what = sending(container, VFIO_IOCTL.IOMMU_UNMAP_DMA);
      if (errno !== 0) throw refusedCall(bdf, new SysError(what, errno));
      throw new UnreachableError(
        `Cannot take memory away from pci:${bdf}: ${done} of ${bytes} bytes were unmapped`,
      );
    },
  };
}

/** What the IOMMU can map, as the kernel says since 5.4 and 5.10. */
function readLimits(container: KernelFile, hostPageBytes: number): IovaLimits {
  const answer = ask(
    container,
    VFIO_IOCTL.IOMMU_GET_INFO,
    VfioIommuInfo.encode({ argsz: VfioIommuInfo.size }),
  );
  const { flags, pageSizes, capOffset } = VfioIommuInfo.decode(answer);
  const smallest = flags.pageSizes ? pageSizes & -pageSizes : 0n;
  const host = BigInt(hostPageBytes);
  let ranges = ALL_ADDRESSES;
  let mappings: number | undefined;
  const chain = flags.caps ? vfioCapabilities(answer, capOffset, VfioIommuInfo.size) : [];
  for (const { id, bytes } of chain) {
    if (id === VFIO_IOMMU_CAP.IOVA_RANGE) ranges = sortRanges(readRanges(bytes));
    if (id === VFIO_IOMMU_CAP.DMA_AVAIL) mappings = VfioDmaAvail.decode(bytes).available;
  }
  return { ranges, unitBytes: smallest > host ? smallest : host, mappings };
}

function readRanges(bytes: Uint8Array): { readonly first: bigint; readonly last: bigint }[] {
  const { ranges } = VfioIovaRanges.decode(bytes);
  return Array.from({ length: Math.min(ranges, bytes.length / VfioIovaRange.size) }, (_, at) => {
    const place = VfioIovaRanges.size + at * VfioIovaRange.size;
    const { start, end } = VfioIovaRange.decode(bytes.subarray(place));
    return { first: start, last: end };
  });
}
