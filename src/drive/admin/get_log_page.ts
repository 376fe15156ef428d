// Get Log Page.

import { parseGetLogPage } from "../../spec/log/get_log_page.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { DriveLogPage, LogRequest } from "../log/page.ts";
import type { Machine } from "../machine.ts";
import { clearEvents } from "../model/events.ts";
import { type Handler, send } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { answer } from "../recorded/answer.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** The NVM Command Set's identifier. */
const NVM_COMMAND_SET = 0;
const DWORD_BYTES = 4;

/** Get Log Page [BASE-2.1 §5.1.12], for the log pages of a table. */
export function getLogPage(pages: ReadonlyMap<number, DriveLogPage>): Handler {
  return {
    opcode: ADMIN_COMMANDS.getLogPage.opcode,
    nsid: "own",
    effects: { scope: "controller" },
    execute(machine, { entry }) {
      const request = parseGetLogPage(entry);
      const { lid: id, uuidIndex: uuid, lsp, lsi, csi } = request;
      const { unitBytes = DWORD_BYTES } = pages.get(id) ?? {};
      const asked = { kind: "log", id, nsid: entry.nsid, uuid, lsp, lsi, csi } as const;
      const { data: bytes } = answer(machine, asked, (one, { lsp = 0 }) => {
        const page = pageOf(one, pages, { nsid: entry.nsid, request });
        if (one !== machine) {
          return { data: page.read(one, { ...request, lsp }), dw0: 0 };
        }
        // Whoever asks for what cannot be sent does not set anything going either.
        rangeOf(machine, request, unitBytes);
        return { data: page.read(machine, request), dw0: 0 };
      });
      const { offset, length } = rangeOf(machine, request, unitBytes);
      if (offset > bytes.length) refuse(GENERIC.invalidField, { location: inDword(12) });
      if (!request.rae) clearEvents(machine, request.lid);
      // Beyond the end of the page nothing is defined, and nothing is sent. What is sent is a copy:
      // pages may be kept to be read again.
      return send(bytes.slice(Number(offset), Number(offset) + length));
    },
  };
}

/** The page, if the drive has it and can be asked for it so. */
function pageOf(
  machine: Machine,
  pages: ReadonlyMap<number, DriveLogPage>,
  { nsid, request }: { readonly nsid: number; readonly request: LogRequest },
): DriveLogPage {
  const page = machine.personality.logs.includes(request.lid) ? pages.get(request.lid) : undefined;
  if (!page) refuse(COMMAND_SPECIFIC.logPage, { location: inDword(10) });
  checkNsid(machine, nsid);
  if (page.byCommandSet && request.csi !== NVM_COMMAND_SET) {
    refuse(COMMAND_SPECIFIC.commandSetUnsupported, { location: inDword(14, 24) });
  }
  return page;
}

/** All log pages here are about the controller or the subsystem [BASE-2.1 §5.1.12.1]. */
function checkNsid({ namespaces }: Machine, nsid: number): void {
  const kind = namespaces.kindOf(nsid);
  if (kind !== "zero" && kind !== "broadcast") refuse(GENERIC.invalidField, { location: IN_NSID });
}

/** Which bytes of the page are asked for. Throws Refusal where they cannot be sent. */
function rangeOf(
  machine: Machine,
  { numd, lpo, ot }: LogRequest,
  unitBytes: number,
): { readonly offset: bigint; readonly length: number } {
  const { logOffsets } = machine.personality;
  // No page here is a list that an index could point into.
  if (logOffsets && ot) refuse(GENERIC.invalidField, { location: inDword(14, 23) });
  if (logOffsets && lpo % BigInt(unitBytes) !== 0n) {
    refuse(GENERIC.invalidField, { location: inDword(12) });
  }
  const range = logOffsets
    ? { offset: lpo, length: (numd + 1) * 4 }
    : { offset: 0n, length: ((numd & 0xfff) + 1) * 4 };
  if (range.length % unitBytes !== 0) {
    refuse(GENERIC.invalidField, { location: inDword(10, 16) });
  }
  checkTransferSize(machine, range.length, inDword(10, 16));
  return range;
}
