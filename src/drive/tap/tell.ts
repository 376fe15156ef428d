// Telling plug-ins that something happened, in one line.

import type { Machine } from "../machine.ts";
import type { TapName } from "./names.ts";
import type { EventTap } from "./verdict.ts";

/** Tells whoever is attached to an event tap; nothing happens where nobody is. */
export function tellTap(
  { drive, controller }: Pick<Machine, "drive" | "controller">,
  tap: TapName,
  event: string,
  details: EventTap["details"] = {},
): void {
  drive.taps.notify(tap, () => ({
    kind: "event",
    tap,
    device: drive.device,
    controller: controller.id,
    now: drive.now(),
    event,
    details,
  }));
}
