// Carries out the steps that bind or unbind a function, verifies what came of them, and puts things
// back where they fail.

import {
  DeadlineError,
  InterruptedError,
  type NvmectlError,
  SafetyError,
  UnreachableError,
} from "../../errors.ts";
import { CLEAR, DRIVERS_PROBE, hasDriver } from "./bind.ts";
import { type Changed, type ChangePlan, type Step, VFIO_DRIVER } from "./facts.ts";
import { describeFunction, driverOf, functionDirectory } from "./function.ts";
import { requireFunction } from "./explain.ts";
import { nodeAccess } from "../permissions.ts";
import { isCompressed } from "./modules.ts";
import { originOf, originPath } from "./origin.ts";
import type { Patience, PciHost } from "./pci_host.ts";

/** How long the kernel may take to bind a driver, which it does while it is asked. */
const BIND_LIMIT_MS = 2000;
/** A controller may take as long as CAP.TO says; the nvme driver waits in the background. */
export const CONTROLLER_LIMIT_MS = 60_000;
const POLL_MS = 20;
const AS_ROOT = "run it as root: nobody else may bind drivers";

/** States of a controller that are no end yet; the kernel's words. */
const UNDER_WAY: ReadonlySet<string> = new Set(["new", "resetting", "connecting"]);

/** How to wait. */
export interface CarryOutOptions {
  readonly patience: Patience;
  /** Longest wait for the controller to come back. */
  readonly limitMs?: number | undefined;
}

/**
 * Does what was planned, and returns once the function has its driver and, back with the kernel,
 * its controller.
 *
 * @throws SafetyError for a plan that was refused; UnreachableError where a step fails, after what
 * can be put back was put back; DeadlineError
 */
export async function carryOut(
  host: PciHost,
  plan: ChangePlan,
  { patience, limitMs = CONTROLLER_LIMIT_MS }: CarryOutOptions,
): Promise<Changed> {
  if (plan.refused.length > 0) throw refusal(plan);
  const doing = doingOf(plan);
  if (plan.steps.length > 0) assertPermitted(host, plan);
  {
    using _claims = claimNamespaces(host, plan);
    await changeDriver(host, plan, patience);
  }
  for (const step of plan.steps) if (step.kind === "forget") apply(host, step, doing);
  const { address } = plan.function;
  const changed = plan.steps.length > 0;
  if (plan.verb === "unbind" && changed) {
    await untilController(host, address, { patience, limitMs });
  }
  return { function: requireFunction(describeFunction(host.view, address), doing), changed };
}

/** All steps that change something, undone where one fails. */
async function changeDriver(host: PciHost, plan: ChangePlan, patience: Patience): Promise<void> {
  const doing = doingOf(plan);
  try {
    for (const step of plan.steps) if (step.kind !== "forget") apply(host, step, doing);
    if (plan.steps.length > 0) await verify(host, plan, patience);
  } catch (error) {
    throw putBack(host, plan, error);
  }
}

/**
 * Keeps the namespaces from being mounted between the look at their use and the moment when they
 * are gone. One that cannot be opened at all cannot be mounted either.
 */
function claimNamespaces(host: PciHost, plan: ChangePlan): Disposable {
  const held = new DisposableStack();
  if (plan.verb === "unbind" || plan.steps.length === 0) return held;
  for (const name of plan.function.controller?.namespaces ?? []) {
    try {
      held.use(host.claim(`/dev/${name}`));
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      if (codeOf(error) !== "EBUSY") continue;
      held.dispose();
      throw new SafetyError(`Cannot ${doingOf(plan)}: /dev/${name} came into use just now`, {
        next: "nvmectl vfio status says what uses it",
      });
    }
  }
  return held;
}

/** Why a plan must not be carried out, as the error to throw. */
export function refusal(plan: ChangePlan): SafetyError {
  const found = plan.refused.join("; ");
  return new SafetyError(`Cannot ${doingOf(plan)}: ${found}`, { next: plan.next });
}

function doingOf({ verb, function: { address } }: ChangePlan): string {
  return `${verb} ${address} ${verb === "bind" ? "to" : "from"} ${VFIO_DRIVER}`;
}

/** Said before anything is done, since most of the steps would be refused. */
function assertPermitted(host: PciHost, plan: ChangePlan): void {
  const path = `${functionDirectory(plan.function.address)}/driver_override`;
  if (nodeAccess(host.view, path)?.mayWrite !== false) return;
  throw new UnreachableError(`Cannot ${doingOf(plan)}: this user may not write to ${path}`, {
    code: "EACCES",
    next: AS_ROOT,
  });
}

function apply(host: PciHost, step: Step, doing: string): void {
  try {
    switch (step.kind) {
      case "load":
        return host.loadModule(step.path, { compressed: isCompressed(step.path) });
      case "write":
        return host.writeAttribute(step.path, step.text);
      case "keep":
        return keep(host, step);
      case "forget":
        return host.forgetFile(step.path);
    }
  } catch (error) {
    throw stepError(step, doing, error);
  }
}

