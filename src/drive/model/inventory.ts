// Which namespaces there are, what is left for others, and who has to hear of changes.

import { forgetNamespaceFeatures } from "../feature/reset.ts";
import { countAnaChange } from "./ana_memory.ts";
import type { Machine, Subsystem } from "../machine.ts";
import type { Personality } from "../personality.ts";
import type { DriveState, NamespaceState } from "../state.ts";

/** Bytes of media that no namespace has; zero for a drive that does not say how many it has. */
export function unallocatedBytes(
  { personality: { capacityBytes }, state: { namespaces } }: {
    readonly personality: Pick<Personality, "capacityBytes">;
    readonly state: Pick<DriveState, "namespaces">;
  },
): number {
  const used = namespaces.reduce((sum, namespace) => sum + namespace.capacityBytes, 0);
  return Math.max(0, capacityBytes - used);
}

/** The lowest identifier that no namespace has; undefined where all are taken. */
export function freeNsid(
  { personality: { limits }, state: { namespaces } }: Pick<Machine, "personality" | "state">,
): number | undefined {
  const taken = new Set(namespaces.map(({ nsid }) => nsid));
  for (let nsid = 1; nsid <= limits.namespaces; nsid++) {
    if (!taken.has(nsid)) return nsid;
  }
}

/**
 * Makes a namespace that nothing is attached to, with identifiers that none had before it.
 *
 * @throws {StorageFailure} where there is no room for it: nothing has changed
 */
export function createNamespace(
  { drive, state }: Machine,
  plan: Omit<NamespaceState, "controllers" | "incarnation">,
): void {
  const incarnation = (state.incarnations[plan.nsid] ?? 0) + 1;
  drive.store.create({ ...plan, controllers: [], incarnation });
  state.incarnations[plan.nsid] = incarnation;
}

/** Deletes a namespace; all controllers that saw it are told, but for the one that was asked to. */
export function deleteNamespace(machine: Machine, nsid: number): void {
  const { drive, state } = machine;
  const attached = attachedTo(state, nsid);
  countGroupChange(state, nsid, attached);
  drive.store.remove(nsid);
  forgetNamespaceFeatures(drive, nsid);
  for (const { controller } of drive.controllers) {
    controller.changedNamespaces = controller.changedNamespaces.filter((other) => other !== nsid);
  }
  noteNamespaceChange(drive, nsid, attached.filter((id) => id !== machine.controller.id));
}

/** Attaches a namespace to controllers, or detaches it, and tells them. */
export function setAttachment(
  { drive, state }: Machine,
  nsid: number,
  { attach, detach }: { readonly attach?: readonly number[]; readonly detach?: readonly number[] },
): void {
  const namespace = state.namespaces.find((other) => other.nsid === nsid);
  if (!namespace) return;
  const kept = namespace.controllers.filter((id) => !detach?.includes(id));
  namespace.controllers = [...new Set([...kept, ...attach ?? []])].toSorted((a, b) => a - b);
  const affected = [...attach ?? [], ...detach ?? []];
  countGroupChange(state, nsid, affected);
  noteNamespaceChange(drive, nsid, affected);
}

/** The ANA log page lists the attached namespaces of each group: it is another one now. */
function countGroupChange(
  { ana, namespaces }: DriveState,
  nsid: number,
  controllers: readonly number[],
): void {
  const { anaGroup = 1 } = namespaces.find((namespace) => namespace.nsid === nsid) ?? {};
  for (const controller of controllers) countAnaChange(ana, anaGroup, controller);
}

/** The controllers that a namespace is attached to. */
export function attachedTo(
  { namespaces }: Pick<DriveState, "namespaces">,
  nsid: number,
): readonly number[] {
  return namespaces.find((namespace) => namespace.nsid === nsid)?.controllers ?? [];
}

/** These controllers have to tell their hosts that something about a namespace is different. */
export function noteNamespaceChange(
  drive: Pick<Subsystem, "controllers">,
  nsid: number,
  controllers: readonly number[],
): void {
  for (const machine of drive.controllers) {
    const { id, changedNamespaces } = machine.controller;
    if (!controllers.includes(id)) continue;
    if (!changedNamespaces.includes(nsid)) changedNamespaces.push(nsid);
  }
}
