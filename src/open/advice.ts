// Why a drive cannot be opened, and what to do about it: said from what the machine shows.

import type { SysError } from "../../ffi/mod.ts";
import { NvmectlError, UnreachableError } from "../errors.ts";
import {
  type Description,
  type HostView,
  nodeAccess,
  pciNvmeFunctions,
  processIdentity,
  readTopology,
  whyNoController,
} from "../host/mod.ts";

const TRY_VIRTUAL = "nvmectl health virtual: shows the tool on a drive of its own";

/** No controller at all: with what stands in the way, where that can be seen. */
export function noController(view: HostView): NvmectlError {
  const why = whyNoController(view).join("; ");
  return new UnreachableError(`Cannot choose a drive: this machine shows none: ${why}`, {
    next: withoutKernel(view) ?? TRY_VIRTUAL,
  });
}

/** The way to an NVMe function that the kernel has made no controller of, if there is one. */
function withoutKernel(view: HostView): string | undefined {
  const lost = pciNvmeFunctions(view).filter(({ controller }) => controller === undefined);
  const [first] = lost;
  const ours = lost.find(({ driver }) => driver === "vfio-pci");
  if (ours !== undefined) {
    return `name pci:${ours.address}, and our own driver has it; ` +
      `nvmectl vfio unbind ${ours.address} gives it back to the kernel`;
  }
  return first && "modprobe nvme brings in the driver; dmesg says why it let a drive go; " +
      `nvmectl vfio bind ${first.address} takes it without that driver`;
}

/** A path that leads to no device. */
export function notADrive({ kind, path }: Description, view: HostView): NvmectlError {
  const found = {
    missing: "there is no such device",
    file: "it is a regular file",
    directory: "it is a directory",
    other: "it is no device",
  }[kind as "missing" | "file" | "directory" | "other"];
  const { controllers } = readTopology(view);
  const names = controllers.map(({ name }) => `/dev/${name}`).join(", ");
  return new UnreachableError(`Cannot open ${path}: ${found}`, {
    ...(kind === "missing" ? { code: "ENOENT" } : {}),
    next: names === ""
      ? withoutKernel(view) ?? `this machine has no NVMe drive; ${TRY_VIRTUAL}`
      : `the NVMe drives of this machine are ${names}`,
  });
}

/** A device node that this user may not open. */
export function noPermission(path: string, view: HostView, cause: SysError): NvmectlError {
  const access = nodeAccess(view, path);
  const mode = access === undefined
    ? ""
    : `: its mode is ${access.permissions.toString(8).padStart(4, "0")}, its owner ${
      access.userId === 0 ? "root" : access.userId
    }, its group ${access.groupName ?? access.groupId}`;
  return new UnreachableError(`Cannot open ${path}: permission denied${mode}`, {
    code: cause.code,
    cause,
    next: processIdentity(view)?.userId === 0
      ? "root may not either: a container or a security policy forbids it"
      : "run it as root: sudo nvmectl …; nvmectl list works without",
  });
}
