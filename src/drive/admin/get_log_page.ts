// Get Log Page.

import { parseGetLogPage } from "../../spec/log/get_log_page.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { DriveLogPage } from "../log/page.ts";
import type { Machine } from "../machine.ts";
import { clearEvents } from "../model/events.ts";
import { type Handler, send } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** The NVM Command Set's identifier. */
const NVM_COMMAND_SET = 0;

/** Get Log Page [BASE-2.1 §5.1.12], for the log pages of a table. */
export function getLogPage(pages: ReadonlyMap<number, DriveLogPage>): Handler {
  return {
    opcode: ADMIN_COMMANDS.getLogPage.opcode,
    nsid: "own",
    effects: { scope: "controller" },
    execute(machine, { entry }) {
      const request = parseGetLogPage(entry);
      const page = machine.personality.logs.includes(request.lid)
        ? pages.get(request.lid)
        : undefined;
      if (!page) refuse(COMMAND_SPECIFIC.logPage, { location: inDword(10) });
      checkNsid(machine, entry.nsid);
      if (page.byCommandSet && request.csi !== NVM_COMMAND_SET) {
        refuse(COMMAND_SPECIFIC.commandSetUnsupported, { location: inDword(14, 24) });
      }
      const { offset, length } = machine.personality.logOffsets
        ? rangeOf(request)
        : { offset: 0n, length: ((request.numd & 0xfff) + 1) * 4 };
      checkTransferSize(machine, length, inDword(10, 16));
      const bytes = page.read(machine);
      if (offset > bytes.length) refuse(GENERIC.invalidField, { location: inDword(12) });
      if (!request.rae) clearEvents(machine, request.lid);
      // Beyond the end of the page nothing is defined, and nothing is sent.
      return send(bytes.subarray(Number(offset), Number(offset) + length));
    },
  };
}

/** All log pages here are about the controller [BASE-2.1 §5.1.12, Fig. 202]. */
function checkNsid({ namespaces }: Machine, nsid: number): void {
  const kind = namespaces.kindOf(nsid);
  if (kind === "invalid") refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  if (kind !== "zero" && kind !== "broadcast") refuse(GENERIC.invalidField, { location: IN_NSID });
}

function rangeOf(
  { numd, lpo, ot }: ReturnType<typeof parseGetLogPage>,
): { readonly offset: bigint; readonly length: number } {
  // No page here is a list that an index could point into.
  if (ot) refuse(GENERIC.invalidField, { location: inDword(14, 23) });
  if ((lpo & 3n) !== 0n) refuse(GENERIC.invalidField, { location: inDword(12) });
  return { offset: lpo, length: (numd + 1) * 4 };
}
