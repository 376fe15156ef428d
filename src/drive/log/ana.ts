// Log page 0Ch: how this controller reaches its namespaces.

import { encodeAna } from "../../spec/log/ana.ts";
import type { Machine } from "../machine.ts";
import { groupState } from "../model/ana.ts";
import { anaKey } from "../model/ana_memory.ts";
import type { AnaState } from "../personality.ts";
import type { DriveLogPage } from "./page.ts";

/** The Return Groups Only bit of the log specific parameter [BASE-2.1 §5.1.12.1.13, Fig. 222]. */
const GROUPS_ONLY = 1;

/** ANA states as the page has them [BASE-2.1 §5.1.12.1.13, Fig. 224]. */
const ANA_STATE_CODES: Readonly<Record<AnaState, number>> = {
  "optimized": 0x1,
  "non-optimized": 0x2,
  "inaccessible": 0x3,
  "persistent-loss": 0x4,
  "change": 0xf,
};

/** Asymmetric Namespace Access: the groups of the attached namespaces. */
export const AnaPage: DriveLogPage = {
  lid: 0x0c,
  read(machine, { lsp }) {
    const { state: { ana }, controller: { id } } = machine;
    return encodeAna({
      changeCount: ana.logChanges[`${id}`] ?? 0,
      groups: groupsOf(machine).map(([group, nsids]) => ({
        group,
        state: ANA_STATE_CODES[groupState(machine.state, group, id)],
        changeCount: ana.changes[anaKey(group, id)] ?? 0,
        nsids: (lsp & GROUPS_ONLY) === 0 ? nsids : [],
      })),
    });
  },
};

/** The groups that have namespaces attached to this controller, ascending, and these. */
function groupsOf({ namespaces }: Machine): readonly (readonly [number, readonly number[]])[] {
  const groups = new Map<number, number[]>();
  for (const { nsid, state: { anaGroup = 1 } } of namespaces.active()) {
    groups.set(anaGroup, [...groups.get(anaGroup) ?? [], nsid]);
  }
  return [...groups].toSorted(([one], [other]) => one - other);
}
