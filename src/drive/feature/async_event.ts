// Feature 0Bh: the asynchronous events that a host wants to hear of.

import { EVENT_BIT } from "../model/event_kinds.ts";
import type { Personality } from "../personality.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { inDword, refuse } from "../refusal.ts";
import type { WordFeature } from "./feature.ts";

/** Log pages that come with events of their own. */
const LOG = {
  changedNamespaces: 0x04,
  telemetry: 0x08,
  lbaStatus: 0x0e,
  aggregate: 0x0f,
  discovery: 0x70,
} as const;
/** The critical warnings of this model: spare, temperature, reliability, read-only. */
const WARNINGS = 0x0f;
/** Where the bit of endurance groups is. */
const ENDURANCE_GROUPS_BIT = 14;

/** The bits of Asynchronous Event Configuration that mean something to a drive of this kind. */
export function supportedEvents(personality: Personality): number {
  const { logs, ana, commands } = personality;
  const bits: readonly (readonly [boolean, number])[] = [
    [logs.includes(LOG.changedNamespaces), EVENT_BIT.namespaces],
    [commands.includes("firmware"), EVENT_BIT.firmware],
    [logs.includes(LOG.telemetry), EVENT_BIT.telemetry],
    [ana !== undefined, EVENT_BIT.ana],
    [logs.includes(LOG.lbaStatus), EVENT_BIT.lbaStatus],
    [announcesEndurance(personality), EVENT_BIT.enduranceGroups],
    [logs.includes(LOG.discovery), EVENT_BIT.discovery],
  ];
  return bits.reduce((all, [has, bit]) => has ? all | bit : all, WARNINGS);
}

function announcesEndurance({ enduranceGroup, logs }: Personality): boolean {
  return enduranceGroup === true && logs.includes(LOG.aggregate);
}

/** Asynchronous Event Configuration [BASE-2.1 §5.1.25.1.5]. */
export const AsyncEventConfiguration: WordFeature = {
  kind: "word",
  fid: 0x0b,
  scope: "controller",
  saveable: true,
  initial: () => 0,
  accept({ personality, drive }, cdw11) {
    if ((cdw11 & EVENT_BIT.enduranceGroups) !== 0 && !personality.enduranceGroup) {
      refuse(GENERIC.invalidField, { location: inDword(11, ENDURANCE_GROUPS_BIT) });
    }
    const discovery = drive.fabrics?.discovery ? EVENT_BIT.discovery : 0;
    return (cdw11 & (supportedEvents(personality) | discovery)) >>> 0;
  },
};
