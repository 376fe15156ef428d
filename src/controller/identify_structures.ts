// The Identify data structures beyond the two that every command needs: lists of namespaces and
// controllers, identifiers, and what the NVM Command Set adds.

import type { IdentifyNamespace } from "../spec/identify/identify_namespace.ts";
import { IdentifyNamespace as Namespace } from "../spec/identify/identify_namespace.ts";
import { ControllerList, listedControllers } from "../spec/identify/identify_lists.ts";
import { StatusError } from "../errors.ts";
import type { Drive } from "./drive.ts";
import { identify, identifyNamespace, namespaceList } from "./identify.ts";

/** CNS values that this module asks for [BASE-2.1 §5.1.13.1, Fig. 310]. */
export const CNS = {
  namespace: 0x00,
  controller: 0x01,
  activeNamespaces: 0x02,
  descriptors: 0x03,
  commandSetNamespace: 0x05,
  commandSetController: 0x06,
  independentNamespace: 0x08,
  allocatedNamespaces: 0x10,
  allocatedNamespace: 0x11,
  attachedControllers: 0x12,
  controllers: 0x13,
} as const;

/** A namespace of the NVM subsystem, seen from one controller. */
export interface ListedNamespace {
  readonly nsid: number;
  /** Attached to this controller; otherwise to others, or to none. */
  readonly active: boolean;
  readonly identify: IdentifyNamespace;
}

/** The namespaces of a controller. */
export interface NamespaceLists {
  readonly active: readonly number[];
  /** Undefined where the controller cannot list them: it has no namespace management. */
  readonly allocated: readonly number[] | undefined;
}

/** The first page of a list of namespaces or controllers, as the drive sent it. */
export function listPage(
  drive: Drive,
  cns: number,
  nsid: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const what = cns === CNS.activeNamespaces ? "namespaces" : "controllers";
  return identify(drive, { cns, nsid }, `list ${what} of ${drive.target}`);
}

/** The active namespaces, and the allocated ones where the drive can list them. */
export async function namespaceLists(drive: Drive): Promise<NamespaceLists> {
  const active = await namespaceList(drive, CNS.activeNamespaces);
  try {
    return { active, allocated: await namespaceList(drive, CNS.allocatedNamespaces) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { active, allocated: undefined };
  }
}

/** Every namespace of both lists with its data, by identifier. */
export async function listedNamespaces(
  drive: Drive,
  { active, allocated = [] }: NamespaceLists,
): Promise<readonly ListedNamespace[]> {
  const nsids = [...new Set([...active, ...allocated])].sort((one, other) => one - other);
  const found: ListedNamespace[] = [];
  for (const nsid of nsids) {
    const isActive = active.includes(nsid);
    const data = isActive
      ? await identifyNamespace(drive, nsid)
      : Namespace.decode(await allocatedNamespaceBytes(drive, nsid));
    found.push({ nsid, active: isActive, identify: data });
  }
  return found;
}

/** The Identify Namespace bytes of an allocated namespace, attached to this controller or not. */
export function allocatedNamespaceBytes(
  drive: Drive,
  nsid: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const purpose = `identify allocated namespace ${nsid} of ${drive.target}`;
  return identify(drive, { cns: CNS.allocatedNamespace, nsid }, purpose);
}

/**
 * The identifiers of the NVM subsystem's controllers, or of those that a namespace is attached to.
 * A list that goes on is asked for again from behind its last identifier.
 */
export async function controllerList(drive: Drive, nsid?: number): Promise<readonly number[]> {
  const cns = nsid === undefined ? CNS.controllers : CNS.attachedControllers;
  const purpose = nsid === undefined
    ? `list controllers of ${drive.target}`
    : `list controllers of namespace ${nsid} of ${drive.target}`;
  const found: number[] = [];
  for (let from = 0; from <= 0xffff;) {
    const bytes = await identify(drive, { cns, cntid: from, nsid: nsid ?? 0 }, purpose);
    const { identifiers, numcids } = ControllerList.decode(bytes);
    const part = listedControllers({ identifiers, numcids }).filter((cntlid) => cntlid >= from);
    found.push(...part);
    const last = part.at(-1);
    if (numcids < identifiers.length || last === undefined) break;
    from = last + 1;
  }
  return found;
}

/** The Namespace Identification Descriptors of an active namespace. */
export function descriptorBytes(drive: Drive, nsid: number): Promise<Uint8Array<ArrayBuffer>> {
  const purpose = `read the identifiers of namespace ${nsid} of ${drive.target}`;
  return identify(drive, { cns: CNS.descriptors, nsid }, purpose);
}

/** What the NVM Command Set says of the controller. */
export function commandSetControllerBytes(drive: Drive): Promise<Uint8Array<ArrayBuffer>> {
  const purpose = `read the NVM Command Set limits of ${drive.target}`;
  return identify(drive, { cns: CNS.commandSetController }, purpose);
}

/** What the NVM Command Set says of a namespace. */
export function commandSetNamespaceBytes(
  drive: Drive,
  nsid: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const purpose = `read the NVM Command Set data of namespace ${nsid} of ${drive.target}`;
  return identify(drive, { cns: CNS.commandSetNamespace, nsid }, purpose);
}

/** What holds for a namespace of any command set. */
export function independentNamespaceBytes(
  drive: Drive,
  nsid: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const purpose = `read the command set independent data of namespace ${nsid} of ${drive.target}`;
  return identify(drive, { cns: CNS.independentNamespace, nsid }, purpose);
}
