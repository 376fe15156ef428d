// Why a PCI function cannot be opened, as the error to throw.

import { type NvmectlError, SafetyError, UnreachableError, UsageError } from "../../errors.ts";
import type { Described, NvmeFunction, VfioMachine } from "./facts.ts";
import { type Obstacle, obstaclesOf } from "./obstacles.ts";

/**
 * The error for what stands first in the way of opening a function; undefined where nothing does.
 * With a `machine` its modules and limits count too.
 */
export function explainUnopenable(
  described: Described,
  machine?: VfioMachine,
): NvmectlError | undefined {
  const doing = `open pci:${described.address}`;
  if (described.kind !== "nvme") return notAFunction(described, doing);
  const [first] = obstaclesOf(described, machine);
  return first === undefined ? undefined : obstacleError(first, doing);
}

/** The NVMe function that was described, or the error for what is none. */
export function requireFunction(described: Described, doing: string): NvmeFunction {
  if (described.kind === "nvme") return described;
  throw notAFunction(described, doing);
}

/** An obstacle as an error; `doing` stands after "Cannot". */
export function obstacleError({ kind, text, next }: Obstacle, doing: string): NvmectlError {
  const message = `Cannot ${doing}: ${text}`;
  if (kind === "unsafe") return new SafetyError(message, { next });
  return new UnreachableError(message, {
    next,
    ...(kind === "permission" ? { code: "EACCES" } : {}),
    ...(kind === "memlock" ? { code: "ENOMEM" } : {}),
  });
}

function notAFunction(
  described: Exclude<Described, NvmeFunction>,
  doing: string,
): NvmectlError {
  const { known } = described;
  const next = known.length === 0
    ? "this machine shows no NVMe function; nvmectl vfio status says what there is"
    : `the NVMe functions of this machine are ${known.join(", ")}`;
  if (described.kind === "absent") {
    return new UnreachableError(`Cannot ${doing}: there is no PCI function at this address`, {
      code: "ENODEV",
      next,
    });
  }
  const { what, classCode } = described;
  return new UsageError(
    `Cannot ${doing}: it is not an NVMe controller, but ${/^[aeiou]/i.test(what) ? "an" : "a"} ` +
      `${what} (class ${classCode ?? "unknown"})`,
    { next },
  );
}
