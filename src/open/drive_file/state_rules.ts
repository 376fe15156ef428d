// What the state in a drive file can be, member by member. A number that fits no field of a log
// page would otherwise be found when a host asks for the page, in the middle of a command.

import type { DriveState } from "../../drive/mod.ts";
import type { AnaMemory, AnaTransition } from "../../drive/model/ana_memory.ts";
import type { AsyncEvent } from "../../drive/model/event_kinds.ts";
import type {
  FirmwareUpdate,
  PendingActivation,
  RunningActivation,
} from "../../drive/model/firmware.ts";
import { FIRMWARE_ACTIVATION, type FirmwareImage } from "../../drive/model/firmware_image.ts";
import type { RunningFormat } from "../../drive/model/format.ts";
import type { LbaStatusState, TrackedRange } from "../../drive/model/lba_status.ts";
import type { PersistentEvents } from "../../drive/model/persistent_events.ts";
import type { SanitizeState } from "../../drive/model/sanitize.ts";
import type { TelemetryCapture, TelemetryState } from "../../drive/model/telemetry.ts";
import type { Wear } from "../../drive/model/wear.ts";
import type { FormatSettings } from "../../drive/namespace.ts";
import type {
  ControllerState,
  Counters,
  NamespaceState,
  RunningSelfTest,
  TimestampState,
} from "../../drive/state.ts";
import {
  anaState,
  capacity,
  featureWords,
  format,
  nsid,
  protection,
  revision,
  revisions,
  slot,
} from "./personality_rules.ts";
import { errorRecord, persistentEvent, selfTestRecord } from "./past_rules.ts";
import {
  exact,
  flag,
  list,
  type Members,
  optional,
  orNull,
  type Range,
  record,
  type RequiredRule,
  rule,
  ShapeError,
  table,
  text,
  whole,
  word,
} from "./rule.ts";
import {
  base64,
  BLOCKS,
  BYTE,
  bytesIn,
  COUNT,
  CYCLES,
  duration,
  DWORD,
  hex,
  time,
  WORD,
} from "./values.ts";

const CODE: Range = [0, 0xf];
const MINUTES_MS: Range = [0, 2 ** 31 * 60_000];
const SECONDS_MS: Range = [0, 2 ** 31 * 1000];
/** Below what hosts are told of: percent, kelvins; either may be less than nothing. */
const OFFSET: Range = [-0x1_0000, 0x1_0000];
const PROSE = 1000;
const PAGE = 4096;
/** An overwrite has up to 16 passes. */
const MOST_PASSES = 16;
const LONGEST_MS = 0xffff_ffff * 1000 * MOST_PASSES;
/** When something ends: a fault may have put that off for as long as a number can say. */
const until = whole([0, 2 ** 54]);

/** A record of the state: what a later version has added to it does no harm. */
function remembered<T>(members: Members<T>): RequiredRule {
  return record<T>(members, { others: "taken" });
}

/** Bytes of data structures of features, by the feature that their key begins with. */
const featureData = table((key) => {
  switch (key.split(":")[0]) {
    case "03":
      return hex("ranges of 64 bytes", (bytes) => bytes % 64 === 0 && bytes <= PAGE);
    case "0c":
      return hex("256 bytes", (bytes) => bytes === 256);
    default:
      return hex(`up to ${PAGE} bytes`, (bytes) => bytes <= PAGE);
  }
});

const settings = {
  format,
  metadataInline: flag,
  protection,
  protectionFirst: flag,
};

const namespace = remembered<NamespaceState>({
  nsid,
  capacityBytes: capacity,
  controllers: list(whole(WORD)),
  ...settings,
  shared: optional(flag),
  anaGroup: optional(whole([1, 0xffff_ffff])),
  incarnation: optional(whole(COUNT)),
  writeProtection: optional(whole([0, 3])),
});

const timestamp = remembered<TimestampState>({
  value: whole([0, 2 ** 48 - 1]),
  setAt: time,
  origin: whole([0, 1]),
});

const event = remembered<AsyncEvent>({
  type: whole([0, 7]),
  information: whole(BYTE),
  lid: whole(BYTE),
  parameter: optional(whole(DWORD)),
});

const lbaStatus = remembered<LbaStatusState>({
  generation: whole(WORD),
  reported: list(remembered<TrackedRange>({
    nsid: whole(DWORD),
    lba: whole(BLOCKS),
    count: whole(BLOCKS),
  })),
  held: flag,
  readAt: time,
});

/** The fields of Host Behavior Support [BASE-2.1 §5.1.25.1.14, Fig. 407]. */
const hostBehavior = record<
  Partial<Record<"acre" | "etdas" | "lbafee" | "hdisns" | "cdfe", number>>
>({
  acre: optional(whole(BYTE)),
  etdas: optional(whole(BYTE)),
  lbafee: optional(whole(BYTE)),
  hdisns: optional(whole(BYTE)),
  cdfe: optional(whole(WORD)),
});

const features = {
  features: featureWords,
  savedFeatures: featureWords,
  featureData,
  savedFeatureData: featureData,
};

const controller = remembered<ControllerState>({
  id: whole(WORD),
  changedNamespaces: list(whole(DWORD), [0, 1024]),
  announcedWarnings: whole(BYTE),
  announcedNamespaces: flag,
  maskedEvents: list(event),
  pendingEvents: list(event),
  timestamp,
  hostBehavior,
  lbaStatus,
  ...features,
  connectedHost: optional(hex("16 bytes", (bytes) => bytes === 16)),
});

