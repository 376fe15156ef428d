// What it takes to give an NVMe function back to the driver that it came from.

import { UsageError } from "../../errors.ts";
import { CLEAR, DRIVERS_PROBE, unbindStep } from "./bind.ts";
import { requireFunction } from "./explain.ts";
import {
  type ChangePlan,
  type Described,
  type NvmeFunction,
  type Step,
  VFIO_DRIVER,
} from "./facts.ts";
import { functionDirectory } from "./function.ts";
import { functionHolders } from "./holders.ts";
import { filesToLoad } from "./modules.ts";
import { originOf, originPath } from "./origin.ts";
import type { PciHost } from "./pci_host.ts";
import { holderText } from "./words.ts";

/** The driver of NVMe functions that nobody else has asked for. */
const NVME_DRIVER = "nvme";

/**
 * The way to give a function back. A process that holds it forbids that: the kernel would wait for
 * the process, and the unbinding would hang.
 *
 * @throws UsageError, UnreachableError where it cannot be done at all
 */
export function planUnbind(host: PciHost, described: Described): ChangePlan {
  const doing = `unbind ${described.address} from ${VFIO_DRIVER}`;
  const about = requireFunction(described, doing);
  const { driver, override, address } = about;
  if (driver !== undefined && driver !== VFIO_DRIVER && driver !== NVME_DRIVER) {
    throw new UsageError(`Cannot ${doing}: it is bound to ${driver}`, {
      next: `nvmectl vfio bind ${address} takes it from there`,
    });
  }
  const plan = { verb: "unbind", function: about } as const;
  if (driver === NVME_DRIVER) {
    const steps = override === undefined ? [] : [overrideStep(address, CLEAR)];
    const notes = ["the kernel's nvme driver has it already"];
    return { ...plan, driver: NVME_DRIVER, steps, refused: [], next: undefined, notes };
  }
  const holders = functionHolders(host.view, about);
  const origin = originFor(host, about);
  return {
    ...plan,
    driver: origin.driver,
    steps: unbindSteps(host, about, origin.driver),
    refused: holders.map(holderText),
    next: holders.length === 0
      ? undefined
      : `end it first: kill ${holders.map(({ processId }) => processId).join(" ")}`,
    notes: origin.notes,
  };
}

interface Origin {
  readonly driver: string | undefined;
  readonly notes: readonly string[];
}

/** The driver that a function came from, as long as this machine has it. */
function originFor({ view }: PciHost, { address }: NvmeFunction): Origin {
  const kept = originOf(view, address);
  if (kept === undefined || kept === VFIO_DRIVER) {
    return {
      driver: undefined,
      notes: ["which driver it came from is not known; the kernel chooses by what it is"],
    };
  }
  const isThere = view.stat(`/sys/bus/pci/drivers/${kept}`) !== undefined;
  if (isThere || filesToLoad(view, moduleOf(kept)).length > 0) return { driver: kept, notes: [] };
  const notes = [`it came from ${kept}, which is gone; the kernel chooses by what it is`];
  return { driver: undefined, notes };
}

function unbindSteps(
  { view }: PciHost,
  { address, driver, override }: NvmeFunction,
  target: string | undefined,
): readonly Step[] {
  const wanted = target ?? NVME_DRIVER;
  const isThere = view.stat(`/sys/bus/pci/drivers/${wanted}`) !== undefined;
  const files = isThere ? [] : filesToLoad(view, moduleOf(wanted));
  return [
    ...files.map(({ name, path }): Step => ({
      kind: "load",
      module: name,
      path,
      why: `the driver ${wanted} needs this kernel module`,
    })),
    // Named, because vfio-pci may have been told to claim all functions of this kind.
    ...(target === undefined
      ? (override === undefined ? [] : [overrideStep(address, CLEAR)])
      : [overrideStep(address, target)]),
    ...(driver === undefined ? [] : [unbindStep(address, driver)]),
    { kind: "write", path: DRIVERS_PROBE, text: address, why: `ask ${wanted} to claim it` },
    ...(target === undefined ? [] : [overrideStep(address, CLEAR)]),
    { kind: "forget", path: originPath(address), why: "it is back where it came from" },
  ];
}

function overrideStep(address: string, text: string): Step {
  return {
    kind: "write",
    path: `${functionDirectory(address)}/driver_override`,
    text,
    why: text === CLEAR ? "any driver may claim the function" : "only this driver may claim it",
  };
}

/** The module of a driver; the kernel spells its name with underscores. */
function moduleOf(driver: string): string {
  return driver.replaceAll("-", "_");
}
