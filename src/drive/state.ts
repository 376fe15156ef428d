// Everything about a virtual drive that changes, apart from what its namespaces store. Plain data:
// numbers, bigints, strings, arrays, records.

import type { AsyncEvent } from "./model/event_kinds.ts";
import { initialLbaStatus, type LbaStatusState } from "./model/lba_status.ts";
import { type FirmwareUpdate, initialFirmware } from "./model/firmware.ts";
import type { RunningFormat } from "./model/format.ts";
import { initialPersistentEvents, type PersistentEvents } from "./model/persistent_events.ts";
import { initialSanitize, type SanitizeState } from "./model/sanitize.ts";
import { initialTelemetry, type TelemetryState } from "./model/telemetry.ts";
import { type AnaMemory, initialAna } from "./model/ana_memory.ts";
import { initialWear, type Wear } from "./model/wear.ts";
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
  /** Several controllers may have it attached at once (NMIC). */
  shared?: boolean;
  /** The ANA group; 1 when left out. */
  anaGroup?: number;
  /** How many namespaces had the identifier before this one; none when left out. */
  incarnation?: number;
  /** A write protection state other than none [BASE-2.1 §8.1.16]: blocks cannot be changed. */
  writeProtection?: number;
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
  /** Command Specific Information, where the status gives it a meaning. */
  readonly specific?: bigint;
}

/** A self-test that runs; times in milliseconds of the drive's clock. */
export interface RunningSelfTest {
  readonly code: number;
  readonly nsid: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The controller that was asked to test. */
  readonly controller: number;
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
  /** The vendor specific word of the result. */
  readonly vendorSpecific?: number;
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
  unsafeShutdowns: bigint;
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
  /** Asynchronous events whose log page the host has to read, and those that wait to be told. */
  maskedEvents: AsyncEvent[];
  pendingEvents: AsyncEvent[];
  /** Values of features by `featureKey`: the current ones and the saved ones. */
  features: Record<string, number>;
  savedFeatures: Record<string, number>;
  timestamp: TimestampState;
  /** The fields of the Host Behavior Support feature. */
  hostBehavior: Record<string, number>;
  lbaStatus: LbaStatusState;
  /** Data structures of features by `featureKey`, as hexadecimal digits. */
  featureData: Record<string, string>;
  savedFeatureData: Record<string, string>;
  /** The host identifier that came with Connect, as hexadecimal digits. */
  connectedHost?: string;
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
  /** Namespaces that there ever were, by identifier. */
  incarnations: Record<string, number>;
  /** Values of features by `featureKey`, of those that all controllers share. */
  features: Record<string, number>;
  savedFeatures: Record<string, number>;
  featureData: Record<string, string>;
  savedFeatureData: Record<string, string>;
  controllers: ControllerState[];
  ana: AnaMemory;
  wear: Wear;
  /** Until when commands are not processed (CSTS.PP), on the drive's clock. */
  processingPausedUntil?: number;
  firmwareSlot: number;
  firmware: string[];
  firmwareUpdate: FirmwareUpdate;
  sanitize: SanitizeState;
  /** Those that take their time. */
  formats: RunningFormat[];
  telemetry: TelemetryState;
  persistentEvents: PersistentEvents;
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
    incarnations: Object.fromEntries(personality.namespaces.map(({ nsid }) => [nsid, 1])),
    features: {},
    savedFeatures: {},
    featureData: {},
    savedFeatureData: {},
    ana: initialAna(personality.ana),
    wear: initialWear(now),
    controllers: controllerIds(personality).map((id) => controllerState(id, personality, now)),
    firmwareSlot: personality.firmwareSlot,
    firmware: [...personality.firmware],
    firmwareUpdate: initialFirmware(personality),
    sanitize: initialSanitize(personality),
    formats: [],
    telemetry: initialTelemetry(),
    persistentEvents: initialPersistentEvents(personality),
    errors: [...personality.history?.errors ?? []],
    selfTest: null,
    selfTestResults: [...personality.history?.selfTests ?? []],
    counters: {
      sectorsRead: 0n,
      sectorsWritten: 0n,
      hostReads: 0n,
      hostWrites: 0n,
      busyUs: 0n,
      mediaErrors: 0n,
      errors: 0n,
      powerCycles: 1n,
      unsafeShutdowns: 0n,
    },
  };
}

/** The identifiers of the drive's controllers. */
function controllerIds({ controllers = 1, controllerIds }: Personality): readonly number[] {
  return controllerIds ?? Array.from({ length: controllers }, (_, at) => at + 1);
}

function controllerState(id: number, personality: Personality, now: number): ControllerState {
  return {
    id,
    changedNamespaces: [],
    announcedWarnings: 0,
    announcedNamespaces: false,
    maskedEvents: [],
    pendingEvents: [],
    features: { ...personality.savedFeatures },
    savedFeatures: { ...personality.savedFeatures },
    timestamp: { value: 0, setAt: now, origin: 0 },
    hostBehavior: {},
    lbaStatus: initialLbaStatus(now),
    featureData: {},
    savedFeatureData: {},
  };
}

function namespaceState(plan: NamespacePlan, personality: Personality): NamespaceState {
  return {
    nsid: plan.nsid,
    capacityBytes: plan.capacityBytes,
    shared: controllerIds(personality).length > 1,
    anaGroup: plan.anaGroup ?? 1,
    controllers: plan.attached ?? true ? [...controllerIds(personality)] : [],
    format: plan.format,
    metadataInline: plan.metadataInline ?? false,
    protection: plan.protection ?? 0,
    protectionFirst: plan.protectionFirst ?? false,
  };
}
