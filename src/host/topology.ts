// Which NVMe subsystems, controllers and namespaces the kernel has, read from sysfs: no drive is
// asked, no device node opened, and no privilege needed.

import { attribute, decimal, deviceNumber, flag, linkName, sectorBytes } from "./attribute.ts";
import type { HostView } from "./host_view.ts";
import { compareNames, type DeviceName, parseName } from "./names.ts";

const CONTROLLERS = "/sys/class/nvme";
const SUBSYSTEMS = "/sys/class/nvme-subsystem";
const BLOCK = "/sys/class/block";

/** An NVM subsystem, which the kernel shows since Linux 4.15. */
export interface Subsystem {
  /** `nvme-subsys0`. */
  readonly name: string;
  readonly nqn: string | undefined;
  /** How native multipath spreads I/O: `numa`, `round-robin`, `queue-depth`. */
  readonly ioPolicy: string | undefined;
  /** Its controllers, by name. */
  readonly controllers: readonly string[];
}

/** A controller that the kernel has a driver on. Strings of the drive are raw, but not padded. */
export interface Controller {
  /** `nvme0`; its character device is /dev/nvme0. */
  readonly name: string;
  /** `major:minor` of its character device. */
  readonly device: string | undefined;
  readonly serial: string | undefined;
  readonly model: string | undefined;
  readonly firmware: string | undefined;
  /** `pcie`, `tcp`, `rdma`, `fc`, `loop`, `apple-nvme`. */
  readonly transport: string | undefined;
  /** The PCI function `0000:01:00.0`, or `traddr=...,trsvcid=...` of a fabric. */
  readonly address: string | undefined;
  /** `live`, `new`, `resetting`, `connecting`, `deleting`, `dead`, ...: the kernel's word. */
  readonly state: string | undefined;
  /** `io`, `discovery`, `admin`; `reserved` where the drive does not say; newer kernels only. */
  readonly type: string | undefined;
  readonly cntlid: number | undefined;
  readonly subsystem: string | undefined;
  readonly nqn: string | undefined;
  /** Queues in use, the admin queue counted. */
  readonly queueCount: number | undefined;
  /** The NUMA node that it is attached to. */
  readonly numaNode: number | undefined;
  /** The driver of the device that it lies on: `nvme`. */
  readonly driver: string | undefined;
  /** The directory of its temperature sensors: `/sys/class/nvme/nvme0/hwmon1`. */
  readonly hwmon: string | undefined;
  /** Namespaces that it reaches, by name. */
  readonly namespaces: readonly string[];
}

/** One controller's way to a namespace. */
export interface NamespacePath {
  readonly controller: string;
  /** The hidden device of native multipath, `nvme0c1n1`; none where the namespace is its own. */
  readonly name: string | undefined;
  /** `optimized`, `non-optimized`, `inaccessible`, ...: only where ANA is in use. */
  readonly anaState: string | undefined;
  /** The state of the controller. */
  readonly state: string | undefined;
}

/** A namespace as the kernel offers it. Without native multipath one namespace can have several. */
export interface Namespace {
  /** `nvme0n1`, named after the kernel's instances: neither number need be a controller or NSID. */
  readonly name: string;
  /** The number that commands need; the oldest kernels do not show it. */
  readonly nsid: number | undefined;
  /** Its character device, `ng0n1`; since Linux 5.13. */
  readonly generic: string | undefined;
  /** `major:minor` of its block device. */
  readonly device: string | undefined;
  readonly capacityBytes: bigint | undefined;
  /** Bytes of a logical block, without metadata. */
  readonly blockBytes: number | undefined;
  readonly physicalBlockBytes: number | undefined;
  /** Bytes of metadata to each logical block; since Linux 6.8. */
  readonly metadataBytes: number | undefined;
  readonly readOnly: boolean | undefined;
  /** Whether the kernel offers no block device for it, and at most a character device. */
  readonly hidden: boolean;
  /** The kernel's own name for the namespace's identity, made from what the drive has. */
  readonly wwid: string | undefined;
  readonly uuid: string | undefined;
  /** 32 hexadecimal digits. */
  readonly nguid: string | undefined;
  /** 16 hexadecimal digits. */
  readonly eui: string | undefined;
  readonly subsystem: string | undefined;
  readonly paths: readonly NamespacePath[];
}

