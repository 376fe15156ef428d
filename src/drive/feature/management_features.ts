// The one-word features by which a host manages power, heat, recovery, events and command sets.

import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { has, type Personality } from "../personality.ts";
import { inDword, refuse } from "../refusal.ts";
import type { WordFeature } from "./feature.ts";

/** The endurance group of a drive that has one. */
export const ENDURANCE_GROUP = 1;
/** The recovery level of a drive whose host chose none [BASE-2.1 §8.1.22]. */
const DEFAULT_RECOVERY_LEVEL = 4;
/** Critical warnings that an endurance group can give: spare, reliability, read-only. */
const ENDURANCE_WARNINGS = 0x0d_0000;
const LBA_STATUS_LOG = 0x0e;
/** How often blocks are looked at by themselves, in 100 ms: once an hour. */
const LBA_STATUS_POLL = 36_000;

/** Interrupt Vector Configuration [BASE-2.1 §5.1.25.2.3]: a value for each interrupt vector. */
const InterruptVectorConfiguration: WordFeature = {
  kind: "word",
  fid: 0x09,
  scope: "controller",
  saveable: true,
  slots({ personality: { limits } }, cdw11) {
    const vector = cdw11 & 0xffff;
    // One vector for the admin queue, one for each I/O completion queue.
    if (vector > limits.queues) refuse(GENERIC.invalidField, { location: inDword(11) });
    return [`${vector}`];
  },
  initial: (_personality, slot) => Number(slot),
  accept: (_machine, cdw11) => cdw11 & 0x1_ffff,
};

/** The temperatures of Host Controlled Thermal Management, from its word. */
export function thermalTemperatures(
  value: number,
): { readonly light: number; readonly heavy: number } {
  return { light: value >>> 16, heavy: value & 0xffff };
}

/** Host Controlled Thermal Management [BASE-2.1 §5.1.25.1.9]. */
export const HostThermalManagement: WordFeature = {
  kind: "word",
  fid: 0x10,
  scope: "controller",
  saveable: false,
  persistent: true,
  supported: ({ thermalManagement }) => thermalManagement !== undefined,
  initial: () => 0,
  accept({ personality: { thermalManagement } }, cdw11) {
    const { lowestK = 0, highestK = 0 } = thermalManagement ?? {};
    const { light, heavy } = thermalTemperatures(cdw11);
    const inRange = (kelvin: number): boolean =>
      kelvin === 0 || (kelvin >= lowestK && kelvin <= highestK);
    if (!inRange(light) || (light !== 0 && heavy !== 0 && light >= heavy)) {
      refuse(GENERIC.invalidField, { location: inDword(11, 16) });
    }
    if (!inRange(heavy)) refuse(GENERIC.invalidField, { location: inDword(11) });
    return cdw11 >>> 0;
  },
};

/** Non-Operational Power State Config [BASE-2.1 §5.1.25.1.10]. */
const NonOperationalPower: WordFeature = {
  kind: "word",
  fid: 0x11,
  scope: "controller",
  saveable: true,
  supported: hasNonOperationalStates,
  initial: () => 0,
  accept: (_machine, cdw11) => cdw11 & 1,
};

/** Whether there is a power state in which no I/O commands are processed. */
export function hasNonOperationalStates({ powerStates }: Personality): boolean {
  return powerStates.some(({ operational }) => !operational);
}

/** Read Recovery Level Config [BASE-2.1 §5.1.25.1.11]: without NVM sets there is one level. */
const ReadRecoveryLevel: WordFeature = {
  kind: "word",
  fid: 0x12,
  scope: "subsystem",
  saveable: false,
  persistent: true,
  supported: ({ recoveryLevels }) => recoveryLevels !== undefined,
  initial: () => DEFAULT_RECOVERY_LEVEL,
  accept({ personality: { recoveryLevels = [] } }, _cdw11, { cdw12 }) {
    const level = cdw12 & 0xf;
    if (!recoveryLevels.includes(level)) refuse(GENERIC.invalidField, { location: inDword(12) });
    return level;
  },
};

/** LBA Status Information Attributes [NVM-1.1 §4.1.3.5]: the poll interval is the drive's own. */
export const LbaStatusAttributes: WordFeature = {
  kind: "word",
  fid: 0x15,
  scope: "controller",
  saveable: true,
  supported: ({ logs }) => logs.includes(LBA_STATUS_LOG),
  initial: () => lbaStatusWord(0),
  accept: (_machine, cdw11) => lbaStatusWord(cdw11 & 0xffff),
  answers: true,
};

function lbaStatusWord(reportInterval: number): number {
  return ((LBA_STATUS_POLL << 16) | reportInterval) >>> 0;
}

/** Sanitize Config [BASE-2.1 §5.1.25.1.15]: whether wishes that cannot be granted are refused. */
const SanitizeConfig: WordFeature = {
  kind: "word",
  fid: 0x17,
  scope: "subsystem",
  saveable: false,
  persistent: true,
  supported: (personality) => has(personality, "sanitize"),
  initial: () => 0,
  accept: (_machine, cdw11) => cdw11 & 1,
};

/** Endurance Group Event Configuration [BASE-2.1 §5.1.25.1.16]: a value for each group. */
const EnduranceGroupEvents: WordFeature = {
  kind: "word",
  fid: 0x18,
  scope: "endurance-group",
  saveable: true,
  supported: ({ enduranceGroup = false }) => enduranceGroup,
  slots(_machine, cdw11) {
    const group = cdw11 & 0xffff;
    if (group !== ENDURANCE_GROUP) refuse(GENERIC.invalidField, { location: inDword(11) });
    return [`${group}`];
  },
  initial: (_personality, slot) => Number(slot),
  accept: (_machine, cdw11) => cdw11 & (ENDURANCE_WARNINGS | 0xffff),
};

/** I/O Command Set Profile [BASE-2.1 §5.1.25.1.17]: there is one combination. */
const CommandSetProfile: WordFeature = {
  kind: "word",
  fid: 0x19,
  scope: "controller",
  saveable: false,
  persistent: true,
  supported: ({ identify }) => identify.includes(0x1c),
  initial: () => 0,
  accept(_machine, cdw11) {
    if ((cdw11 & 0x1ff) !== 0) {
      refuse(COMMAND_SPECIFIC.commandSetCombination, { location: inDword(11) });
    }
    return 0;
  },
};

/** Software Progress Marker [BASE-2.1 §5.1.25.1.27]. */
const SoftwareProgressMarker: WordFeature = {
  kind: "word",
  fid: 0x80,
  scope: "controller",
  saveable: false,
  persistent: true,
  initial: () => 0,
  accept: (_machine, cdw11) => cdw11 & 0xff,
};

/** All of them. */
export const MANAGEMENT_FEATURES: readonly WordFeature[] = [
  InterruptVectorConfiguration,
  HostThermalManagement,
  NonOperationalPower,
  ReadRecoveryLevel,
  LbaStatusAttributes,
  SanitizeConfig,
  EnduranceGroupEvents,
  CommandSetProfile,
  SoftwareProgressMarker,
];
