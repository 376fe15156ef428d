// Personalities that show every field there is: what a drive file is held against. The compiler
// holds them against the types, so that a field that is added there has to be added here.

import type { Personality } from "../../drive/mod.ts";
import type { OptionalCommand } from "../../drive/personality.ts";

/** Fields with records of any names, which are taken as they are. */
type Open = "fixedSmart" | "history" | "recorded";

/** A type with nothing optional left in it. */
type Complete<T> = T extends readonly (infer E)[] ? readonly Complete<E>[]
  : T extends object ? { readonly [K in keyof T]-?: Complete<Exclude<T[K], undefined>> }
  : T;

/** The fields that a personality must have. */
export const LEAST_PERSONALITY: Personality = {
  name: "",
  summary: "",
  model: "",
  serial: "",
  firmware: [""],
  firmwareSlot: 1,
  version: 0,
  vendorId: 0,
  oui: 0,
  limits: { mdts: 0, errorEntries: 1, asyncEvents: 1, aborts: 1, queues: 1, namespaces: 1 },
  commands: [],
  identify: [],
  logs: [],
  features: [],
  logOffsets: true,
  savesFeatures: true,
  writeCache: true,
  capacityBytes: 0,
  formats: [{ dataBytes: 512, metadataBytes: 0, performance: 0 }],
  extendedFormats: false,
  formatting: {
    metadata: [],
    protection: [],
    protectionAt: [],
    cryptoErase: false,
    formatsAll: false,
    erasesAll: false,
    broadcast: true,
  },
  namespaces: [{ nsid: 1, capacityBytes: 0, format: 0 }],
  powerStates: [{ milliwatts: 1, operational: true, entryUs: 0, exitUs: 0 }],
  health: {
    spare: 100,
    spareThreshold: 0,
    percentageUsed: 0,
    enduranceTerabytes: 1,
    temperatureK: 300,
    temperatureSwingK: 0,
    warningK: 0,
    criticalK: 0,
    sensorOffsetsK: [],
    powerOnHours: 0,
    powerCycles: 0,
    unsafeShutdowns: 0,
    mediaErrors: 0,
    errorLogEntries: 0,
    dataUnitsRead: 0,
    dataUnitsWritten: 0,
    hostReads: 0,
    hostWrites: 0,
    busyMinutes: 0,
    warningMinutes: 0,
    criticalMinutes: 0,
    readOnly: false,
    degraded: false,
  },
  selfTests: { shortMs: 1, extendedMs: 1 },
  savedFeatures: {},
};

const FAILURE = {
  segment: 0,
  nsid: 0,
  lba: 0,
  statusCodeType: 0,
  statusCode: 0,
  vendorSpecific: 0,
};

/** All fields that a personality can have. */
export const WHOLE_PERSONALITY: Complete<Omit<Personality, Open>> = {
  ...LEAST_PERSONALITY,
  nqn: "",
  controllers: 1,
  controllerIds: [1],
  readyMs: 0,
  shutdownMs: 0,
  queueEntries: 2,
  doorbellStride: 0,
  deviceId: 0,
  interrupts: 1,
  memoryBufferBytes: 0,
  scatterGather: true,
  cacheBytes: 0,
  copy: { rangeBlocks: 1, blocks: 1, ranges: 1 },
  dataset: { ranges: 1, rangeBlocks: 1, blocks: 1 },
  ana: { groups: 1, transitionSeconds: 0, states: {} },
  enduranceGroup: true,
  thermalManagement: { lowestK: 0, highestK: 0 },
  recoveryLevels: [0],
  uuids: [""],
  granularityBytes: 0,
  attachments: 0,
  formatting: {
    ...LEAST_PERSONALITY.formatting,
    metadata: ["inline"],
    protection: [1],
    protectionAt: ["first"],
  },
  namespaces: [{
    nsid: 1,
    capacityBytes: 0,
    format: 0,
    metadataInline: true,
    protection: 0,
    protectionFirst: true,
    attached: true,
    anaGroup: 1,
  }],
  commands: ["format"],
  identify: [0],
  logs: [0],
  features: [0],
  health: { ...LEAST_PERSONALITY.health, sensorOffsetsK: [0] },
  selfTests: {
    shortMs: 1,
    extendedMs: 1,
    vendorMs: 1,
    shortFailure: FAILURE,
    extendedFailure: FAILURE,
    vendorFailure: FAILURE,
  },
  formatMs: 0,
  sanitizing: {
    blockEraseMs: 0,
    keepsBlocks: true,
    overwritePassMs: 0,
    cryptoEraseMs: 0,
    verification: { deallocateMs: 0 },
    failsAtPercent: 0,
  },
  firmwareUpdates: {
    readOnlySlot1: true,
    granularity: 0,
    withoutReset: true,
    longestPauseMs: 0,
    pauseMs: 0,
    imageBytes: 0,
  },
  firmwareAcceptsAny: true,
  telemetryDumpBytes: 1048576,
};

/** Fields of a personality that are not looked into. */
export const OPEN_FIELDS: readonly string[] = [
  "savedFeatures",
  "ana.states",
  ...["fixedSmart", "history", "recorded"] satisfies Open[],
];

/** The commands that a personality can list. */
export const COMMANDS: Readonly<Record<OptionalCommand, true>> = {
  "self-test": true,
  format: true,
  compare: true,
  "dataset-management": true,
  "write-zeroes": true,
  verify: true,
  "write-uncorrectable": true,
  copy: true,
  "get-lba-status": true,
  "namespace-management": true,
  firmware: true,
  sanitize: true,
  security: true,
  directives: true,
  "keep-alive": true,
  "doorbell-buffer": true,
};
