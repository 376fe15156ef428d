// Why a function cannot be opened, each reason with its own sentence and next step.

import { ERRNO } from "../../../../ffi/errno.ts";
import type { IoctlOutcome } from "../../../../ffi/ioctl.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import { UnreachableError, UsageError } from "../../../errors.ts";
import { formatBinaryBytes } from "../../../layout/mod.ts";
import type { Holder, VfioKernel } from "./kernel.ts";
import { type GroupMember, isInTheWay, isVfioDriver, type PciFunction } from "./pci_function.ts";

const KIB = 1024n;
const MODULES = "modprobe vfio-pci vfio_iommu_type1";

/** What is typed for an address is none. */
export function notAnAddress(typed: string): UsageError {
  return new UsageError(`Cannot open pci:${typed}: it is not a PCI address`, {
    next: "write domain:bus:device.function, such as pci:0000:01:00.0; lspci -D shows them",
  });
}

/** Why a function cannot be opened, as sysfs shows it; undefined where nothing is against it. */
export function refusalOf(found: PciFunction, kernel: VfioKernel): UnreachableError | undefined {
  const { bdf, exists, driver, group, noIommu } = found;
  if (!exists) {
    return new UnreachableError(`Cannot open pci:${bdf}: no PCI function has this address`, {
      next: "nvmectl vfio status shows the NVMe functions of this machine",
      code: "ENOENT",
    });
  }
  if (driver === undefined || !isVfioDriver(driver)) {
    const state = driver === undefined ? "no driver has it" : `the driver ${driver} has it`;
    return new UnreachableError(`Cannot open pci:${bdf}: ${state}, need vfio-pci`, {
      next: `nvmectl vfio bind ${bdf}`,
    });
  }
  if (noIommu) return noIommuMode(bdf);
  if (group !== undefined) return undefined;
  const unsafe = kernel.readText("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode")?.trim();
  return unsafe === "Y" ? noIommuMode(bdf) : new UnreachableError(
    `Cannot open pci:${bdf}: it is in no IOMMU group, so this machine has no IOMMU switched on`,
    {
      next: "switch VT-d or AMD-Vi on in the firmware, and boot with intel_iommu=on (Intel)",
    },
  );
}

/** The no-IOMMU mode of VFIO is refused. */
function noIommuMode(bdf: string): UnreachableError {
  return new UnreachableError(
    `Cannot open pci:${bdf}: VFIO is in its unsafe mode without an IOMMU, in which a drive could ` +
      "overwrite any memory of this machine and needs addresses that only the kernel knows",
    {
      next: "switch VT-d or AMD-Vi on in the firmware, boot with intel_iommu=on (Intel), " +
        "and set enable_unsafe_noiommu_mode of vfio to N",
    },
  );
}

/** VFIO itself, or the part of it that drives IOMMUs, is not loaded. */
export function noVfio(bdf: string, state: string, cause?: SysError): UnreachableError {
  return new UnreachableError(`Cannot open pci:${bdf}: ${state}`, {
    next: MODULES,
    code: cause?.code,
    cause,
  });
}

/** VFIO has the function, but its nodes are not here. */
export function noNodes(bdf: string, path: string, cause: SysError): UnreachableError {
  return new UnreachableError(
    `Cannot open pci:${bdf}: there is no ${path}, although vfio-pci has the function`,
    {
      next: `in a container: give it ${path} and the node of the group beside it; ` +
        "elsewhere: modprobe vfio",
      code: cause.code,
      cause,
    },
  );
}

/** Another member of the group belongs to a driver of the kernel. */
export function notViable(
  bdf: string,
  group: string,
  members: readonly GroupMember[],
): UnreachableError {
  const list = members.map(({ name, driver }) => `${name} (${driver ?? "no driver"})`).join(", ");
  const others = members.filter(isInTheWay).map(({ name }) => name);
  return new UnreachableError(
    `Cannot open pci:${bdf}: its IOMMU group ${group} is shared with devices that kernel drivers ` +
      `have: ${list}`,
    {
      next: others.length === 0
        ? `nvmectl vfio status ${bdf}`
        : `unbind ${others.join(" and ")}, or bind them to vfio-pci too: ` +
          "the IOMMU cannot tell members of one group apart",
    },
  );
}

/** What opening a node of VFIO was refused with. */
export function nodeRefused(
  bdf: string,
  path: string,
  error: SysError,
  holders: (path: string) => readonly Holder[],
): UnreachableError {
  const refused = (state: string, next: string): UnreachableError =>
    new UnreachableError(`Cannot open pci:${bdf}: ${state}`, {
      next,
      code: error.code,
      cause: error,
    });
  switch (error.errno) {
    case ERRNO.EBUSY: {
      const processes = holders(path).map(({ pid, program }) => `${pid} (${program})`);
      return processes.length === 0
        ? refused(`${path} is in use by a process that is not seen`, `sudo fuser -v ${path}`)
        : refused(
          `${path} is in use by process ${processes.join(", ")}`,
          "end it, or wait until it is done",
        );
    }
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return refused(
        `permission denied on ${path}`,
        `run as root, or let this user have it: sudo chown "$USER" ${path}`,
      );
    case ERRNO.ENOENT:
    case ERRNO.ENXIO:
    case ERRNO.ENODEV:
      return refused(
        `there is no ${path}`,
        `in a container: give it ${path}; elsewhere: nvmectl vfio status ${bdf}`,
      );
    default:
      return refused(error.message.replace(/^Cannot open /, ""), `nvmectl vfio status ${bdf}`);
  }
}

/** What mapping memory for the drive was refused with. */
export function mapRefused(
  bdf: string,
  bytes: number,
  { errno }: IoctlOutcome,
  operation: string,
  kernel: VfioKernel,
): UnreachableError {
  const cause = new SysError(operation, errno);
  const limit = kernel.memlockLimitBytes();
  if (errno === ERRNO.ENOMEM && limit !== undefined) {
    const need = formatBinaryBytes(bytes);
    return new UnreachableError(
      `Cannot pin memory for pci:${bdf}: need ${need}, and this process may lock ${limit / KIB} ` +
        "KiB with all that it locks already",
      {
        next: `ulimit -l ${BigInt(bytes) / KIB} or more, memlock in limits.conf, or run as root`,
        code: cause.code,
        cause,
      },
    );
  }
  if (errno === ERRNO.ENOSPC) {
    return new UnreachableError(
      `Cannot map memory for pci:${bdf}: VFIO allows no further mapping`,
      { next: "raise dma_entry_limit of vfio_iommu_type1", code: cause.code, cause },
    );
  }
  return refusedCall(bdf, cause);
}

/** A request that the kernel refused for a reason that has no sentence of its own. */
export function refusedCall(bdf: string, error: SysError): UnreachableError {
  return new UnreachableError(`Cannot use pci:${bdf}: ${error.message.replace(/^Cannot /, "")}`, {
    next: "dmesg may say why",
    code: error.code,
    cause: error,
  });
}
