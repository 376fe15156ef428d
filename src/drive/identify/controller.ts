// What the controller says of itself: CNS 01h, and CNS 06h for the NVM Command Set.

import { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { IdentifyControllerNvm } from "../../spec/identify/identify_controller_nvm.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { KEEP_ALIVE_GRANULARITY_MS } from "../feature/word_features.ts";
import type { Machine } from "../machine.ts";
import { firmwareAbilities } from "../model/firmware.ts";
import { EVENT_LOG_UNITS } from "../model/persistent_events.ts";
import { sanitizeCapabilities } from "../model/sanitize.ts";
import { theRest } from "../rest.ts";
import { has, type Personality, type PowerState } from "../personality.ts";
import { encodeFor } from "../version.ts";
import { managementAttributes, managementFields } from "./management.ts";
import { subsystemNqn } from "./identity.ts";

type ControllerInput = Parameters<typeof IdentifyController.encode>[0];

const MINUTE_MS = 60_000;
const TIMESTAMP = 0x0e;
const TELEMETRY = 0x07;
const PERSISTENT_EVENTS = 0x0d;
const DOORBELL_BUFFER = ADMIN_COMMANDS.doorbellBufferConfig.opcode;

/** The Identify Controller data structure. */
export function identifyController(machine: Machine): Uint8Array {
  const { personality } = machine;
  const own = {
    ...capabilities(machine),
    ...administration(machine),
    ...storage(personality),
    ...managementFields(machine),
    psd: personality.powerStates.map(powerState),
  };
  const others = machine.drive.fabrics ? theRest().overFabrics(machine, own) : {};
  return encodeFor(IdentifyController, personality.version, own, others);
}

/** The Identify Controller data structure of the NVM Command Set. */
export function identifyControllerNvm({ personality }: Machine): Uint8Array {
  const { version, dataset } = personality;
  return encodeFor(IdentifyControllerNvm, version, {
    dmrl: dataset?.ranges ?? 0,
    dmrsl: dataset?.rangeBlocks ?? 0,
    dmsl: dataset?.blocks ?? 0,
    ...(version >= 0x020100 ? { ver: 0x010100 } : {}),
  });
}

function capabilities({ personality, state, controller }: Machine): ControllerInput {
  return {
    vid: personality.vendorId,
    ssvid: personality.vendorId,
    sn: personality.serial,
    mn: personality.model,
    fr: state.firmwareUpdate.running,
    rab: 4,
    ieee: personality.oui,
    mdts: personality.limits.mdts,
    cntlid: controller.id,
    ver: personality.version,
    rtd3r: 500_000,
    rtd3e: 2_000_000,
    oaes: {
      nsan: personality.logs.includes(0x04),
      fan: has(personality, "firmware"),
      anacn: personality.ana !== undefined,
      lsian: personality.logs.includes(0x0e),
    },
    ctratt: { elbas: personality.extendedFormats, ...managementAttributes(personality) },
    cntrltype: 1,
  };
}

function administration({ personality, faceCommands }: Machine): ControllerInput {
  const { limits, logs, health, selfTests } = personality;
  const tested = has(personality, "self-test");
  return {
    oacs: {
      ssrs: has(personality, "security"),
      fwds: has(personality, "firmware"),
      dirs: has(personality, "directives"),
      fnvms: has(personality, "format"),
      nms: has(personality, "namespace-management"),
      dsts: tested,
      dbcs: faceCommands.some(({ opcode, supported }) =>
        opcode === DOORBELL_BUFFER && supported?.(personality) !== false
      ),
      glss: has(personality, "get-lba-status"),
    },
    acl: limits.aborts - 1,
    aerl: limits.asyncEvents - 1,
    ...firmwareUpdates(personality),
    lpa: {
      cses: logs.includes(0x05),
      lpeds: personality.logOffsets,
      ts: logs.includes(TELEMETRY),
      pes: logs.includes(PERSISTENT_EVENTS),
      mlps: logs.includes(0x00),
      da4s: logs.includes(TELEMETRY),
    },
    elpe: limits.errorEntries - 1,
    npss: personality.powerStates.length - 1,
    wctemp: health.warningK,
    cctemp: health.criticalK,
    edstt: tested ? Math.ceil(selfTests.extendedMs / MINUTE_MS) : 0,
    dsto: { sdso: tested },
    ...(has(personality, "sanitize") ? { sanicap: sanitizeCapabilities(personality) } : {}),
    pels: logs.includes(PERSISTENT_EVENTS) ? EVENT_LOG_UNITS : 0,
    kas: has(personality, "keep-alive") ? KEEP_ALIVE_GRANULARITY_MS / 100 : 0,
  };
}

/** How firmware is updated; without the commands only how many slots there are. */
function firmwareUpdates(personality: Personality): ControllerInput {
  const nofs = personality.firmware.length;
  if (!has(personality, "firmware")) return { frmw: { nofs } };
  const { readOnlySlot1, withoutReset, longestPauseMs, granularity } = firmwareAbilities(
    personality,
  );
  return {
    frmw: { nofs, ffsro: readOnlySlot1, fawr: withoutReset },
    mtfa: withoutReset ? Math.ceil(longestPauseMs / 100) : 0,
    fwug: granularity,
  };
}

function storage(personality: Personality): ControllerInput {
  const { formatting } = personality;
  return {
    sqes: { minsqes: 6, maxsqes: 6 },
    cqes: { mincqes: 4, maxcqes: 4 },
    oncs: {
      nvmcmps: has(personality, "compare"),
      nvmwusv: has(personality, "write-uncorrectable"),
      nvmdsmsv: has(personality, "dataset-management"),
      nvmwzsv: has(personality, "write-zeroes"),
      ssfs: personality.savesFeatures,
      tss: personality.features.includes(TIMESTAMP),
      nvmvfys: has(personality, "verify"),
      nvmcpys: has(personality, "copy"),
      nvmcsa: has(personality, "copy"),
    },
    fna: {
      fns: formatting.formatsAll,
      sens: formatting.erasesAll,
      cryes: formatting.cryptoErase,
      fnvmbs: !formatting.broadcast,
    },
    vwc: { vwcp: personality.writeCache, fb: personality.version >= 0x010400 ? 3 : 0 },
    ocfs: { cdf0s: has(personality, "copy"), cdf1s: has(personality, "copy") },
    ...(personality.scatterGather ? { sgls: { sgls: 1, sbbds: true, lldts: true } } : {}),
    subnqn: subsystemNqn(personality),
  };
}

/** A power state ranks in speed as it does in power. */
function powerState(
  { milliwatts, operational, entryUs, exitUs }: PowerState,
  rank: number,
): NonNullable<NonNullable<ControllerInput["psd"]>[number]> {
  return {
    power: { mp: Math.round(milliwatts / 10), nops: !operational },
    enlat: entryUs,
    exlat: exitUs,
    relative: { rrt: rank, rrl: rank, rwt: rank, rwl: rank },
  };
}
