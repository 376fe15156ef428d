// Namespace Management: namespaces come and go.

import { MANAGEMENT_SELECT, NamespaceCreateData } from "../../spec/admin/namespace_management.ts";
import { COMMAND_SET } from "../../spec/identify/command_sets.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { ENDURANCE_GROUP } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import {
  createNamespace,
  deleteNamespace,
  freeNsid,
  unallocatedBytes,
} from "../model/inventory.ts";
import { removeFromSelfTest } from "../model/self_test.ts";
import type { FormatSettings } from "../namespace.ts";
import { has } from "../personality.ts";
import { type Done, done, type Handler, receive } from "../pipeline/handler.ts";
import { IN_NSID, inDword, Refusal, refuse } from "../refusal.ts";
import { tellTap } from "../tap/tell.ts";
import { settingsOf } from "./format.ts";

const EVERY_NAMESPACE = 0xffffffff;

/** Namespace Management [BASE-2.1 §5.1.21] and [NVM-1.1 §4.1.6]. */
export const NamespaceManagement: Handler = {
  opcode: ADMIN_COMMANDS.namespaceManagement.opcode,
  nsid: "own",
  effects: {
    blockContent: true,
    namespaceCapability: true,
    namespaceInventory: true,
    execution: 1,
    scope: "subsystem",
  },
  supported: (personality) => has(personality, "namespace-management"),
  execute(machine, { entry: { cdw10, cdw11, nsid } }) {
    switch (cdw10 & 0xf) {
      case MANAGEMENT_SELECT.create:
        if (nsid !== 0) refuse(GENERIC.invalidField, { location: IN_NSID });
        if (cdw11 >>> 24 !== COMMAND_SET.nvm) {
          refuse(COMMAND_SPECIFIC.commandSetUnsupported, { location: inDword(11, 24) });
        }
        return receive(
          { data: NamespaceCreateData.size, metadata: 0 },
          ({ data }) => create(machine, NamespaceCreateData.decode(data)),
        );
      case MANAGEMENT_SELECT.delete:
        remove(machine, nsid);
        return done();
      default:
        return refuse(GENERIC.invalidField, { location: inDword(10) });
    }
  },
};

function create(machine: Machine, wishes: NamespaceCreateData): Done {
  const { nsze, ncap, nmic, nvmsetid, nphndls, endgid, anagrpid } = wishes;
  const impossible = nmic.disns || nvmsetid !== 0 || nphndls !== 0;
  if (nsze === 0n || ncap > nsze || impossible) refuse(GENERIC.invalidField);
  // All blocks of a namespace are set aside: its capacity is its size.
  if (ncap < nsze) refuse(COMMAND_SPECIFIC.thinProvisioning);
  checkGroups(machine, { endgid, anagrpid });
  const settings = settingsFor(machine, wishes);
  const nsid = freeNsid(machine) ?? refuse(COMMAND_SPECIFIC.namespaceIdUnavailable);
  const capacityBytes = capacityFor(machine, nsze, settings);
  const anaGroup = anagrpid === 0 ? 1 : anagrpid;
  createNamespace(machine, { nsid, capacityBytes, shared: nmic.shrns, anaGroup, ...settings });
  return done(nsid);
}

function checkGroups(
  { personality: { ana, enduranceGroup } }: Machine,
  { endgid, anagrpid }: Pick<NamespaceCreateData, "endgid" | "anagrpid">,
): void {
  if (anagrpid > (ana?.groups ?? 0)) refuse(COMMAND_SPECIFIC.anaGroup);
  const known = endgid === 0 || (enduranceGroup === true && endgid === ENDURANCE_GROUP);
  if (!known) refuse(GENERIC.invalidField);
}

/** The format, by the rules of Format NVM; what is wrong with it is in the data, not a dword. */
function settingsFor(machine: Machine, { flbas, dps }: NamespaceCreateData): FormatSettings {
  const cdw10 = flbas.fidxl | (Number(flbas.mtelba) << 4) | (dps.pit << 5) |
    (Number(dps.pip) << 8) | (flbas.fidxu << 12);
  try {
    return settingsOf(machine, cdw10);
  } catch (error) {
    if (error instanceof Refusal) refuse(error.status);
    throw error;
  }
}

/** Bytes for so many blocks, if there are as many. */
function capacityFor(machine: Machine, blocks: bigint, { format }: FormatSettings): number {
  const { dataBytes = 0, metadataBytes = 0 } = machine.personality.formats[format] ?? {};
  const bytes = blocks * BigInt(dataBytes + metadataBytes);
  if (bytes > BigInt(unallocatedBytes(machine))) {
    refuse(COMMAND_SPECIFIC.namespaceCapacity, { specific: BigInt.asUintN(64, bytes) });
  }
  return Number(bytes);
}

function remove(machine: Machine, nsid: number): void {
  const { namespaces } = machine;
  const kind = namespaces.kindOf(nsid);
  if (kind === "zero" || kind === "invalid") {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  if (kind === "unallocated") refuse(GENERIC.invalidField, { location: IN_NSID });
  const gone = namespaces.allocated().filter((one) =>
    nsid === EVERY_NAMESPACE || one.nsid === nsid
  );
  if (gone.some((one) => (one.state.writeProtection ?? 0) !== 0)) refuse(GENERIC.writeProtected);
  for (const one of gone) {
    removeFromSelfTest(machine, one.nsid);
    deleteNamespace(machine, one.nsid);
    tellTap(machine, "nvme:namespace:event", "deleted", { nsid: one.nsid });
  }
}
