// What stands between this process and an NVMe function that it wants to drive by itself, in the
// order in which it has to be cleared away.

import {
  type IommuGroup,
  type ModuleFacts,
  type NvmeFunction,
  VFIO_DRIVER,
  type VfioMachine,
} from "./facts.ts";
import { isMemlockTooSmall } from "./machine.ts";
import { formatList, memberText, othersInTheWay } from "./words.ts";

/** The kinds of obstacle. */
export type ObstacleKind =
  | "iommu"
  | "unsafe"
  | "module"
  | "driver"
  | "group"
  | "permission"
  | "memlock";

/** One thing that stands in the way. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** What was found, worded to stand after a colon. */
  readonly text: string;
  /** The step that clears it away. */
  readonly next: string;
  /** Whether binding the function to vfio-pci clears it away. */
  readonly byBind?: true;
}

/** The word that means a machine as far as it is known. */
type Machine = VfioMachine | undefined;

/**
 * Everything in the way of opening a function, the first thing to do first; none where it can be
 * opened now. Without a `machine` its modules and limits are left out.
 */
export function obstaclesOf(about: NvmeFunction, machine?: VfioMachine): readonly Obstacle[] {
  return [
    ...iommuObstacles(about, machine),
    // Binding brings in what it needs.
    ...(machine === undefined ? [] : moduleObstacles(about, machine))
      .filter(({ byBind }) => !byBind || about.driver === VFIO_DRIVER),
    ...driverObstacles(about),
    ...(about.group === undefined ? [] : groupObstacles(about, about.group)),
    ...permissionObstacles(about),
    ...(machine !== undefined && isMemlockTooSmall(machine) ? [memlockObstacle(machine)] : []),
  ];
}

/**
 * A node that is not there although vfio-pci has the function. Not among the obstacles to opening:
 * the node of a function that was bound just now may take a moment, and opening waits for it.
 */
export function missingNode({ driver, group, cdev }: NvmeFunction): readonly Obstacle[] {
  if (driver !== VFIO_DRIVER || group === undefined || group.isUnsafe) return [];
  const { node } = group;
  if (node.exists || cdev?.exists === true) return [];
  return [{
    kind: "permission",
    text: `there is no ${node.path}, although vfio-pci has the function`,
    next: `in a container: give it /dev/vfio/vfio and ${node.path}`,
  }];
}

/** What keeps a function from being given to vfio-pci at all: no IOMMU, or no module. */
export function bindObstacles(about: NvmeFunction, machine: VfioMachine): readonly Obstacle[] {
  return [...iommuObstacles(about, machine), ...moduleObstacles(about, machine)]
    .filter(({ byBind }) => !byBind);
}

/** What is in the way on a machine, whichever function it is about. */
export function machineObstacles(machine: VfioMachine): readonly Obstacle[] {
  const text = "the IOMMU is off, or there is none";
  return [
    ...(machine.iommu.groups > 0
      ? []
      : [{ kind: "iommu", text, next: iommuAdvice(machine) } as const]),
    ...missingModules(machine),
    ...(isMemlockTooSmall(machine) ? [memlockObstacle(machine)] : []),
  ];
}

const NOTHING_KNOWN: Pick<VfioMachine["iommu"], "vendor" | "described" | "parameters"> = {
  vendor: undefined,
  described: undefined,
  parameters: [],
};

/** How an IOMMU is turned on. */
export function iommuAdvice(machine: Machine): string {
  const { vendor, described, parameters } = machine?.iommu ?? NOTHING_KNOWN;
  const setup = vendor === "AMD"
    ? "the IOMMU (AMD-Vi) in the firmware setup"
    : vendor === "Intel"
    ? "VT-d in the firmware setup"
    : "VT-d or AMD-Vi in the firmware setup";
  const parameter = vendor === "AMD"
    ? "amd_iommu=on"
    : vendor === "Intel"
    ? "intel_iommu=on"
    : "intel_iommu=on (Intel) or amd_iommu=on (AMD)";
  if (described === false) {
    return `turn on ${setup} (a virtual machine needs an emulated IOMMU), and start Linux with ` +
      parameter;
  }
  return parameters.includes("intel_iommu=on") || parameters.includes("amd_iommu=on")
    ? `turn on ${setup}; dmesg | grep -e DMAR -e AMD-Vi -e IOMMU says what Linux found`
    : `start Linux with ${parameter}, and turn on ${setup}`;
}

function iommuObstacles({ group, unsafeMode }: NvmeFunction, machine: Machine): Obstacle[] {
  if (group !== undefined && !group.isUnsafe) return [];
  if (group?.isUnsafe || unsafeMode) {
    return [{
      kind: "unsafe",
      text: "there is no IOMMU, and vfio is in no-IOMMU mode, in which nothing keeps the drive " +
        "from writing anywhere in memory; nvmectl does not use it",
      next: iommuAdvice(machine),
    }];
  }
  const found = machine === undefined || machine.iommu.groups === 0
    ? "it is in no IOMMU group: the IOMMU is off, or there is none"
    : "it is in no IOMMU group, though others are: the firmware leaves it out";
  return [{ kind: "iommu", text: found, next: iommuAdvice(machine) }];
}

