// Asymmetric namespace access: how well each controller reaches the namespaces of each group.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { PATH } from "../../spec/status/path.ts";
import { featureOf } from "../feature/table.ts";
import type { Machine, Subsystem } from "../machine.ts";
import type { AnaState } from "../personality.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { type RefusalStatus, refuse } from "../refusal.ts";
import type { DriveState } from "../state.ts";
import { tellTap } from "../tap/tell.ts";
import { anaKey, countAnaChange } from "./ana_memory.ts";
import { EVENTS } from "./event_kinds.ts";
import { raiseControllerEvent } from "./events.ts";

/** What is to become of a group at a controller. */
export interface AnaChange {
  readonly controller: number;
  readonly group: number;
  readonly state: AnaState;
  /** Milliseconds that the group is in the state `change` before. */
  readonly transitionMs?: number;
}

/**
 * Puts a group into another state at one controller, whose host is told of it. Throws RangeError
 * for a group or a controller that does not exist.
 */
export function setAnaState(
  drive: Subsystem,
  { controller, group, state, transitionMs = 0 }: AnaChange,
): void {
  const groups = drive.personality.ana?.groups ?? 0;
  if (!Number.isInteger(group) || group < 1 || group > groups) {
    throw new RangeError(`Cannot change ANA group ${group}: the drive has groups 1 to ${groups}`);
  }
  const { transitions } = drive.state.ana;
  drive.state.ana.transitions = transitions.filter((other) =>
    other.controller !== controller || other.group !== group
  );
  enter(drive, { controller, group, state: transitionMs > 0 ? "change" : state });
  if (transitionMs === 0) return;
  const at = drive.now() + transitionMs;
  drive.state.ana.transitions.push({ controller, group, to: state, at });
}

/** Ends the transitions that should be over by now. */
export function settleAna({ drive }: Pick<Machine, "drive">): void {
  const { ana } = drive.state;
  if (ana.transitions.length === 0) return;
  const due = ana.transitions.filter(({ at }) => at <= drive.now());
  if (due.length === 0) return;
  ana.transitions = ana.transitions.filter(({ at }) => at > drive.now());
  for (const { controller, group, to } of due) enter(drive, { controller, group, state: to });
}

function enter(drive: Subsystem, { controller, group, state }: AnaChange): void {
  const machine = drive.controllers.find((other) => other.controller.id === controller);
  if (!machine) throw new RangeError(`Cannot change ANA: there is no controller ${controller}`);
  const { ana } = drive.state;
  const key = anaKey(group, controller);
  const before = groupState(drive.state, group, controller);
  if (before === state) return;
  ana.states[key] = state;
  countAnaChange(ana, group, controller);
  tellTap(machine, "nvme:ana:event", state, { controller, group, before });
  const seen = machine.namespaces.active().some(({ state: { anaGroup = 1 } }) =>
    anaGroup === group
  );
  if (seen) raiseControllerEvent(machine, EVENTS.anaChanged);
}

/** The state of a group at a controller. */
export function groupState(
  { ana }: Pick<DriveState, "ana">,
  group: number,
  controller: number,
): AnaState {
  return ana.states[anaKey(group, controller)] ?? "optimized";
}

/** How a controller reaches a namespace; optimally where the drive does not report access. */
export function anaState(
  { personality, state }: Pick<Machine, "personality" | "state">,
  nsid: number,
  controller: number,
): AnaState {
  if (!personality.ana) return "optimized";
  const namespace = state.namespaces.find((other) => other.nsid === nsid);
  return groupState(state, namespace?.anaGroup ?? 1, controller);
}

const REFUSALS: Readonly<Partial<Record<AnaState, RefusalStatus>>> = {
  inaccessible: PATH.inaccessible,
  "persistent-loss": PATH.persistentLoss,
  change: PATH.transition,
};

/** Admin commands that do something to a namespace [BASE-2.1 §8.1.1.10]. */
const REACHING: ReadonlySet<number> = new Set([
  ADMIN_COMMANDS.formatNvm.opcode,
  ADMIN_COMMANDS.namespaceManagement.opcode,
  ADMIN_COMMANDS.getLbaStatus.opcode,
]);
const FEATURES: ReadonlySet<number> = new Set([
  ADMIN_COMMANDS.setFeatures.opcode,
  ADMIN_COMMANDS.getFeatures.opcode,
]);

/** Refuses a command about a namespace that this controller does not reach [BASE-2.1 §8.1.1]. */
export function checkAna(machine: Machine, { queue, entry }: Exchange): void {
  if (!machine.personality.ana) return;
  const { nsid, opcode, cdw10 } = entry;
  const reaches = queue === "io" || REACHING.has(opcode) ||
    (FEATURES.has(opcode) &&
      featureOf(machine.personality, cdw10 & 0xff)?.scope === "namespace");
  if (!reaches) return;
  const refusal = REFUSALS[anaState(machine, nsid, machine.controller.id)];
  if (refusal && machine.namespaces.kindOf(nsid) === "active") refuse(refusal);
}
