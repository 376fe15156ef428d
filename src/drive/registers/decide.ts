// Register accesses at their taps: what plug-ins make of the value.

import type { Machine } from "../machine.ts";
import { decideAtOnce } from "../tap/at_once.ts";
import type { TapName } from "../tap/names.ts";
import type { RegisterTap } from "../tap/verdict.ts";

/** An access: where, how wide in bytes, and the value read or to be written. */
export type RegisterAccess = Pick<RegisterTap, "access" | "offset" | "width" | "value">;

/**
 * The value after everyone at the tap has seen it; undefined where somebody dropped the access. A
 * claim without a value ends a write, and leaves a read as it is.
 */
export function decideRegister(
  { drive, controller }: Pick<Machine, "drive" | "controller">,
  tap: TapName,
  { access, offset, width, value }: RegisterAccess,
): bigint | undefined {
  const decision = decideAtOnce<RegisterTap>(drive.taps, tap, () => ({
    kind: "register",
    tap,
    device: drive.device,
    controller: controller.id,
    now: drive.now(),
    access,
    offset,
    width,
    value,
  }));
  if (!decision) return value;
  const { final, context } = decision;
  if (final && final.kind !== "claim") return undefined;
  const claimed = final?.value ?? (final && access === "write" ? undefined : context.value);
  return claimed === undefined ? undefined : BigInt.asUintN(8 * width, claimed);
}
