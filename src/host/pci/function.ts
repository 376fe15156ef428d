// NVMe functions of the machine, and what stands at a PCI address.

import { attribute, linkName } from "../attribute.ts";
import type { HostView } from "../host_view.ts";
import { compareAddresses } from "../permissions.ts";
import { readTopology } from "../topology.ts";
import { parseAddress } from "./address.ts";
import { className, isNvmeClass } from "./class_code.ts";
import type { Described, KernelController, NodeFacts, NvmeFunction } from "./facts.ts";
import { groupOf } from "./group.ts";
import { nodeFacts } from "./node.ts";

const PCI_DEVICES = "/sys/bus/pci/devices";
const UNSAFE_MODE = "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode";

/** The sysfs directory of a PCI function. */
export function functionDirectory(address: string): string {
  return `${PCI_DEVICES}/${address}`;
}

/**
 * What stands at a PCI address, as it was typed.
 *
 * @throws UsageError for what is no address
 */
export function describeFunction(view: HostView, typed: string): Described {
  const address = parseAddress(typed);
  const known = (): readonly string[] => nvmeAddresses(view);
  if (!view.readDir(PCI_DEVICES).includes(address)) {
    return { kind: "absent", address, known: known() };
  }
  const found = nvmeFunction(view, address);
  if (found !== undefined) return found;
  const classCode = classCodeOf(view, address);
  return { kind: "other", address, classCode, what: className(classCode), known: known() };
}

/** Every NVMe function, in the order of the addresses. */
export function nvmeFunctions(view: HostView): readonly NvmeFunction[] {
  return nvmeAddresses(view).flatMap((address) => nvmeFunction(view, address) ?? []);
}

/** Whether vfio may be used without an IOMMU; undefined where the kernel cannot do it. */
export function isUnsafeMode(view: HostView): boolean | undefined {
  const value = attribute(view, UNSAFE_MODE);
  return value === undefined ? undefined : /^[Yy1]/.test(value);
}

/** The driver that has a PCI function now; undefined where none has. */
export function driverOf(view: HostView, address: string): string | undefined {
  return linkName(view, `${functionDirectory(address)}/driver`);
}

/** The name of the controller that the nvme driver made of a function, once it has. */
export function controllerName(view: HostView, address: string): string | undefined {
  return view.readDir(`${functionDirectory(address)}/nvme`)
    .find((name) => /^nvme\d+$/.test(name));
}

function nvmeAddresses(view: HostView): readonly string[] {
  return [...view.readDir(PCI_DEVICES)].sort(compareAddresses)
    .filter((address) => isNvme(view, address));
}

/** By its class, or because the nvme driver has it: some drives have a class of their own. */
function isNvme(view: HostView, address: string): boolean {
  return isNvmeClass(classCodeOf(view, address)) || driverOf(view, address) === "nvme";
}

function nvmeFunction(view: HostView, address: string): NvmeFunction | undefined {
  if (!isNvme(view, address)) return undefined;
  const directory = functionDirectory(address);
  const hex = (key: string): string | undefined =>
    attribute(view, `${directory}/${key}`)?.replace(/^0x/, "");
  const override = attribute(view, `${directory}/driver_override`);
  return {
    kind: "nvme",
    address,
    classCode: classCodeOf(view, address) ?? "",
    vendor: hex("vendor"),
    device: hex("device"),
    driver: driverOf(view, address),
    override: override === "(null)" ? undefined : override,
    controller: controllerOf(view, address),
    group: groupOf(view, directory),
    cdev: cdevOf(view, directory),
    unsafeMode: isUnsafeMode(view) ?? false,
  };
}

function controllerOf(view: HostView, address: string): KernelController | undefined {
  const name = controllerName(view, address);
  if (name === undefined) return undefined;
  const known = readTopology(view).controllers.find((one) => one.name === name);
  return {
    name,
    state: known?.state,
    serial: known?.serial,
    model: known?.model,
    namespaces: known?.namespaces ?? [],
  };
}

function cdevOf(view: HostView, directory: string): NodeFacts | undefined {
  const name = view.readDir(`${directory}/vfio-dev`).find((entry) => /^vfio\d+$/.test(entry));
  return name === undefined ? undefined : nodeFacts(view, `/dev/vfio/devices/${name}`);
}

function classCodeOf(view: HostView, address: string): string | undefined {
  return attribute(view, `${functionDirectory(address)}/class`)?.replace(/^0x/, "");
}