const ana = remembered<AnaMemory>({
  states: table(() => anaState),
  changes: table(() => whole(COUNT)),
  logChanges: table(() => whole(COUNT)),
  transitions: list(remembered<AnaTransition>({
    controller: whole(WORD),
    group: whole(DWORD),
    to: anaState,
    at: time,
  })),
});

const wear = remembered<Wear>({
  spare: optional(whole(BYTE)),
  extraPercentageUsed: whole(OFFSET),
  extraMediaErrors: whole(COUNT),
  readOnly: optional(flag),
  degraded: optional(flag),
  heatK: whole(OFFSET),
  countedUntil: time,
  warningMs: whole(MINUTES_MS),
  criticalMs: whole(MINUTES_MS),
  throttle: word(["none", "light", "heavy"]),
  lightTransitions: whole(CYCLES),
  heavyTransitions: whole(CYCLES),
  lightMs: whole(SECONDS_MS),
  heavyMs: whole(SECONDS_MS),
});

/** A part of an image: as long as it says. */
const piece = rule((value, where) => {
  remembered<FirmwareUpdate["pieces"][number]>({
    offset: whole(DWORD),
    length: whole(DWORD),
    data: base64(),
  }).check(value, where);
  const { data, length } = value as FirmwareUpdate["pieces"][number];
  if (bytesIn(data) === length) return;
  throw new ShapeError(`${where}.data`, `is not ${length} bytes in base64`);
});

const firmwareUpdate = remembered<FirmwareUpdate>({
  running: revision,
  images: list(
    orNull(remembered<FirmwareImage>({
      revision,
      activation: word(Object.keys(FIRMWARE_ACTIVATION)),
      pauseMs: optional(whole(DWORD)),
    })),
    [1, 7],
  ),
  pieces: list(piece),
  committed: flag,
  pending: orNull(remembered<PendingActivation>({
    slot,
    by: word(["controllerReset", "subsystemReset", "conventionalReset"]),
  })),
  activation: orNull(remembered<RunningActivation>({
    slot,
    endsAt: until,
    controller: whole(WORD),
    sqid: whole(WORD),
    cid: whole(WORD),
  })),
});

/** The sanitize operation [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
const sanitize = remembered<SanitizeState>({
  state: whole([0, 6]),
  failedIn: whole([0, 6]),
  outcome: whole([0, 4]),
  passes: whole([0, MOST_PASSES]),
  verificationCanceled: flag,
  cdw10: whole(DWORD),
  cdw11: whole(DWORD),
  startedAt: time,
  durationMs: whole([0, LONGEST_MS]),
  controller: whole(WORD),
  erasedAtSectors: exact(-1n, BigInt(COUNT[1])),
});

const runningFormat = remembered<RunningFormat>({
  nsids: list(nsid),
  settings: remembered<FormatSettings>(settings),
  nsid: whole(DWORD),
  cdw10: whole(DWORD),
  startedAt: time,
  durationMs: duration,
  controller: whole(WORD),
  sqid: whole(WORD),
  cid: whole(WORD),
});

const capture = orNull(remembered<TelemetryCapture>({
  lastBlocks: list(whole(WORD), [0, 4]),
  blocks: base64(),
  reason: text(PROSE),
}));

const telemetry = remembered<TelemetryState>({
  host: capture,
  hostGeneration: whole(BYTE),
  controller: capture,
  controllerGeneration: whole(BYTE),
  available: flag,
});

const persistentEvents = remembered<PersistentEvents>({
  events: list(persistentEvent),
  generation: whole(WORD),
  context: orNull(remembered<NonNullable<PersistentEvents["context"]>>({ page: base64() })),
  begun: flag,
  thermalLevel: whole([0, 2]),
  timestamps: table(() => timestamp),
});

const selfTest = remembered<RunningSelfTest>({
  code: whole(CODE),
  nsid: whole(DWORD),
  startedAt: time,
  durationMs: duration,
  controller: whole(WORD),
});

const count = exact(0n, BigInt(COUNT[1]));

const counters = remembered<Counters>({
  sectorsRead: count,
  sectorsWritten: count,
  hostReads: count,
  hostWrites: count,
  busyUs: count,
  mediaErrors: count,
  errors: count,
  powerCycles: exact(0n, BigInt(CYCLES[1])),
  unsafeShutdowns: count,
});

/** The state, without what has to fit the personality. */
export const STATE: RequiredRule = remembered<DriveState>({
  version: whole([1, 1]),
  random: whole(DWORD),
  poweredOnAt: time,
  poweredBeforeMs: whole(COUNT),
  temperatureOffsetK: whole(OFFSET),
  temperatureAt: time,
  namespaces: list(namespace, [0, 1024]),
  incarnations: table(() => whole(COUNT)),
  ...features,
  controllers: list(controller, [1, 64]),
  ana,
  wear,
  processingPausedUntil: optional(until),
  firmwareSlot: slot,
  firmware: revisions,
  firmwareUpdate,
  sanitize,
  formats: list(runningFormat),
  telemetry,
  persistentEvents,
  errors: list(errorRecord),
  selfTest: orNull(selfTest),
  selfTestResults: list(selfTestRecord),
  counters,
});
