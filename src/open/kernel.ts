// Drives behind the kernel's own driver: by path, by serial number, or the only one there is.

import { FileDescriptor, NVME_IOCTL, O_EXCL, O_RDONLY, SysError } from "../../ffi/mod.ts";
import type { Guard, Use } from "../cli/confirm.ts";
import type { Opened } from "../cli/run.ts";
import { SafetyError, UnreachableError, UsageError } from "../errors.ts";
import {
  blindSpots,
  controllerNames,
  describeDevice,
  type Description,
  findBySerial,
  type HostView,
  isClaimed,
  type Namespace,
  readTopology,
  sameNamespace,
  subsystemPeers,
  systemView,
  type Topology,
  unseenProcesses,
  usesOf,
} from "../host/mod.ts";
import type { WaitingClock } from "../transport/come_back.ts";
import {
  nodeOn,
  openNode,
  type PassthroughNode,
  PassthroughTransport,
} from "../transport/passthrough.ts";
import type { HeldRegisters } from "../transport/passthrough_registers.ts";
import type { Transport } from "../transport/transport.ts";
import { noController, noPermission, notADrive } from "./advice.ts";

/** The machine's NVMe drives as the kernel lists them. */
export function machineTopology(): Topology {
  return readTopology(systemView());
}

/** The names of the machine's controllers, without anything else that sysfs says of them. */
export function machineControllers(): readonly string[] {
  return controllerNames(systemView());
}

/** The machine's only controller; several or none are an error that says which. */
export function openOnly(): Opened {
  const view = systemView();
  const { controllers } = readTopology(view);
  const [only] = controllers;
  if (only === undefined) throw noController(view);
  if (controllers.length > 1) {
    throw new UsageError(
      `Cannot choose a drive: this machine has ${controllers.length} (${
        controllers.map(({ name, serial }) => `/dev/${name}, serial ${serial ?? "unknown"}`).join(
          "; ",
        )
      })`,
      { next: "name one of them" },
    );
  }
  return openPath(`/dev/${only.name}`);
}

/** The one drive with that serial number, whatever its index today. */
export function openSerial(serial: string): Opened {
  const topology = machineTopology();
  const match = findBySerial(topology, serial);
  switch (match.kind) {
    case "one":
      return openPath(`/dev/${match.controller.name}`);
    case "several": {
      const paths = match.controllers.map(({ name }) => `/dev/${name}`);
      throw new UsageError(
        `Cannot open serial:${serial}: ${paths.length} drives have it (${paths.join(", ")})`,
        { next: "name one by its path" },
      );
    }
    case "none": {
      const known = new Set(topology.controllers.map((one) => one.serial ?? "unknown"));
      throw new UnreachableError(
        `Cannot open serial:${serial}: no NVMe drive of this machine has that serial number`,
        {
          next: known.size === 0
            ? "nvmectl list shows what this machine has"
            : `the drives here have ${[...known].join(", ")}`,
        },
      );
    }
  }
}

