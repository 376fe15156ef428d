// The structures that Identify can return: one line each.

import { COMMAND_SET, CommandSets } from "../../spec/identify/command_sets.ts";
import {
  encodeControllerList,
  NAMESPACE_LIST_ENTRIES,
  NamespaceList,
} from "../../spec/identify/identify_lists.ts";
import { encodeNamespaceDescriptors, NIDT } from "../../spec/identify/namespace_descriptors.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import type { Namespace, NsidKind } from "../namespace.ts";
import { has } from "../personality.ts";
import { IN_NSID, inDword, refuse } from "../refusal.ts";
import { identifyControllerNvm } from "./controller.ts";
import { ControllerStructure } from "./controller_structure.ts";
import { namespaceIdentity } from "./identity.ts";
import { enduranceGroupList, granularityList, uuidList } from "./lists.ts";
import {
  identifyNamespace,
  identifyNamespaceCommon,
  identifyNamespaceIndependent,
  identifyNamespaceNvm,
} from "./namespace.ts";
import type { IdentifyRequest, Structure } from "./structure.ts";

/** Bytes of every structure that Identify returns. */
const IDENTIFY_BYTES = 4096;
/** The controller identifier that stands for the controller that processes the command. */
const THIS_CONTROLLER = 0xffff;

/** All structures. */
export const STRUCTURES: readonly Structure[] = [
  { cns: 0x00, read: activeOrZero(identifyNamespace, identifyNamespaceCommon) },
  ControllerStructure,
  { cns: 0x02, read: activeList },
  { cns: 0x03, read: descriptors },
  { cns: 0x05, byCommandSet: true, read: activeOrZero(identifyNamespaceNvm, identifyNamespaceNvm) },
  { cns: 0x06, byCommandSet: true, ignoresNsid: true, read: identifyControllerNvm },
  { cns: 0x07, byCommandSet: true, read: activeList },
  { cns: 0x08, read: activeOrZero(identifyNamespaceIndependent) },
  { cns: 0x09, byCommandSet: true, read: ofFormat(identifyNamespaceCommon) },
  { cns: 0x0a, byCommandSet: true, read: ofFormat(identifyNamespaceNvm) },
  { cns: 0x10, read: (machine, { nsid }) => listAfter(machine.namespaces.allocated(), nsid) },
  { cns: 0x11, read: allocatedOrZero(identifyNamespace) },
  { cns: 0x12, read: attachedControllers },
  {
    cns: 0x13,
    ignoresNsid: true,
    read: ({ drive }, { cntid }) =>
      encodeControllerList(
        drive.controllers.map(({ controller }) => controller.id).filter((id) => id >= cntid)
          .toSorted((one, other) => one - other),
      ),
  },
  { cns: 0x16, ignoresNsid: true, read: granularityList },
  { cns: 0x17, ignoresNsid: true, read: uuidList },
  { cns: 0x19, ignoresNsid: true, read: enduranceGroupList },
  {
    cns: 0x1a,
    byCommandSet: true,
    read: (machine, { nsid }) => listAfter(machine.namespaces.allocated(), nsid),
  },
  { cns: 0x1b, byCommandSet: true, read: allocatedOrZero(identifyNamespaceNvm) },
  { cns: 0x1f, read: allocatedOrZero(identifyNamespaceIndependent) },
  { cns: 0x1c, ignoresNsid: true, read: commandSets },
];

/**
 * A structure of an active namespace; all zero for an inactive one. Where namespaces can be made,
 * the broadcast value asks for what all of them have in common, if the structure has that.
 */
function activeOrZero(
  read: (machine: Machine, namespace: Namespace) => Uint8Array,
  common?: (machine: Machine) => Uint8Array,
): Structure["read"] {
  return (machine, { nsid }) => {
    const kind = machine.namespaces.kindOf(nsid);
    const manages = has(machine.personality, "namespace-management");
    if (kind === "broadcast" && common && manages) return common(machine);
    if (isNoNamespace(kind)) refuse(GENERIC.invalidNamespace, { location: IN_NSID });
    const namespace = kind === "active" ? machine.namespaces.find(nsid) : undefined;
    return namespace ? read(machine, namespace) : new Uint8Array(IDENTIFY_BYTES);
  };
}