/** Everything NVMe that the kernel shows, in the order of the numbers. */
export interface Topology {
  readonly subsystems: readonly Subsystem[];
  readonly controllers: readonly Controller[];
  readonly namespaces: readonly Namespace[];
}

/** A namespace's directory, and the ways to it found so far. */
interface Found {
  readonly name: string;
  readonly directory: string;
  /** Whether the directory is a path's own, because the kernel made no device of the namespace. */
  readonly onlyPath: boolean;
  readonly subsystem: string | undefined;
  readonly paths: NamespacePath[];
}

/** The names of the controllers, `nvme0`, in the order of their numbers. */
export function controllerNames(view: HostView): readonly string[] {
  return namesIn(view, CONTROLLERS, "controller");
}

/** Reads what the kernel knows of the machine's NVMe devices. Never throws for what is missing. */
export function readTopology(view: HostView): Topology {
  const subsystems = namesIn(view, SUBSYSTEMS, "subsystem").map((name) => subsystem(view, name));
  const controllers = controllerNames(view)
    .map((name) => controller(view, name, subsystems));
  const found = findNamespaces(view, subsystems, controllers);
  const namespaces = found.map((entry) => namespace(view, entry));
  return {
    subsystems,
    controllers: controllers.map((entry) => ({
      ...entry,
      namespaces: namespaces.filter(({ paths }) => reachedBy(paths, entry.name))
        .map(({ name }) => name),
    })),
    namespaces,
  };
}

function subsystem(view: HostView, name: string): Subsystem {
  const directory = `${SUBSYSTEMS}/${name}`;
  return {
    name,
    nqn: attribute(view, `${directory}/subsysnqn`),
    ioPolicy: attribute(view, `${directory}/iopolicy`),
    controllers: namesIn(view, directory, "controller"),
  };
}

function controller(
  view: HostView,
  name: string,
  subsystems: readonly Subsystem[],
): Controller {
  const directory = `${CONTROLLERS}/${name}`;
  const text = (key: string): string | undefined => attribute(view, `${directory}/${key}`);
  const owner = subsystems.find(({ controllers }) => controllers.includes(name));
  const isPci = linkName(view, `${directory}/device/subsystem`) === "pci";
  return {
    name,
    device: deviceNumber(view, `${directory}/dev`),
    serial: text("serial"),
    model: text("model"),
    firmware: text("firmware_rev"),
    // The oldest kernels have neither attribute, and know no other transport.
    transport: text("transport") ?? (isPci ? "pcie" : undefined),
    address: text("address") ?? (isPci ? linkName(view, `${directory}/device`) : undefined),
    state: text("state"),
    type: text("cntrltype"),
    cntlid: decimal(view, `${directory}/cntlid`),
    subsystem: owner?.name,
    nqn: owner?.nqn ?? text("subsysnqn"),
    queueCount: decimal(view, `${directory}/queue_count`),
    numaNode: numaNode(view, directory),
    driver: linkName(view, `${directory}/device/driver`),
    hwmon: hwmon(view, directory),
    namespaces: [],
  };
}

/** The controller's node or, from older kernels, its PCI function's; -1 there means none. */
function numaNode(view: HostView, directory: string): number | undefined {
  const node = decimal(view, `${directory}/numa_node`) ??
    decimal(view, `${directory}/device/numa_node`);
  return node === undefined || node < 0 ? undefined : node;
}

/** The sensors hang on the controller or, with older kernels, on its PCI function. */
function hwmon(view: HostView, directory: string): string | undefined {
  for (const parent of [directory, `${directory}/hwmon`, `${directory}/device/hwmon`]) {
    const name = view.readDir(parent).find((entry) => /^hwmon\d+$/.test(entry));
    if (name !== undefined) return `${parent}/${name}`;
  }
  return undefined;
}

