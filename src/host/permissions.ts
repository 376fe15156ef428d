// Why a drive cannot be reached from here: who this process is, what a device node allows, which
// drivers are there, and NVMe functions that no NVMe driver has.

import { attribute, linkName } from "./attribute.ts";
import type { HostView } from "./host_view.ts";
import { compareNames } from "./names.ts";

const PCI_DEVICES = "/sys/bus/pci/devices";

/** Bits of a capability set linux/capability.h [UAPI-6.1]. */
const CAP_DAC_OVERRIDE = 1n;
const CAP_IPC_LOCK = 14n;
const CAP_SYS_ADMIN = 21n;

/** Who this process is to the kernel. */
export interface ProcessIdentity {
  readonly userId: number;
  /** The effective group, and the supplementary ones. */
  readonly groupIds: readonly number[];
  /** CAP_SYS_ADMIN, which the kernel wants for most passthrough commands; root may lack it. */
  readonly mayAdminister: boolean;
  /** CAP_DAC_OVERRIDE: permission bits do not count. */
  readonly mayOpenAnything: boolean;
  /** CAP_IPC_LOCK: the limit on locked memory does not count. */
  readonly mayLockMemory: boolean;
}

/** What a device node's owner, group and permission bits allow. */
export interface NodeAccess {
  readonly path: string;
  readonly permissions: number;
  readonly userId: number;
  readonly groupId: number;
  readonly groupName: string | undefined;
  /** Whether this process may open it for reading; undefined where it is not known who it is. */
  readonly mayRead: boolean | undefined;
  /** The same for writing. */
  readonly mayWrite: boolean | undefined;
}

/** A PCI function that is an NVMe controller by its class code, or by its driver. */
export interface PciFunction {
  /** `0000:01:00.0` */
  readonly address: string;
  /** The class code, 6 hexadecimal digits: `010802` is the NVMe I/O controller. */
  readonly classCode: string | undefined;
  readonly vendor: string | undefined;
  readonly device: string | undefined;
  /** The driver bound to it: `nvme`, `vfio-pci`. */
  readonly driver: string | undefined;
  /** The controller that the nvme driver made of it: `nvme0`. */
  readonly controller: string | undefined;
}

/** Who this process is; undefined where /proc does not say. */
export function processIdentity(view: HostView): ProcessIdentity | undefined {
  const status = view.readText("/proc/self/status");
  const line = (key: string): readonly string[] =>
    new RegExp(`^${key}:[ \t]*(.*)$`, "m").exec(status ?? "")?.[1]?.split(/[ \t]+/) ?? [];
  // Real, effective, saved, file system: the second counts.
  const userId = line("Uid")[1];
  const groupId = line("Gid")[1];
  const [effective] = line("CapEff");
  if (userId === undefined || groupId === undefined) return undefined;
  const capabilities = /^[0-9a-f]+$/.test(effective ?? "") ? BigInt(`0x${effective}`) : 0n;
  const has = (bit: bigint): boolean => ((capabilities >> bit) & 1n) === 1n;
  const groups = [groupId, ...line("Groups")].filter((group) => group !== "").map(Number);
  return {
    userId: Number(userId),
    groupIds: [...new Set(groups)],
    mayAdminister: has(CAP_SYS_ADMIN),
    mayOpenAnything: has(CAP_DAC_OVERRIDE),
    mayLockMemory: has(CAP_IPC_LOCK),
  };
}

/** What a device node allows; undefined where it is missing or cannot be seen. */
export function nodeAccess(view: HostView, path: string): NodeAccess | undefined {
  const file = view.stat(path);
  if (file === undefined) return undefined;
  const { permissions, userId, groupId } = file;
  const who = processIdentity(view);
  const bits = who?.userId === userId ? 6 : who?.groupIds.includes(groupId) ? 3 : 0;
  const may = (bit: number): boolean | undefined =>
    who === undefined ? undefined : who.mayOpenAnything || ((permissions >> bits) & bit) !== 0;
  return {
    path,
    permissions,
    userId,
    groupId,
    groupName: groupName(view, groupId),
    mayRead: may(4),
    mayWrite: may(2),
  };
}

/** Whether a kernel module is loaded, or built in with parameters: `nvme`, `nvme_core`. */
export function isModuleLoaded(view: HostView, name: string): boolean {
  return view.stat(`/sys/module/${name}`)?.type === "directory";
}

/**
 * The machine's NVMe functions: those of class 01h, subclass 08h [PCIE-1.1], and whatever
 * else the nvme driver is bound to, since some drives have another class.
 */
export function pciNvmeFunctions(view: HostView): readonly PciFunction[] {
  return [...view.readDir(PCI_DEVICES)].sort(compareAddresses).flatMap((address) => {
    const directory = `${PCI_DEVICES}/${address}`;
    const hex = (key: string): string | undefined =>
      attribute(view, `${directory}/${key}`)?.replace(/^0x/, "");
    const classCode = hex("class");
    const driver = linkName(view, `${directory}/driver`);
    if (!classCode?.startsWith("0108") && driver !== "nvme") return [];
    return [{
      address,
      classCode,
      vendor: hex("vendor"),
      device: hex("device"),
      driver,
      controller: [...view.readDir(`${directory}/nvme`)].sort(compareNames)
        .find((name) => /^nvme\d+$/.test(name)),
    }];
  });
}

/**
 * Why the kernel shows no controller, or fewer than expected: a statement for each NVMe function
 * that has none, or for the machine as a whole. Empty where every function has its controller.
 */
export function whyNoController(view: HostView): readonly string[] {
  const functions = pciNvmeFunctions(view);
  const hasNvme = isModuleLoaded(view, "nvme");
  if (functions.length > 0) {
    return functions.filter(({ controller }) => controller === undefined)
      .map((found) => unreached(found, hasNvme));
  }
  const addresses = view.readDir(PCI_DEVICES);
  if (addresses.length === 0) return ["/sys shows no PCI functions"];
  const hiding = [...addresses].sort(compareAddresses).filter((address) => mayHide(view, address));
  return [
    "no PCI function is an NVMe controller",
    ...hiding.map((address) =>
      `${address} is an Intel RAID controller, behind which drives can be hidden: ` +
      "the firmware setup (VMD, RST) or the vmd driver shows them"
    ),
  ];
}

/** Whether a function is one of Intel's RAID controllers (class 01h, subclass 04h); VMD is one. */
function mayHide(view: HostView, address: string): boolean {
  const classCode = attribute(view, `${PCI_DEVICES}/${address}/class`);
  const vendor = attribute(view, `${PCI_DEVICES}/${address}/vendor`);
  return vendor === "0x8086" && classCode?.startsWith("0x0104") === true;
}

function unreached({ address, driver }: PciFunction, hasNvme: boolean): string {
  const what = `${address} is an NVMe controller`;
  if (driver === "nvme") {
    return `${what}, and the nvme driver has it, but has not brought it up (dmesg says why)`;
  }
  if (driver !== undefined) return `${what}, but it is bound to ${driver}`;
  return hasNvme
    ? `${what}, but no driver is bound to it (the nvme driver may have given it up: see dmesg)`
    : `${what}, but no driver is bound to it and the nvme module is not loaded`;
}

function groupName(view: HostView, groupId: number): string | undefined {
  // name:password:id:members
  return view.readText("/etc/group")?.split("\n").map((line) => line.split(":"))
    .find(([, , id]) => id === String(groupId))?.[0];
}

/**
 * Orders PCI addresses: hexadecimal of fixed width, save for domains beyond 0xffff, which have more
 * digits.
 */
export function compareAddresses(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
