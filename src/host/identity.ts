// Which names in a topology mean the same drive, and the same namespace.

import { trimmed } from "./attribute.ts";
import type { Controller, Namespace, Topology } from "./topology.ts";

/** What a serial number stands for on this machine. */
export type SerialMatch =
  | { readonly kind: "none" }
  /** One drive. `controller` is the best of its controllers to speak to, `others` the rest. */
  | {
    readonly kind: "one";
    readonly controller: Controller;
    readonly others: readonly Controller[];
  }
  /** Several drives say that they have this serial number. */
  | { readonly kind: "several"; readonly controllers: readonly Controller[] };

/**
 * The drive with exactly this serial number, padding aside. A drive with several controllers is one
 * drive, and a live controller of it is chosen.
 */
export function findBySerial(topology: Topology, serial: string): SerialMatch {
  const wanted = trimmed(serial);
  const [first, ...rest] = topology.controllers
    .filter((candidate) => wanted !== "" && candidate.serial === wanted)
    .sort((a, b) => readiness(a) - readiness(b));
  if (first === undefined) return { kind: "none" };
  return rest.every((other) => sameDrive(first, other))
    ? { kind: "one", controller: first, others: rest }
    : { kind: "several", controllers: [first, ...rest] };
}

/**
 * Every device that the kernel offers for the same namespace, the one named included: with
 * `nvme_core.multipath=N` each controller of a drive has one of its own, and what is destroyed
 * through one of them is gone from all. Two that cannot be told apart count as the same.
 */
export function sameNamespace(topology: Topology, name: string): readonly Namespace[] {
  const one = topology.namespaces.find((candidate) => candidate.name === name);
  if (one === undefined) return [];
  return topology.namespaces.filter((other) =>
    other === one ||
    (alike(other.nsid, one.nsid) && alike(other.wwid, one.wwid) && mayShare(topology, one, other))
  );
}

/** The controllers that reach a namespace. */
export function controllersOf(topology: Topology, namespace: Namespace): readonly Controller[] {
  return topology.controllers.filter(({ name }) =>
    namespace.paths.some(({ controller }) => controller === name)
  );
}

/**
 * The controllers named and all others of the same drives, by name, in the topology's order; what
 * the topology does not know comes last. What one does to the drive, it does to all of them.
 */
export function subsystemPeers(
  topology: Topology,
  controllers: readonly string[],
): readonly string[] {
  const given = topology.controllers.filter(({ name }) => controllers.includes(name));
  const peers = topology.controllers.filter((other) => given.some((one) => sameDrive(one, other)));
  return [...new Set([...peers.map(({ name }) => name), ...controllers])];
}

/**
 * Whether two controllers are of one drive: of one subsystem or, where the kernel shows none, of
 * one NQN and serial number. Two that share a serial number only are two drives.
 */
function sameDrive(a: Controller, b: Controller): boolean {
  if (a === b) return true;
  if (a.subsystem !== undefined || b.subsystem !== undefined) return a.subsystem === b.subsystem;
  return a.nqn !== undefined && a.nqn === b.nqn && a.serial === b.serial;
}

/** Whether two namespaces can be on one drive, as far as the kernel shows what they are on. */
function mayShare(topology: Topology, a: Namespace, b: Namespace): boolean {
  const ours = controllersOf(topology, a);
  const theirs = controllersOf(topology, b);
  if (ours.length === 0 || theirs.length === 0) return a.wwid !== undefined && a.wwid === b.wwid;
  return ours.some((x) => theirs.some((y) => sameDrive(x, y) || indistinct(x, y)));
}

/** Whether nothing but the serial number is known of two controllers, and it is the same. */
function indistinct(a: Controller, b: Controller): boolean {
  return a.subsystem === undefined && b.subsystem === undefined &&
    a.serial !== undefined && a.serial === b.serial && alike(a.nqn, b.nqn);
}

/** Live controllers first, then those that may become live, then the lost. */
function readiness({ state }: Controller): number {
  if (state === "live") return 0;
  if (state === undefined) return 1;
  return state === "dead" || state.startsWith("deleting") ? 3 : 2;
}

/** Equal, as far as both are known. */
function alike<T>(a: T | undefined, b: T | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}
