// Identify: finds the structure that is asked for.

import { COMMAND_SET } from "../../spec/identify/command_sets.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { IdentifyRequest, Structure } from "../identify/structure.ts";
import type { Machine } from "../machine.ts";
import { type Handler, send } from "../pipeline/handler.ts";
import { answer } from "../recorded/answer.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";

/** Identify [BASE-2.1 §5.1.13], for the structures of a table. */
export function identify(structures: readonly Structure[]): Handler {
  const byCns = new Map(structures.map((structure) => [structure.cns, structure]));
  return {
    opcode: ADMIN_COMMANDS.identify.opcode,
    nsid: "own",
    effects: { scope: "controller" },
    execute(machine, { entry: { nsid, cdw10, cdw11, cdw14 } }) {
      const cns = cdw10 & 0xff;
      const request = { nsid, cntid: cdw10 >>> 16, identifier: cdw11 & 0xffff, csi: cdw11 >>> 24 };
      const asked = { ...request, cnssid: request.identifier, uuid: cdw14 & 0x7f };
      const { data } = answer(machine, { kind: "identify", id: cns, ...asked }, (machine) => ({
        data: structureOf(machine, byCns.get(cns), { cns, request }),
        dw0: 0,
      }));
      return send(data);
    },
  };
}

function structureOf(
  machine: Machine,
  structure: Structure | undefined,
  { cns, request }: { readonly cns: number; readonly request: IdentifyRequest },
): Uint8Array {
  const has = machine.personality.identify.includes(cns);
  if (!structure || !has) refuse(GENERIC.invalidField, { location: inDword(10) });
  if (structure.ignoresNsid && request.nsid !== 0) {
    refuse(GENERIC.invalidField, { location: IN_NSID });
  }
  if (structure.byCommandSet && request.csi !== COMMAND_SET.nvm) {
    refuse(GENERIC.invalidField, { location: inDword(11, 24) });
  }
  return structure.read(machine, request);
}
