// What the controller says of itself: CNS 01h, and CNS 06h for the NVM Command Set.

import { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { IdentifyControllerNvm } from "../../spec/identify/identify_controller_nvm.ts";
import { KEEP_ALIVE_GRANULARITY_MS } from "../feature/word_features.ts";
import type { Machine } from "../machine.ts";
import { has, type Personality, type PowerState } from "../personality.ts";
import { encodeFor } from "../version.ts";
import { subsystemNqn } from "./identity.ts";

type ControllerInput = Parameters<typeof IdentifyController.encode>[0];

const MINUTE_MS = 60_000;
const TIMESTAMP = 0x0e;

/** The Identify Controller data structure. */
export function identifyController(machine: Machine): Uint8Array {
  const { personality } = machine;
  return encodeFor(IdentifyController, personality.version, {
    ...capabilities(machine),
    ...administration(personality),
    ...storage(personality),
    psd: personality.powerStates.map(powerState),
  });
}

/** The Identify Controller data structure of the NVM Command Set: no limits beyond MDTS. */
export function identifyControllerNvm({ personality: { version } }: Machine): Uint8Array {
  return encodeFor(IdentifyControllerNvm, version, version >= 0x020100 ? { ver: 0x010100 } : {});
}

function capabilities({ personality, state, controller }: Machine): ControllerInput {
  return {
    vid: personality.vendorId,
    ssvid: personality.vendorId,
    sn: personality.serial,
    mn: personality.model,
    fr: state.firmware[state.firmwareSlot - 1] ?? "",
    rab: 4,
    ieee: personality.oui,
    mdts: personality.limits.mdts,
    cntlid: controller.id,
    ver: personality.version,
    rtd3r: 500_000,
    rtd3e: 2_000_000,
    oaes: { nsan: personality.logs.includes(0x04) },
    ctratt: { elbas: personality.extendedFormats },
    cntrltype: 1,
  };
}

function administration(personality: Personality): ControllerInput {
  const { limits, logs, health, selfTests } = personality;
  const tested = has(personality, "self-test");
  return {
    oacs: { fnvms: has(personality, "format"), dsts: tested },
    acl: limits.aborts - 1,
    aerl: limits.asyncEvents - 1,
    frmw: { nofs: personality.firmware.length },
    lpa: {
      cses: logs.includes(0x05),
      lpeds: personality.logOffsets,
      mlps: logs.includes(0x00),
    },
    elpe: limits.errorEntries - 1,
    npss: personality.powerStates.length - 1,
    wctemp: health.warningK,
    cctemp: health.criticalK,
    tnvmcap: personality.capacityBytes,
    unvmcap: unallocated(personality),
    edstt: tested ? Math.ceil(selfTests.extendedMs / MINUTE_MS) : 0,
    dsto: { sdso: tested },
    kas: has(personality, "keep-alive") ? KEEP_ALIVE_GRANULARITY_MS / 100 : 0,
  };
}

function unallocated({ capacityBytes, namespaces }: Personality): number {
  const used = namespaces.reduce((sum, namespace) => sum + namespace.capacityBytes, 0);
  return Math.max(0, capacityBytes - used);
}

function storage(personality: Personality): ControllerInput {
  const { formatting, limits } = personality;
  return {
    sqes: { minsqes: 6, maxsqes: 6 },
    cqes: { mincqes: 4, maxcqes: 4 },
    nn: limits.namespaces,
    oncs: {
      nvmcmps: has(personality, "compare"),
      nvmdsmsv: has(personality, "dataset-management"),
      nvmwzsv: has(personality, "write-zeroes"),
      ssfs: personality.savesFeatures,
      tss: personality.features.includes(TIMESTAMP),
      nvmvfys: has(personality, "verify"),
    },
    fna: {
      fns: formatting.formatsAll,
      sens: formatting.erasesAll,
      cryes: formatting.cryptoErase,
      fnvmbs: !formatting.broadcast,
    },
    vwc: { vwcp: personality.writeCache, fb: personality.version >= 0x010400 ? 3 : 0 },
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
