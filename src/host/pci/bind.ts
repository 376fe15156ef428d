// What it takes to give an NVMe function to vfio-pci, and what forbids it.

import { obstacleError, requireFunction } from "./explain.ts";
import {
  type ChangePlan,
  type Described,
  type FunctionUse,
  type NvmeFunction,
  type Step,
  VFIO_DRIVER,
} from "./facts.ts";
import { driverOf, functionDirectory } from "./function.ts";
import { usesOfFunction } from "./function_use.ts";
import { holdersOf } from "./holders.ts";
import { readMachine } from "./machine.ts";
import { filesToLoad, VFIO_MODULES } from "./modules.ts";
import { bindObstacles, groupAdvice } from "./obstacles.ts";
import { originPath } from "./origin.ts";
import type { PciHost } from "./pci_host.ts";
import { formatList, holderText, memberText, othersInTheWay } from "./words.ts";

/** What is written to an attribute to clear it: an empty text would not reach the kernel. */
export const CLEAR = "\n";

/** Asks for a driver for a function that has none. */
export const DRIVERS_PROBE = "/sys/bus/pci/drivers_probe";

/** What the user lets pass. */
export interface BindConsent {
  /** Members of arrays and pools that are not in use at the moment. */
  readonly ignoreSignatures: boolean;
}

/**
 * The way to give a function to vfio-pci. What forbids it because the drive is in use stands in the
 * plan; `driver_override` is used and never `new_id`, which would take its siblings as well.
 *
 * @throws UsageError, UnreachableError, SafetyError where it cannot be done at all
 */
export function planBind(
  host: PciHost,
  described: Described,
  { ignoreSignatures }: BindConsent,
): ChangePlan {
  const doing = `bind ${described.address} to ${VFIO_DRIVER}`;
  const about = requireFunction(described, doing);
  const machine = readMachine(host.view, host.memlockBytes());
  const plan = { verb: "bind", function: about, driver: VFIO_DRIVER } as const;
  if (about.driver === VFIO_DRIVER) {
    const notes = ["it is bound already", ...groupNotes(about)];
    return { ...plan, steps: loadSteps(host), refused: [], next: undefined, notes };
  }
  const [obstacle] = bindObstacles(about, machine);
  if (obstacle !== undefined) throw obstacleError(obstacle, doing);
  const uses = [...usesOfFunction(host, about), ...uioUses(host, about)];
  const forbids = (use: FunctionUse): boolean =>
    use.weight === "use" || (use.weight === "member" && !ignoreSignatures);
  const refused = uses.filter(forbids);
  return {
    ...plan,
    steps: bindSteps(host, about),
    refused: refused.map(({ text }) => text),
    next: refused.length === 0 ? undefined : adviceAgainst(refused),
    notes: [
      ...uses.filter((use) => !forbids(use)).map(({ text }) => text),
      ...groupNotes(about),
    ],
  };
}

/** Loads what is missing of the modules, each file once. */
function loadSteps({ view }: PciHost): readonly Step[] {
  const files = VFIO_MODULES.flatMap((name) => filesToLoad(view, name));
  const unique = files.filter(({ path }, at) =>
    files.findIndex((other) => other.path === path) === at
  );
  return unique.map(({ name, path }) => ({
    kind: "load",
    module: name,
    path,
    why: "vfio needs this kernel module",
  }));
}

function bindSteps(host: PciHost, { address, driver }: NvmeFunction): readonly Step[] {
  const directory = functionDirectory(address);
  return [
    ...loadSteps(host),
    ...(driver === undefined ? [] : [
      {
        kind: "keep",
        path: originPath(address),
        text: driver,
        why: "nvmectl vfio unbind gives it back to this driver",
      } as const,
    ]),
    {
      kind: "write",
      path: `${directory}/driver_override`,
      text: VFIO_DRIVER,
      why: "only this driver may claim the function",
    },
    ...(driver === undefined ? [] : [unbindStep(address, driver)]),
    { kind: "write", path: DRIVERS_PROBE, text: address, why: "ask the driver to claim it" },
  ];
}

/** Takes a function away from the driver that has it. */
export function unbindStep(address: string, driver: string): Step {
  return {
    kind: "write",
    path: `${functionDirectory(address)}/driver/unbind`,
    text: address,
    why: `take the function from ${driver}`,
  };
}

/** Programs that drive a function through the older interface, uio. */
function uioUses({ view }: PciHost, { address }: NvmeFunction): readonly FunctionUse[] {
  return view.readDir(`${functionDirectory(address)}/uio`)
    .filter((name) => /^uio\d+$/.test(name))
    .flatMap((name) => holdersOf(view, `/dev/${name}`))
    .map((holder) => ({
      kind: "open",
      device: holder.path ?? "",
      text: holderText(holder),
      weight: "use",
    }));
}

/** Members that keep the group from being opened even after this function is bound. */
function groupNotes(about: NvmeFunction): readonly string[] {
  const { group } = about;
  const others = othersInTheWay(about);
  if (group === undefined || others.length === 0) return [];
  return [
    `IOMMU group ${group.number} can be used only as a whole; still in the way: ` +
    `${formatList(others.map(memberText))}; ${groupAdvice(others)}`,
  ];
}

function adviceAgainst(refused: readonly FunctionUse[]): string {
  if (refused.every(({ weight }) => weight === "member")) {
    return "if nothing will put it together again meanwhile: --ignore signature";
  }
  const kinds = new Set(refused.map(({ kind }) => kind));
  const ends = [
    ["mount", "umount"],
    ["swap", "swapoff"],
    ["holder", "vgchange -an, mdadm --stop, cryptsetup close or the like"],
    ["open", "end the process"],
  ].flatMap(([kind = "", end = ""]) => kinds.has(kind) ? [end] : []);
  return ends.length === 0
    ? "end that use; lsblk shows what stands on the drive"
    : `${ends.join("; ")}; lsblk shows what stands on the drive`;
}

/** Whether a function has the driver that a plan wants it to have. */
export function hasDriver(host: PciHost, { function: { address }, driver }: ChangePlan): boolean {
  const now = driverOf(host.view, address);
  return driver === undefined ? now !== undefined && now !== VFIO_DRIVER : now === driver;
}
