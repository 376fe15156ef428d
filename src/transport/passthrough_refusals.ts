// What the Linux kernel refuses by itself, and what it answers in place of a drive, in words.

import { ERRNO, errnoName, errnoText, SysError } from "../../ffi/mod.ts";
import { DeadlineError, UnreachableError } from "../errors.ts";
import type { Command, ResetKind } from "./transport.ts";

/**
 * What the kernel waits for an admin command when nothing else is said (nvme_core.admin_timeout).
 */
const KERNEL_ADMIN_TIMEOUT_MS = 60_000;
const KERNEL_IO_TIMEOUT_MS = 30_000;

/** What the kernel refuses apart from commands (a node, memory) is the same kind of failure. */
export function reachable<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const [, next] = REFUSALS[error.code] ?? [];
    throw new UnreachableError(error.message, { code: error.code, cause: error, next });
  }
}

/**
 * The kernel answers for the drive when it gives a command up: Host Pathing Error and Command
 * Aborted By Host (types 3h, codes 70h and 71h), which no drive sends [BASE-2.1 §4.2.3.4].
 */
export function refuseHostStatus(path: string, status: number): void {
  const code = status & 0x7ff;
  if (code !== 0x370 && code !== 0x371) return;
  throw new UnreachableError(
    `Cannot tell whether ${path} carried the command out: the kernel gave it up ` +
      (code === 0x370 ? "on a lost path" : "when it reset or removed the drive"),
    {
      code: "EIO",
      next: "look at the drive before repeating it; dmesg tells what the kernel saw",
      // On a lost path the drive has not seen it, and may be back soon.
      loss: code === 0x370 ? "along" : "late",
    },
  );
}

/** What the kernel's own refusals mean, and what to do about them. */
const REFUSALS: Readonly<Record<string, readonly [found: string, next: string]>> = {
  EACCES: [
    "the kernel allows this command only to root (CAP_SYS_ADMIN)",
    "run nvmectl as root: sudo nvmectl …",
  ],
  EPERM: [
    "the kernel allows this command only to root (CAP_SYS_ADMIN)",
    "run nvmectl as root: sudo nvmectl …",
  ],
  ENOTTY: [
    "it is not an NVMe device: its driver does not know NVMe commands",
    "nvmectl list shows the NVMe devices of this machine",
  ],
  ENODEV: ["the drive is gone", "dmesg tells what the kernel saw; nvmectl list what is left"],
  ENXIO: ["the drive is gone", "dmesg tells what the kernel saw; nvmectl list what is left"],
  EINVAL: [
    "the kernel did not accept the command (a length, namespace or alignment it does not allow)",
    "nvmectl identify --namespaces lists the namespaces; check the lengths",
  ],
  ENOMEM: ["the kernel has no memory for it", "ask for less data at once"],
};

/** What a reset that the kernel refused ends with. */
export function resetRefusal(path: string, kind: ResetKind, errno: number): UnreachableError {
  const code = errnoName(errno);
  const [found, next] = errno !== ERRNO.ENOTTY
    ? REFUSALS[code] ?? [errnoText(errno), "dmesg may say more"]
    : kind === "subsystem"
    ? ["it has no NVM Subsystem Reset (CAP.NSSRS)", "nvmectl reset resets the controller alone"]
    : ["it is no controller", "name the controller, such as /dev/nvme0"];
  return new UnreachableError(`Cannot reset the ${kind} at ${path}: ${found} (${code})`, {
    next,
    code,
  });
}

/** What a command that the kernel refused or cancelled ends with: see `submit`. */
export function kernelRefusal(path: string, command: Command, errno: number): UnreachableError {
  const code = errnoName(errno);
  if (errno === ERRNO.EINTR) {
    const usual = command.queue === "admin" ? KERNEL_ADMIN_TIMEOUT_MS : KERNEL_IO_TIMEOUT_MS;
    const limitMs = command.timeoutMs ?? usual;
    return new DeadlineError(`${path} to complete a command`, limitMs, {
      found: `the kernel cancelled it, after ${limitMs} ms or with a reset of the drive`,
      next: "it may have been carried out: see dmesg before repeating it",
      loss: "late",
    });
  }
  const [found, next] = REFUSALS[code] ?? [errnoText(errno), "dmesg may say more"];
  return new UnreachableError(`Cannot send a command to ${path}: ${found} (${code})`, {
    next,
    code,
  });
}
