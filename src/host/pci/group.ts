// IOMMU groups: which devices the IOMMU cannot tell apart, and who drives each of them.

import { attribute, linkName } from "../attribute.ts";
import type { HostView } from "../host_view.ts";
import { compareAddresses } from "../permissions.ts";
import { className, isBridgeClass } from "./class_code.ts";
import type { GroupMember, IommuGroup } from "./facts.ts";
import { nodeFacts } from "./node.ts";

const PCI_DEVICES = "/sys/bus/pci/devices";

/** What vfio names a group that it made itself, without an IOMMU [LINUX-6.1 §drivers/vfio]. */
const UNSAFE_NAME = "vfio-noiommu";

/** Drivers that let a group be used: they touch no memory by themselves. */
const HARMLESS = /^(pci-stub|pcieport|.*vfio.*)$/;

/** The group of the device at a sysfs directory; undefined where there is no IOMMU. */
export function groupOf(view: HostView, directory: string): IommuGroup | undefined {
  const number = linkName(view, `${directory}/iommu_group`);
  if (number === undefined) return undefined;
  const isUnsafe = attribute(view, `${directory}/iommu_group/name`) === UNSAFE_NAME;
  const members = [...view.readDir(`${directory}/iommu_group/devices`)].sort(compareAddresses)
    .map((address) => memberAt(view, `${directory}/iommu_group/devices/${address}`, address));
  return {
    number,
    isUnsafe,
    node: nodeFacts(view, `/dev/vfio/${isUnsafe ? "noiommu-" : ""}${number}`),
    members,
    viable: !members.some(({ inTheWay }) => inTheWay),
  };
}

function memberAt(view: HostView, directory: string, address: string): GroupMember {
  const classCode = attribute(view, `${PCI_DEVICES}/${address}/class`)?.replace(/^0x/, "");
  const driver = linkName(view, `${directory}/driver`);
  return {
    address,
    driver,
    classCode,
    what: classCode === undefined ? "not a PCI function" : className(classCode),
    inTheWay: driver !== undefined && !HARMLESS.test(driver) && !isBridgeClass(classCode),
  };
}
