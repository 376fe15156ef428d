// When a host is told that there are blocks which may be unrecoverable.

import { currentValue } from "../feature/feature.ts";
import { LbaStatusAttributes } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import { EVENTS } from "./event_kinds.ts";
import { raiseControllerEvent } from "./events.ts";
import { lbaStatusAlertDue } from "./lba_status.ts";

const LOG = EVENTS.lbaStatus.lid;

/** Raises an LBA Status Information Alert where one is due [NVM-1.1 §5.2.1]. */
export function settleLbaStatus(machine: Machine): void {
  if (!machine.personality.logs.includes(LOG)) return;
  // LSIRI; the poll interval above it is for the host.
  const interval = currentValue(machine, LbaStatusAttributes) & 0xffff;
  if (lbaStatusAlertDue(machine, interval)) raiseControllerEvent(machine, EVENTS.lbaStatus);
}