function moduleObstacles(about: NvmeFunction, machine: VfioMachine): readonly Obstacle[] {
  // The newer interface does without the older ones' module.
  const isNew = about.cdev?.exists === true && machine.iommufd.exists;
  return missingModules(machine, isNew ? ["vfio_iommu_type1"] : []);
}

function missingModules(
  { modules, modulesDisabled, release }: VfioMachine,
  without: readonly string[] = [],
): readonly Obstacle[] {
  const named = (wanted: ModuleFacts["state"]): readonly string[] =>
    modules.filter(({ name, state }) => state === wanted && !without.includes(name))
      .map(({ name }) => name);
  const [missing, loadable] = [named("missing"), named("loadable")];
  const are = (names: readonly string[]): string =>
    `the kernel ${names.length === 1 ? "module" : "modules"} ${formatList(names)} ` +
    (names.length === 1 ? "is" : "are");
  const found: Obstacle[] = [];
  if (missing.length > 0) {
    const text = `${are(missing)} not there for Linux ${release ?? "of this release"}`;
    const next = "install the modules of the running kernel (CONFIG_VFIO_PCI)";
    found.push({ kind: "module", text, next });
  }
  if (loadable.length > 0 && modulesDisabled) {
    const text = `${are(loadable)} not loaded, and loading is disabled until the next start`;
    found.push({ kind: "module", text, next: "have vfio-pci loaded at the next start" });
  } else if (loadable.length > 0) {
    const text = `${are(loadable)} not loaded`;
    const next = `modprobe -a ${loadable.join(" ")}; nvmectl vfio bind does it too`;
    found.push({ kind: "module", text, next, byBind: true });
  }
  return found;
}

function driverObstacles({ address, driver, controller }: NvmeFunction): readonly Obstacle[] {
  if (driver === VFIO_DRIVER) return [];
  const bind = `nvmectl vfio bind ${address}`;
  if (driver === "nvme" && controller !== undefined) {
    return [{
      kind: "driver",
      text: `the kernel's nvme driver has it, as /dev/${controller.name}`,
      next: `name /dev/${controller.name}, or take it from the kernel: ${bind}`,
      byBind: true,
    }];
  }
  const text = driver === undefined
    ? "no driver is bound to it"
    : driver === "nvme"
    ? "the kernel's nvme driver has it, but made no controller of it (dmesg says why)"
    : `it is bound to the driver ${driver}`;
  return [{ kind: "driver", text, next: bind, byBind: true }];
}

/** This function's own driver is an obstacle of its own. */
function groupObstacles(about: NvmeFunction, group: IommuGroup): readonly Obstacle[] {
  const others = othersInTheWay(about);
  if (others.length === 0) return [];
  const members = group.members.map(memberText).join(", ");
  const text = `its IOMMU group ${group.number} is not viable, because ${
    others.map((one) => `${one.address} is bound to ${one.driver}`).join(" and ")
  }; the group is ${members}`;
  return [{ kind: "group", text, next: groupAdvice(others) }];
}

/** What to do about members of a group that other drivers have. */
export function groupAdvice(others: readonly { address: string; what: string }[]): string {
  const [nvme, rest] = [
    others.filter(({ what }) => what.startsWith("NVMe")),
    others.filter(({ what }) => !what.startsWith("NVMe")),
  ];
  return [
    ...nvme.map(({ address }) => `nvmectl vfio bind ${address}`),
    ...rest.map(({ address }) =>
      `echo ${address} > /sys/bus/pci/devices/${address}/driver/unbind takes its driver away`
    ),
  ].join("; ") || "put the drive into another slot";
}

function permissionObstacles({ driver, group, cdev }: NvmeFunction): readonly Obstacle[] {
  if (driver !== VFIO_DRIVER || group === undefined || group.isUnsafe) return [];
  const { node } = group;
  if (node.mayUse !== false || cdev?.mayUse === true) return [];
  const mode = (node.permissions ?? 0).toString(8).padStart(4, "0");
  const owner = node.userId === 0 ? "root" : String(node.userId);
  return [{
    kind: "permission",
    text: `this user may not open ${node.path}: its mode is ${mode}, its owner ${owner}, ` +
      `its group ${node.group}`,
    next: `as root: chown USER ${node.path}; or run nvmectl as root`,
  }];
}

function memlockObstacle({ memlock: { limitBytes = 0n, needBytes } }: VfioMachine): Obstacle {
  return {
    kind: "memlock",
    text: `this user may lock ${limitBytes / 1024n} KiB of memory (ulimit -l), and the driver ` +
      `needs ${needBytes / 1024n} KiB`,
    next: "raise memlock in /etc/security/limits.conf, or run nvmectl as root",
  };
}
