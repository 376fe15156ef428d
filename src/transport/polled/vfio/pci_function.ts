// What sysfs says of one PCI function before it is opened: its driver, its IOMMU group, its node.

import type { VfioKernel } from "./kernel.ts";

const DEVICES = "/sys/bus/pci/devices";
const GROUPS = "/sys/kernel/iommu_groups";

/** A PCI function, as far as opening it depends on it. */
export interface PciFunction {
  /** `0000:06:00.0`. */
  readonly bdf: string;
  readonly exists: boolean;
  /** The name of its driver. */
  readonly driver: string | undefined;
  /** The number of its IOMMU group. */
  readonly group: string | undefined;
  /** Whether that group is VFIO's own invention, without an IOMMU behind it. */
  readonly noIommu: boolean;
  /** The node of its own that IOMMUFD works with, where this kernel has both. */
  readonly node: string | undefined;
}

/** A device of an IOMMU group. */
export interface GroupMember {
  readonly name: string;
  readonly driver: string | undefined;
}

/** Looks at a function; what is not there is undefined. */
export function readFunction(kernel: VfioKernel, bdf: string): PciFunction {
  const device = `${DEVICES}/${bdf}`;
  const group = lastPart(kernel.readLink(`${device}/iommu_group`));
  return {
    bdf,
    exists: kernel.readLink(device) !== undefined,
    driver: lastPart(kernel.readLink(`${device}/driver`)),
    group,
    noIommu: group !== undefined && isInvented(kernel, group),
    node: nodeOf(kernel, device),
  };
}

/** The devices of a group, sorted, each with its driver. */
export function groupMembers(kernel: VfioKernel, group: string): readonly GroupMember[] {
  const folder = `${GROUPS}/${group}/devices`;
  return kernel.readDir(folder).toSorted().map((name) => ({
    name,
    driver: lastPart(kernel.readLink(`${folder}/${name}/driver`)),
  }));
}

/** Drivers that let the rest of their group be used: they leave DMA alone, or are VFIO. */
const HARMLESS: ReadonlySet<string> = new Set(["pci-stub", "pcieport"]);

/** Whether a member keeps its group from being used [LINUX-6.1 §drivers/iommu/iommu.c]. */
export function isInTheWay({ driver }: GroupMember): boolean {
  return driver !== undefined && !isVfioDriver(driver) && !HARMLESS.has(driver);
}

/** Whether a driver gives a function to user space: vfio-pci, or a variant for one vendor. */
export function isVfioDriver(driver: string): boolean {
  return /(^|[-_])vfio([-_]|$)/.test(driver);
}

/** Without an IOMMU, VFIO makes a group and names it so [LINUX-6.1 §drivers/vfio/vfio_main.c]. */
function isInvented(kernel: VfioKernel, group: string): boolean {
  return kernel.readText(`${GROUPS}/${group}/name`)?.trim() === "vfio-noiommu";
}

function nodeOf(kernel: VfioKernel, device: string): string | undefined {
  const name = kernel.readDir(`${device}/vfio-dev`).find((entry) => /^vfio\d+$/.test(entry));
  if (name === undefined || !kernel.readDir("/dev").includes("iommu")) return undefined;
  return kernel.readDir("/dev/vfio/devices").includes(name)
    ? `/dev/vfio/devices/${name}`
    : undefined;
}

function lastPart(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf("/") + 1);
}