const CLOCK: WaitingClock = {
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A device node, or a symbolic link to one. A bare name is looked for in /dev. */
export function openPath(typed: string): Opened {
  if (typed === "") throw new UsageError("Cannot open a drive: the target is empty");
  const view = systemView();
  const path = typed.includes("/") ? typed : `/dev/${typed}`;
  const description = describeDevice(view, path);
  refuse(description, view);
  const file = openDevice(path, view);
  try {
    assertSame(file, "device" in description ? description.device : undefined);
    const nsid = namespaceOf(description, file);
    const controllers = controllersOf(description);
    const transport = new PassthroughTransport({
      node: nodeOn(file),
      nsid,
      openNamespace: (wanted) => openNamespace(controllers, wanted),
      openRegisters: (submit) => openRegistersOf(path, controllers, submit),
      clock: CLOCK,
    });
    return { transport, guard: kernelGuard(view, controllers) };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

/** Throws if what was opened is not what was looked at: a link or a name moved in between. */
function assertSame(file: FileDescriptor, device: string | undefined): void {
  const { device: { major, minor } } = file.status();
  if (device === undefined || device === `${major}:${minor}`) return;
  throw new UnreachableError(
    `Cannot use ${file.path}: it was device ${device} and became ${major}:${minor} meanwhile`,
    { next: "the kernel may be renumbering its drives: nvmectl list, then name it again" },
  );
}

/** Throws for what cannot be a drive, or is less than one. */
function refuse(description: Description, view: HostView): void {
  const { kind, path } = description;
  if (kind === "missing" || kind === "file" || kind === "directory" || kind === "other") {
    throw notADrive(description, view);
  }
  if (kind === "partition") {
    throw new UsageError(`Cannot use ${path}: it is a partition, and drives know no partitions`, {
      next: `name the namespace: /dev/${description.namespace}`,
    });
  }
  // The device mapper hands ioctls to what is below it, all of it, however small a part it shows.
  if (kind === "block" && description.name !== undefined) {
    throw new UnreachableError(
      `Cannot use ${path}: it is not an NVMe device, but the block device ${description.name}`,
      { next: `if it stands on an NVMe namespace, name that: lsblk -s ${path} shows it` },
    );
  }
}

function openDevice(path: string, view: HostView): FileDescriptor {
  try {
    return FileDescriptor.open(path, O_RDONLY);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.code === "EACCES" || error.code === "EPERM") throw noPermission(path, view, error);
    throw new UnreachableError(error.message, {
      code: error.code,
      cause: error,
      next: "nvmectl list shows the NVMe devices of this machine",
    });
  }
}

function controllersOf(description: Description): readonly string[] {
  if (description.kind === "controller") return [description.name];
  return "controllers" in description ? description.controllers : [];
}

/**
 * The namespace that a node stands for: from sysfs, or from the kernel itself where it is older.
 */
function namespaceOf(description: Description, file: FileDescriptor): number | undefined {
  if (description.kind !== "namespace" && description.kind !== "generic") return undefined;
  if (description.nsid !== undefined) return description.nsid;
  const { result } = file.tryIoctl(NVME_IOCTL.ID);
  return result > 0 ? result : undefined;
}

function openNamespace(
  controllers: readonly string[],
  nsid: number,
): PassthroughNode | undefined {
  const [found] = namespacesOf(machineTopology(), controllers).filter((one) => one.nsid === nsid);
  const name = found?.generic ?? (found?.hidden ? undefined : found?.name);
  return name === undefined ? undefined : openNode(`/dev/${name}`);
}

/** The registers of the one controller that a device leads to. */
async function openRegistersOf(
  path: string,
  controllers: readonly string[],
  submit: Transport["submit"],
): Promise<HeldRegisters> {
  const { openRegisters } = await import("../transport/passthrough_registers.ts");
  const [name] = controllers;
  if (name === undefined || controllers.length > 1) {
    throw new UnreachableError(
      `Cannot read the registers of ${path}: ` +
        (name === undefined
          ? "/sys does not show which controller it belongs to"
          : `it has ${controllers.length} controllers (${controllers.join(", ")})`),
      { next: "name the controller, such as /dev/nvme0" },
    );
  }
  const found = machineTopology().controllers.find((one) => one.name === name);
  return openRegisters({ name, transport: found?.transport }, submit);
}

function namespacesOf(
  { namespaces }: Topology,
  controllers: readonly string[],
): readonly Namespace[] {
  return namespaces.filter(({ paths }) =>
    paths.some(({ controller }) => controllers.includes(controller))
  );
}

/**
 * Who uses the namespaces of these controllers, and the way to keep everybody else off them. What
 * cannot be found out counts as use: nothing is destroyed because nobody could be asked.
 */
export function kernelGuard(view: HostView, controllers: readonly string[]): Guard {
  // All controllers of the drive, and every device of a namespace: what is destroyed through one of
  // them is gone from all.
  const chosen = (topology: Topology, wanted: readonly number[] | "all"): readonly Namespace[] => {
    const named = namespacesOf(topology, subsystemPeers(topology, controllers)).filter(({ nsid }) =>
      wanted === "all" || nsid === undefined || wanted.includes(nsid)
    );
    return [...new Set(named.flatMap(({ name }) => sameNamespace(topology, name)))];
  };
  return {
    uses(wanted): readonly Use[] {
      if (controllers.length === 0) {
        const text = "who uses it is not known: /sys does not show which drive it is";
        return [{ text, blocking: true }];
      }
      const topology = readTopology(view);
      const uses = usesOf(view, {
        namespaces: chosen(topology, wanted).map(({ name }) => name),
        controllers: subsystemPeers(topology, controllers),
      }, isClaimed);
      // A process that has the device open without a claim may be out of sight in a container; all
      // other users would show in the claim.
      const unseen = new Set(unseenProcesses(view));
      const spots = blindSpots(view).map((text) => ({ text, blocking: !unseen.has(text) }));
      return [...uses, ...spots];
    },
    claim(wanted): Disposable {
      return claimAll(chosen(readTopology(view), wanted).filter(({ hidden }) => !hidden));
    },
  };
}

/** Opens the namespaces' block devices exclusively, all or none. */
function claimAll(namespaces: readonly Namespace[]): Disposable {
  const held = new DisposableStack();
  try {
    for (const { name, device } of namespaces) {
      assertSame(held.use(FileDescriptor.open(`/dev/${name}`, O_RDONLY | O_EXCL)), device);
    }
  } catch (error) {
    held.dispose();
    if (!(error instanceof SysError)) throw error;
    const what = error.operation.replace(/^open /, "");
    throw new SafetyError(
      error.code === "EBUSY"
        ? `Cannot hold ${what}: it is in use`
        : `Cannot hold ${what}, so nobody could be kept off it: ${error.message}`,
      { next: "lsblk shows what stands on it; nothing was sent" },
    );
  }
  return held;
}