function findNamespaces(
  view: HostView,
  subsystems: readonly Subsystem[],
  controllers: readonly Controller[],
): readonly Found[] {
  const found = new Map<string, Found>();
  const add = (entry: Omit<Found, "paths">): Found => {
    const known = found.get(entry.name);
    if (known !== undefined) return known;
    const fresh = { ...entry, paths: [] };
    found.set(entry.name, fresh);
    return fresh;
  };
  for (const { name: subsystem } of subsystems) {
    const parent = `${SUBSYSTEMS}/${subsystem}`;
    for (const name of namesIn(view, parent, "namespace")) {
      add({ name, directory: `${parent}/${name}`, onlyPath: false, subsystem });
    }
  }
  for (const { name: controller, state, subsystem } of controllers) {
    const parent = `${CONTROLLERS}/${controller}`;
    for (const name of namesIn(view, parent, "namespace")) {
      const entry = add({ name, directory: `${parent}/${name}`, onlyPath: false, subsystem });
      entry.paths.push({ controller, name: undefined, anaState: undefined, state });
    }
  }
  // Containers may show the block devices and neither class.
  for (const name of namesIn(view, BLOCK, "namespace")) {
    const isKnown = found.has(name);
    const entry = add({
      name,
      directory: `${BLOCK}/${name}`,
      onlyPath: false,
      subsystem: undefined,
    });
    const parent = isKnown ? undefined : linkName(view, `${BLOCK}/${name}/device`);
    if (parent !== undefined && parseName(parent)?.kind === "controller") {
      entry.paths.push({
        controller: parent,
        name: undefined,
        anaState: undefined,
        state: undefined,
      });
    }
  }
  // Which controller a path belongs to is told by its directory: the middle number of its name is
  // the controller's instance now, and was its CNTLID in the first kernels with multipath. A
  // namespace that no path has ever reached has paths, and no device of its own yet.
  for (const { name: controller, state, subsystem } of controllers) {
    const parent = `${CONTROLLERS}/${controller}`;
    for (const path of namesIn(view, parent, "path")) {
      const directory = `${parent}/${path}`;
      const entry = add({ name: headOf(path), directory, onlyPath: true, subsystem });
      const anaState = attribute(view, `${directory}/ana_state`);
      entry.paths.push({ controller, name: path, anaState, state });
    }
  }
  return [...found.values()].sort((a, b) => compareNames(a.name, b.name));
}

function namespace(view: HostView, { name, directory, onlyPath, ...rest }: Found): Namespace {
  const at = (key: string): string => `${directory}/${key}`;
  const nguid = hexDigits(attribute(view, at("nguid")));
  const uuid = attribute(view, at("uuid"));
  return {
    name,
    nsid: decimal(view, at("nsid")),
    generic: generic(view, name, directory),
    device: onlyPath ? undefined : deviceNumber(view, at("dev")),
    capacityBytes: sectorBytes(view, at("size")),
    blockBytes: decimal(view, at("queue/logical_block_size")),
    physicalBlockBytes: decimal(view, at("queue/physical_block_size")),
    metadataBytes: decimal(view, at("metadata_bytes")),
    readOnly: flag(view, at("ro")),
    hidden: onlyPath || (flag(view, at("hidden")) ?? false),
    wwid: attribute(view, at("wwid")),
    // The kernel gives the NGUID as the UUID of a namespace that has no UUID.
    uuid: hexDigits(uuid) === nguid ? undefined : uuid,
    nguid,
    eui: hexDigits(attribute(view, at("eui"))),
    ...rest,
  };
}

/** The character device beside a namespace's block device, in any of the places that show it. */
function generic(view: HostView, name: string, directory: string): string | undefined {
  const parsed = parseName(name);
  if (parsed?.kind !== "namespace") return undefined;
  const { generic } = parsed;
  const isThere = view.readDir(`${directory}/..`).includes(generic) ||
    view.readLink(`/sys/class/nvme-generic/${generic}`) !== undefined ||
    view.stat(`/dev/${generic}`)?.type === "character";
  return isThere ? generic : undefined;
}

function headOf(path: string): string {
  const parsed = parseName(path);
  return parsed?.kind === "path" ? parsed.head : path;
}

function namesIn(view: HostView, directory: string, kind: DeviceName["kind"]): readonly string[] {
  return view.readDir(directory).filter((name) => parseName(name)?.kind === kind)
    .sort(compareNames);
}

function reachedBy(paths: readonly NamespacePath[], name: string): boolean {
  return paths.some(({ controller }) => controller === name);
}

function hexDigits(text: string | undefined): string | undefined {
  return text?.replace(/[^0-9a-fA-F]/g, "").toLowerCase();
}
