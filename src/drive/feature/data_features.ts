// The features whose value is a data structure about the host: time, behavior, identity, power.

import {
  ExtendedHostIdentifierData,
  HostBehaviorData,
  HostIdentifierData,
  PowerTransitionData,
  TimestampData,
} from "../../spec/feature/data.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import type { Personality } from "../personality.ts";
import { inDword, refuse } from "../refusal.ts";
import { currentValue, type DataFeature, featureKey, featureStore, valueOf } from "./feature.ts";
import type { WordFeature } from "./feature.ts";
import { LbaRangeType } from "./lba_range_type.ts";
import { hasNonOperationalStates } from "./management_features.ts";
import { storeData, storedData } from "./stored_data.ts";

const TIMESTAMP_RANGE = 2 ** 48;

/** Timestamp [BASE-2.1 §5.1.25.1.7]: counts on from what the host set, or from the last reset. */
const Timestamp: DataFeature = {
  kind: "data",
  fid: 0x0e,
  scope: "controller",
  saveable: false,
  size: () => TimestampData.size,
  read({ controller, now }, { which }) {
    if (which !== "current") return { data: TimestampData.encode({}) };
    const { value, setAt, origin } = controller.timestamp;
    const timestamp = Math.floor(value + Math.max(0, now() - setAt)) % TIMESTAMP_RANGE;
    return { data: TimestampData.encode({ timestamp, attributes: { origin } }) };
  },
  write({ controller, now }, bytes) {
    const { timestamp } = TimestampData.decode(bytes);
    controller.timestamp = { value: timestamp, setAt: now(), origin: 1 };
  },
};

/** Host Behavior Support [BASE-2.1 §5.1.25.1.14]. */
const HostBehavior: DataFeature = {
  kind: "data",
  fid: 0x16,
  scope: "controller",
  saveable: false,
  effects: { namespaceCapability: true, controllerCapability: true },
  size: () => HostBehaviorData.size,
  read: ({ controller }, { which }) => ({
    data: HostBehaviorData.encode(which === "current" ? controller.hostBehavior : {}),
  }),
  write({ controller }, bytes) {
    const { acre, etdas, lbafee, hdisns, cdfe } = HostBehaviorData.decode(bytes);
    if ([acre, etdas, lbafee, hdisns].some((value) => value > 1)) refuse(GENERIC.invalidField);
    controller.hostBehavior = { acre, etdas, lbafee, hdisns, cdfe };
  },
};

/** Whether the host has enabled formats beyond the sixteenth [NVM-1.1 §4.1.3.6.1]. */
export function formatsExtended(
  { controller, personality }: Pick<Machine, "controller" | "personality">,
): boolean {
  return personality.extendedFormats && controller.hostBehavior["lbafee"] === 1;
}

/** The word beside the table of transitions: whether they happen. */
const PowerTransitionEnable: WordFeature = {
  kind: "word",
  fid: 0x0c,
  scope: "controller",
  saveable: true,
  initial: () => 0,
  accept: (_machine, cdw11) => cdw11 & 1,
};

/** Autonomous Power State Transition [BASE-2.1 §5.1.25.1.6]. */
const PowerTransition: DataFeature = {
  kind: "data",
  fid: 0x0c,
  scope: "controller",
  saveable: true,
  supported: hasNonOperationalStates,
  size: () => PowerTransitionData.size,
  read: (machine, { slot, which }) => ({
    data: storedData(machine, PowerTransition, { slot, which }) ??
      new Uint8Array(PowerTransitionData.size),
    dw0: valueOf(machine, PowerTransitionEnable, { slot, which }),
  }),
  write(machine, data, { slot, save, command }) {
    checkTransitions(machine.personality, data);
    const value = PowerTransitionEnable.accept(machine, command.cdw11, command);
    const { features, savedFeatures } = featureStore(machine, PowerTransition);
    features[featureKey(PowerTransition.fid)] = value;
    if (save) savedFeatures[featureKey(PowerTransition.fid)] = value;
    storeData(machine, PowerTransition, { slot, save, data });
  },
};

/** Transitions lead to power states that exist and in which no I/O is processed. */
function checkTransitions({ powerStates }: Personality, data: Uint8Array): void {
  const { entries } = PowerTransitionData.decode(data);
  for (const [from, { itps, itpt }] of entries.entries()) {
    if (itpt === 0 || from >= powerStates.length) continue;
    if (powerStates[itps]?.operational !== false) refuse(GENERIC.invalidField);
  }
}

/** Whether the drive enters power states by itself [BASE-2.1 §8.1.17.2]. */
export function entersPowerStates(machine: Machine): boolean {
  return currentValue(machine, PowerTransitionEnable) === 1;
}

const EXTENDED = 1;

/** Host Identifier [BASE-2.1 §5.1.25.1.28]. Over fabrics it comes with Connect, and stays. */
const HostIdentifier: DataFeature = {
  kind: "data",
  fid: 0x81,
  scope: "controller",
  saveable: false,
  size({ controller }, { command, access }) {
    const extended = (command.cdw11 & EXTENDED) !== 0;
    if (controller.connectedHost !== undefined) {
      if (access === "set") refuse(GENERIC.sequenceError);
      if (!extended) refuse(GENERIC.hostIdFormat, { location: inDword(11) });
    }
    return extended ? ExtendedHostIdentifierData.size : HostIdentifierData.size;
  },
  read(machine, { command, which, slot }) {
    const extended = (command.cdw11 & EXTENDED) !== 0;
    const data = new Uint8Array(
      extended ? ExtendedHostIdentifierData.size : HostIdentifierData.size,
    );
    const { connectedHost } = machine.controller;
    const known = which === "current" && connectedHost !== undefined
      ? Uint8Array.fromHex(connectedHost)
      : storedData(machine, HostIdentifier, { slot, which });
    if (known) data.set(known.subarray(0, data.length));
    return { data, dw0: extended ? EXTENDED : 0 };
  },
  write: (machine, data, { slot }) =>
    storeData(machine, HostIdentifier, { slot, save: false, data }),
};

/** A host has connected over fabrics: its identifier, 16 bytes; undefined when it has gone. */
export function setConnectedHost(
  { controller }: Pick<Machine, "controller">,
  hostId: Uint8Array | undefined,
): void {
  if (hostId) controller.connectedHost = hostId.toHex();
  else delete controller.connectedHost;
}

/** All of them. */
export const DATA_FEATURES: readonly DataFeature[] = [
  LbaRangeType,
  PowerTransition,
  Timestamp,
  HostBehavior,
  HostIdentifier,
];