function isNoNamespace(kind: NsidKind): boolean {
  return kind === "zero" || kind === "invalid" || kind === "broadcast";
}

function activeList({ namespaces }: Machine, { nsid }: IdentifyRequest): Uint8Array {
  return listAfter(namespaces.active(), nsid);
}

/** The identifiers above `nsid` [BASE-2.1 §5.1.13.2.2]. */
function listAfter(namespaces: readonly Namespace[], nsid: number): Uint8Array {
  if (nsid >= 0xfffffffe) refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  const identifiers = namespaces.map((namespace) => namespace.nsid)
    .filter((other) => other > nsid)
    .slice(0, NAMESPACE_LIST_ENTRIES);
  return NamespaceList.encode({ identifiers });
}

/** Namespace Identification Descriptors [BASE-2.1 §5.1.13.2.3]. */
function descriptors({ namespaces, personality }: Machine, { nsid }: IdentifyRequest): Uint8Array {
  const kind = namespaces.kindOf(nsid);
  if (isNoNamespace(kind)) refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  if (kind !== "active") refuse(GENERIC.invalidField, { location: IN_NSID });
  const { incarnation = 1 } = namespaces.find(nsid)?.state ?? {};
  const { eui64, nguid, uuid } = namespaceIdentity(personality, { nsid, incarnation });
  return encodeNamespaceDescriptors([
    { nidt: NIDT.eui64, nid: eui64 },
    { nidt: NIDT.nguid, nid: nguid },
    { nidt: NIDT.uuid, nid: uuid },
    ...(personality.identify.includes(0x1c)
      ? [{ nidt: NIDT.csi, nid: Uint8Array.of(COMMAND_SET.nvm) }]
      : []),
  ]);
}

/** A structure of a namespace that exists, attached or not [BASE-2.1 §5.1.13.2.10]. */
function allocatedOrZero(
  read: (machine: Machine, namespace: Namespace) => Uint8Array,
): Structure["read"] {
  return (machine, { nsid }) => {
    const kind = machine.namespaces.kindOf(nsid);
    if (isNoNamespace(kind)) refuse(GENERIC.invalidNamespace, { location: IN_NSID });
    const namespace = machine.namespaces.find(nsid);
    return namespace ? read(machine, namespace) : new Uint8Array(IDENTIFY_BYTES);
  };
}

/** What all namespaces of a format have in common: here, of any format [NVM-1.1 §4.1.5.5]. */
function ofFormat(common: (machine: Machine) => Uint8Array): Structure["read"] {
  return (machine, { identifier }) => {
    if (identifier >= machine.personality.formats.length) {
      refuse(GENERIC.invalidField, { location: inDword(11) });
    }
    return common(machine);
  };
}

/** The controllers that a namespace is attached to, from `cntid` on [BASE-2.1 §5.1.13.2.11]. */
function attachedControllers(
  { namespaces }: Machine,
  { nsid, cntid }: IdentifyRequest,
): Uint8Array {
  const kind = namespaces.kindOf(nsid);
  if (kind === "zero" || kind === "invalid") {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  if (kind === "broadcast" || kind === "unallocated") {
    refuse(GENERIC.invalidField, { location: IN_NSID });
  }
  const attached = namespaces.find(nsid)?.state.controllers ?? [];
  return encodeControllerList(attached.filter((id) => id >= cntid));
}

/** The one combination of command sets that there is [BASE-2.1 §5.1.13.2.19]. */
function commandSets({ drive }: Machine, { cntid }: IdentifyRequest): Uint8Array {
  const known = drive.controllers.some(({ controller }) => controller.id === cntid);
  if (cntid !== THIS_CONTROLLER && !known) {
    refuse(GENERIC.invalidField, { location: inDword(10, 16) });
  }
  return CommandSets.encode({ iocsc: [{ nvmcs: true }] });
}
