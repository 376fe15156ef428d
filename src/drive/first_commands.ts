// The commands that a drive has from the start: what a host asks to know its health.

import { ADMIN_COMMANDS } from "../spec/opcode.ts";
import { getLogPage } from "./admin/get_log_page.ts";
import { identify } from "./admin/identify.ts";
import { ControllerStructure } from "./identify/controller_structure.ts";
import { SmartPage } from "./log/smart.ts";
import type { CommandTables } from "./pipeline/pipeline.ts";
import { hasRest, theRest } from "./rest.ts";

const LOG_PAGE = getLogPage(new Map([[SmartPage.lid, SmartPage]]));
const IDENTIFY = identify([ControllerStructure]);

const FIRST: CommandTables = {
  admin: new Map([LOG_PAGE, IDENTIFY].map((handler) => [handler.opcode, handler])),
  io: new Map(),
};

/** The commands by opcode: all of them, or the first ones while that is what there is. */
export function commandTables(): CommandTables {
  return hasRest() ? theRest().commands : FIRST;
}

/** Whether the first commands answer this one as all of them would. */
export function isFirst(
  { queue, opcode, cdw10 = 0 }: {
    readonly queue: "admin" | "io";
    readonly opcode: number;
    readonly cdw10?: number;
  },
): boolean {
  if (queue !== "admin") return false;
  // Both commands have what is asked for in the lowest byte [BASE-2.1 §5.1.12] [BASE-2.1 §5.1.13].
  const asked = cdw10 & 0xff;
  if (opcode === ADMIN_COMMANDS.identify.opcode) return asked === ControllerStructure.cns;
  return opcode === ADMIN_COMMANDS.getLogPage.opcode && asked === SmartPage.lid;
}