/** Without the file the function goes back to the driver that the kernel chooses. */
function keep(
  host: PciHost,
  { path, text }: { readonly path: string; readonly text: string },
): void {
  try {
    host.keepFile(path, `${text}\n`);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

/** The operating system's error, where one is behind what was thrown. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** What a refused step means. */
function stepError(step: Step, doing: string, error: unknown): unknown {
  const code = codeOf(error);
  if (!(error instanceof Error) || code === undefined) return error;
  const message = `Cannot ${doing}: ${error.message.replace(/^Cannot/, "cannot")}`;
  return new UnreachableError(message, { code, cause: error, next: adviceFor(step, code) });
}

function adviceFor(step: Step, code: string): string | undefined {
  const isDenied = code === "EACCES" || code === "EPERM";
  if (step.kind === "load") {
    if (isCompressed(step.path) && (code === "EINVAL" || code === "EOPNOTSUPP")) {
      return `this kernel does not unpack modules by itself: modprobe ${step.module}`;
    }
    return isDenied
      ? `as root: modprobe ${step.module} (kernel lockdown may want a signed module)`
      : `modprobe ${step.module}; dmesg says why the kernel did not take the file`;
  }
  if (isDenied) return AS_ROOT;
  if (code === "EROFS") return "/sys is mounted read-only here: run it outside the container";
  if (code === "ENODEV" || code === "ENOENT") return "the drive may be gone: nvmectl vfio status";
  return "dmesg says what the kernel thinks of it";
}

async function verify(host: PciHost, plan: ChangePlan, patience: Patience): Promise<void> {
  const since = patience.now();
  while (!hasDriver(host, plan)) {
    if (patience.now() - since >= BIND_LIMIT_MS) throw notClaimed(host, plan);
    await patience.sleep(POLL_MS);
  }
}

function notClaimed(host: PciHost, plan: ChangePlan): NvmectlError {
  const { address } = plan.function;
  const now = driverOf(host.view, address);
  const wanted = plan.driver ?? "a driver of the kernel";
  const found = now === undefined
    ? `${wanted} did not claim it, and it has no driver now`
    : `${now} claimed it in place of ${wanted}`;
  return new UnreachableError(`Cannot ${doingOf(plan)}: ${found}`, {
    next: "dmesg says what the drivers think of it",
  });
}

/**
 * Gives the function back to the driver that it had, and reserves it for whom it was reserved
 * before, as far as that can be done; returns the error with where things stand.
 */
function putBack(host: PciHost, plan: ChangePlan, error: unknown): unknown {
  const { address, driver: before, override: reserved } = plan.function;
  const override = `${functionDirectory(address)}/driver_override`;
  const attempt = (change: () => void): void => {
    try {
      change();
    } catch {
      // What was thrown first is what is told; where things stand is looked up below.
    }
  };
  if (driverOf(host.view, address) !== before) {
    const kept = before ?? originOf(host.view, address);
    // Where it is reserved for somebody else, the driver that it had may claim it only by name.
    const named = plan.verb === "bind" && reserved === undefined ? undefined : kept;
    attempt(() => host.writeAttribute(override, named ?? CLEAR));
    attempt(() => host.writeAttribute(DRIVERS_PROBE, address));
  }
  // A function that stays with vfio-pci was reserved for it, and one that does not must not be.
  if (plan.verb === "bind") {
    attempt(() => host.writeAttribute(override, reserved ?? CLEAR));
  } else if (driverOf(host.view, address) !== VFIO_DRIVER) {
    attempt(() => host.writeAttribute(override, CLEAR));
  }
  if (plan.verb === "bind") attempt(() => host.forgetFile(originPath(address)));
  if (!(error instanceof UnreachableError)) return error;
  const now = driverOf(host.view, address);
  const stands = now === before
    ? (now === undefined ? "it has no driver, as before" : `${now} has it, as before`)
    : `it is with ${now ?? "no driver"} now, and was with ${before ?? "none"}`;
  const { code, cause, next } = error;
  return new UnreachableError(`${error.message}; ${stands}`, { code, cause, next });
}

/** Waits until the nvme driver has made a controller of the function, and that is at work. */
async function untilController(
  host: PciHost,
  address: string,
  { patience, limitMs }: { readonly patience: Patience; readonly limitMs: number },
): Promise<void> {
  const since = patience.now();
  while (true) {
    const described = describeFunction(host.view, address);
    if (described.kind !== "nvme" || described.driver !== "nvme") {
      if (described.kind === "nvme" && described.driver !== undefined) return;
      throw new UnreachableError(
        `Cannot bring ${address} back: the nvme driver took it, and gave it up again`,
        { next: "dmesg says why; nvmectl vfio bind takes it once more" },
      );
    }
    const state = described.controller?.state;
    if (described.controller !== undefined && !UNDER_WAY.has(state ?? "")) {
      if (state === undefined || state === "live") return;
      throw new UnreachableError(
        `Cannot bring ${address} back: the kernel has /dev/${described.controller.name} as ${state}`,
        { next: `dmesg says why; nvmectl vfio bind ${address} takes it once more` },
      );
    }
    if (patience.now() - since >= limitMs) {
      const name = described.controller?.name;
      throw new DeadlineError(
        name === undefined
          ? `a controller of the nvme driver for ${address}`
          : `/dev/${name} to be live (it is ${state})`,
        limitMs,
        { next: "dmesg says how far the kernel has come; it goes on trying" },
      );
    }
    await patience.sleep(POLL_MS).catch((reason) => {
      throw abandoned(address, reason);
    });
  }
}

/** What the kernel goes on doing when nobody waits for it any more. */
function abandoned(address: string, reason: unknown): unknown {
  if (!(reason instanceof InterruptedError)) return reason;
  return new InterruptedError(
    `${reason.message}; ${address} is with nvme, which goes on bringing it up`,
    reason.exitCode,
    { next: "nvmectl list shows when it is there" },
  );
}
