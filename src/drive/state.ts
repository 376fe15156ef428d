// Everything about a virtual drive that changes, apart from what its namespaces store. Plain data:
// numbers, bigints, strings, arrays, records.

import type { NamespacePlan, Personality } from "./personality.ts";

/** A namespace and its format. */
export interface NamespaceState {
  readonly nsid: number;
  /** Bytes of media set aside for data and metadata. */
  readonly capacityBytes: number;
  /** The controllers that it is attached to. */
  controllers: number[];
  /** Index into the drive's formats. */
  format: number;
  metadataInline: boolean;
  /** Type of protection information, 0 for none. */
  protection: 0 | 1 | 2 | 3;
  protectionFirst: boolean;
}

/** An entry of the error log. */
export interface ErrorRecord {
  readonly count: bigint;
  readonly sqid: number;
  readonly cid: number;
  /** The 15-bit status field. */
  readonly status: number;
  /** The Parameter Error Location word. */
  readonly location: number;
  readonly lba: bigint;
  readonly nsid: number;
  readonly opcode: number;
}

/** A self-test that runs; times in milliseconds of the drive's clock. */
export interface RunningSelfTest {
  readonly code: number;
  readonly nsid: number;
  readonly startedAt: number;
  readonly durationMs: number;
}

/** A self-test that ended. */
export interface SelfTestRecord {
  readonly code: number;
  readonly result: number;
  readonly powerOnHours: number;
  readonly segment?: number;
  readonly nsid?: number;
  readonly lba?: number;
  readonly statusCodeType?: number;
  readonly statusCode?: number;
}

/** What the host did since the drive was made. */
export interface Counters {
  /** Sectors of 512 bytes. */
  sectorsRead: bigint;
  sectorsWritten: bigint;
  hostReads: bigint;
  hostWrites: bigint;
  busyUs: bigint;
  mediaErrors: bigint;
  errors: bigint;
  powerCycles: bigint;
}

/** The Timestamp feature: the value that was set, and when. */
export interface TimestampState {
  /** Milliseconds since 1970, as the host gave them; zero after a reset. */
  readonly value: number;
  readonly setAt: number;
  /** 0: from a reset; 1: from Set Features. */
  readonly origin: 0 | 1;
}

/** What each controller of the drive remembers for itself. */
export interface ControllerState {
  /** The controller identifier, from 1 on. */
  readonly id: number;
  /** Namespaces that changed since log page 04h was read. */
  changedNamespaces: number[];
  /** Bits of the critical warnings that were announced, and whether changed namespaces were. */
  announcedWarnings: number;
  announcedNamespaces: boolean;
  /** Types of asynchronous events that wait for their log page to be read. */
  maskedEvents: number[];
  /** Values of features by `featureKey`: the current ones and the saved ones. */
  features: Record<string, number>;
  savedFeatures: Record<string, number>;
  timestamp: TimestampState;
  /** The fields of the Host Behavior Support feature. */
  hostBehavior: Record<string, number>;
}

/** The drive's memory. */
export interface DriveState {
  /** Of this shape; a stored state of another one cannot be loaded. */
  readonly version: 1;
  /** State of the random generator. */
  random: number;
  /** When the drive was last powered on, and how long it was on before that. */
  poweredOnAt: number;
  poweredBeforeMs: number;
  /** What the composite temperature differs by now, and when that was decided. */
  temperatureOffsetK: number;
  temperatureAt: number;
  namespaces: NamespaceState[];
  /** Values of features by `featureKey`, of those that all controllers share. */
  features: Record<string, number>;
  savedFeatures: Record<string, number>;
  controllers: ControllerState[];
  firmwareSlot: number;
  firmware: string[];
  /** Newest first. */
  errors: ErrorRecord[];
  selfTest: RunningSelfTest | null;
  /** Newest first. */
  selfTestResults: SelfTestRecord[];
  counters: Counters;
}

/** The state of a drive of this kind that has just been taken out of its box and switched on. */
export function initialState(
  personality: Personality,
  { now, seed }: { readonly now: number; readonly seed: number },
): DriveState {
  return {
    version: 1,
    random: seed >>> 0,
    poweredOnAt: now,
    poweredBeforeMs: 0,
    temperatureOffsetK: 0,
    temperatureAt: now,
    namespaces: personality.namespaces.map((plan) => namespaceState(plan, personality)),
    features: {},
    savedFeatures: {},
    controllers: controllerIds(personality).map((id) => controllerState(id, personality, now)),
    firmwareSlot: personality.firmwareSlot,
    firmware: [...personality.firmware],
    errors: [],
    selfTest: null,
    selfTestResults: [],
    counters: {
      sectorsRead: 0n,
      sectorsWritten: 0n,
      hostReads: 0n,
      hostWrites: 0n,
      busyUs: 0n,
      mediaErrors: 0n,
      errors: 0n,
      powerCycles: 1n,
    },
  };
}

/** The identifiers of the drive's controllers. */
function controllerIds({ controllers = 1 }: Personality): readonly number[] {
  return Array.from({ length: controllers }, (_, at) => at + 1);
}

function controllerState(id: number, personality: Personality, now: number): ControllerState {
  return {
    id,
    changedNamespaces: [],
    announcedWarnings: 0,
    announcedNamespaces: false,
    maskedEvents: [],
    features: { ...personality.savedFeatures },
    savedFeatures: { ...personality.savedFeatures },
    timestamp: { value: 0, setAt: now, origin: 0 },
    hostBehavior: {},
  };
}

function namespaceState(plan: NamespacePlan, personality: Personality): NamespaceState {
  return {
    nsid: plan.nsid,
    capacityBytes: plan.capacityBytes,
    controllers: plan.attached ?? true ? [...controllerIds(personality)] : [],
    format: plan.format,
    metadataInline: plan.metadataInline ?? false,
    protection: plan.protection ?? 0,
    protectionFirst: plan.protectionFirst ?? false,
  };
}
