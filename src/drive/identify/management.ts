// What Identify Controller says of capacity, access, heat and power, and of what hosts may manage.

import type { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { ENDURANCE_GROUP, hasNonOperationalStates } from "../feature/management_features.ts";
import { featureOf } from "../feature/table.ts";
import type { Machine } from "../machine.ts";
import { unallocatedBytes } from "../model/inventory.ts";
import type { Personality } from "../personality.ts";

type ControllerInput = Parameters<typeof IdentifyController.encode>[0];

const FID = {
  powerTransition: 0x0c,
  thermal: 0x10,
  nonOperationalPower: 0x11,
  recoveryLevel: 0x12,
  hostIdentifier: 0x81,
  writeProtection: 0x84,
} as const;
const CNS = { granularity: 0x16, uuids: 0x17 } as const;

/** The fields, without the capabilities that are bits among others. */
export function managementFields(machine: Machine): ControllerInput {
  const { personality } = machine;
  const { thermalManagement, ana, limits, attachments = 0 } = personality;
  const managed = hasFeature(personality, FID.thermal) ? thermalManagement : undefined;
  return {
    cmic: { mctrs: (personality.controllers ?? 1) > 1, anars: ana !== undefined },
    rrls: recoveryLevels(personality),
    apsta: { apts: hasFeature(personality, FID.powerTransition) },
    tnvmcap: personality.capacityBytes,
    unvmcap: unallocatedBytes(machine),
    hctma: { hctms: managed !== undefined },
    mntmt: managed?.lowestK ?? 0,
    mxtmt: managed?.highestK ?? 0,
    endgidmax: personality.enduranceGroup ? ENDURANCE_GROUP : 0,
    nwpc: writeProtection(personality),
    ...(ana ? access(ana) : {}),
    nn: limits.namespaces,
    mnan: ana ? limits.namespaces : 0,
    maxcna: attachments,
  };
}

/** Controller Attributes that are about these things. */
export function managementAttributes(personality: Personality) {
  const { identify, enduranceGroup = false } = personality;
  return {
    hids: hasFeature(personality, FID.hostIdentifier),
    nopspm: hasFeature(personality, FID.nonOperationalPower) &&
      hasNonOperationalStates(personality),
    rrlvls: hasFeature(personality, FID.recoveryLevel),
    egs: enduranceGroup,
    ng: identify.includes(CNS.granularity),
    ulist: identify.includes(CNS.uuids),
  };
}

function hasFeature(personality: Personality, fid: number): boolean {
  return featureOf(personality, fid) !== undefined;
}

function recoveryLevels(personality: Personality): number {
  const levels = hasFeature(personality, FID.recoveryLevel) ? personality.recoveryLevels ?? [] : [];
  return levels.reduce((all, level) => all | (1 << level), 0);
}

function writeProtection(personality: Personality) {
  const offered = hasFeature(personality, FID.writeProtection);
  return { nwpwps: offered, wpupcs: offered, pwps: offered };
}

function access(
  { groups, transitionSeconds }: NonNullable<Personality["ana"]>,
): ControllerInput {
  return {
    anatt: transitionSeconds,
    anacap: {
      ranaos: true,
      rananos: true,
      ranais: true,
      ranapls: true,
      ranacs: true,
      anagidlwas: true,
      anagids: true,
    },
    anagrpmax: groups,
    nanagrpid: groups,
  };
}
