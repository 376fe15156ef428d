// What the drive remembers of asymmetric namespace access.

import type { Ana, AnaState } from "../personality.ts";

/** What the drive remembers of access to its groups; a group at a controller is `group@id`. */
export interface AnaMemory {
  states: Record<string, AnaState>;
  /** How often each changed, and how often the log page of each controller did. */
  changes: Record<string, number>;
  logChanges: Record<string, number>;
  /** States that are about to be entered, on the drive's clock. */
  transitions: AnaTransition[];
}

/** A group on its way into another state. */
export interface AnaTransition {
  readonly controller: number;
  readonly group: number;
  readonly to: AnaState;
  readonly at: number;
}

/** The log page of a controller is another one: something about a group has changed. */
export function countAnaChange(
  { changes, logChanges }: AnaMemory,
  group: number,
  controller: number,
): void {
  const key = anaKey(group, controller);
  changes[key] = (changes[key] ?? 0) + 1;
  logChanges[`${controller}`] = (logChanges[`${controller}`] ?? 0) + 1;
}

/** The key of a group at a controller. */
export function anaKey(group: number, controller: number): string {
  return `${group}@${controller}`;
}

/** The access states of a drive that has just been switched on. */
export function initialAna(ana: Ana | undefined): AnaMemory {
  return { states: { ...ana?.states }, changes: {}, logChanges: {}, transitions: [] };
}
