// What the verbs about namespaces have in common.

import type { Context } from "../../cli/command.ts";
import { type Flag, integer, parseInteger } from "../../cli/flags.ts";
import { UsageError } from "../../errors.ts";
import type { Drive } from "../../controller/drive.ts";
import { identifyController } from "../../controller/identify.ts";
import {
  listNamespaces,
  type NamespaceInfo,
  subsystemControllers,
} from "../../controller/namespaces.ts";
import { rescanDrive } from "../../controller/reset.ts";

const LAST_NSID = 0xffff_fffe;
const LAST_CONTROLLER = 0xffef;

/** The namespace that a verb is about. */
export const NAMESPACE = integer("The namespace", { min: 1, max: LAST_NSID });

/** `this`, `all`, or identifiers. */
export type ControllerChoice = "this" | "all" | readonly number[];

/** Controllers by their identifiers: `0,1,0x2`, `this`, `all`. */
export const CONTROLLERS: Flag<ControllerChoice | undefined> = {
  help: "The controllers by identifier, with commas between; or this one, or all of the drive",
  value: "LIST|this|all",
  absent: undefined,
  parse(typed, name) {
    if (typed === "this" || typed === "all") return typed;
    return typed.split(",").map((one) => parseInteger(one, { name, min: 0, max: LAST_CONTROLLER }));
  },
};

/** The identifiers that a choice stands for. */
export async function chosenControllers(
  drive: Drive,
  choice: ControllerChoice = "this",
): Promise<readonly number[]> {
  if (choice === "all") return await subsystemControllers(drive);
  return choice === "this" ? [(await identifyController(drive)).cntlid] : choice;
}

/** The namespace named by the option or by the target; never guessed. */
export function namedNamespace(drive: Drive, nsid: number | undefined, verb: string): number {
  const named = nsid ?? drive.nsid;
  if (named !== undefined) return named;
  throw new UsageError(`Cannot ${verb} a namespace: which one is missing`, {
    next: "--namespace N names it; nvmectl namespace list shows them",
  });
}

/** For a namespace that the drive does not have, with those that it has. */
export function noNamespace(
  drive: Drive,
  verb: string,
  { nsid, found }: { readonly nsid: number; readonly found: readonly NamespaceInfo[] },
): UsageError {
  const known = found.length === 0 ? "none" : found.map((one) => one.nsid).join(", ");
  return new UsageError(`Cannot ${verb} namespace ${nsid}: ${drive.target} has ${known}`);
}

/** The namespace named, which must be one of the drive's where it tells which there are. */
export async function allocatedNamespace(
  drive: Drive,
  nsid: number | undefined,
  verb: string,
): Promise<number> {
  const named = namedNamespace(drive, nsid, verb);
  if (!(await identifyController(drive)).oacs.nms) return named;
  const found = await listNamespaces(drive);
  if (!found.some((one) => one.nsid === named)) {
    throw noNamespace(drive, verb, { nsid: named, found });
  }
  return named;
}

/** Makes the kernel see what has changed, where there is one; says so if that fails. */
export async function showKernel(context: Context, drive: Drive): Promise<void> {
  if (context.dryRun) return;
  try {
    await rescanDrive(drive);
  } catch (error) {
    context.notice(
      `${(error as Error).message}; the drive itself has done it: nvmectl rescan tries again`,
    );
  }
}
