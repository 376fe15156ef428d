// The kinds of drive that can be had by name: `virtual:` is the first of them, `virtual:old` and
// the like are the others.

import { ERRORS_BEFORE, FAILING_HISTORY, FAILING_SELF_TESTS } from "./failing_history.ts";
import { featureKey } from "./feature/feature.ts";
import { thresholdSlot } from "./feature/temperature_threshold.ts";
import { type LbaFormat, type Personality, variant } from "./personality.ts";

const TEMPERATURE_THRESHOLD = 0x04;
const ALL_ONES_128 = (1n << 128n) - 1n;

/** Whose definitions UUID index 1 selects: those of the Open Compute Project. */
const OCP_UUID = "c194d55b-e094-4794-a21d-29998f56be6f";

/** A healthy drive of one terabyte with everything that nvmectl knows how to ask for. */
const HEALTHY: Personality = {
  name: "",
  summary: "healthy 1 TB drive",
  model: "nvmectl virtual drive",
  serial: "VIRTUAL0001",
  firmware: ["1.0.0", "1.0.1", "", "", "", "", ""],
  firmwareSlot: 2,
  version: 0x020100,
  vendorId: 0x4e56,
  oui: 0xf24e56,
  limits: {
    mdts: 7,
    errorEntries: 64,
    asyncEvents: 4,
    aborts: 4,
    queues: 32,
    namespaces: 32,
  },
  commands: [
    "self-test",
    "format",
    "compare",
    "dataset-management",
    "write-zeroes",
    "verify",
    "write-uncorrectable",
    "copy",
    "get-lba-status",
    "firmware",
    "sanitize",
    "security",
    "directives",
    "namespace-management",
    "keep-alive",
    "doorbell-buffer",
  ],
  identify: [
    ...[0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x10, 0x11, 0x12, 0x13],
    ...[0x16, 0x17, 0x19, 0x1a, 0x1b, 0x1c, 0x1f],
  ],
  logs: [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0d, 0x0e, 0x12, 0x13, 0x81],
  features: [
    ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0e, 0x0f],
    ...[0x10, 0x11, 0x12, 0x15, 0x16, 0x17, 0x18, 0x19, 0x80, 0x81, 0x84, 0xc0],
  ],
  enduranceGroup: true,
  thermalManagement: { lowestK: 313, highestK: 358 },
  recoveryLevels: [4, 8, 15],
  uuids: [OCP_UUID],
  granularityBytes: 1_048_576,
  logOffsets: true,
  savesFeatures: true,
  writeCache: true,
  capacityBytes: 1_000_204_886_016,
  formats: [
    format(512, 0, 2),
    format(4096, 0, 0),
    format(512, 8, 3),
    format(4096, 8, 1),
    format(4096, 64, 1),
  ],
  extendedFormats: false,
  formatting: {
    metadata: ["inline", "separate"],
    protection: [1, 2, 3],
    protectionAt: ["last"],
    cryptoErase: true,
    formatsAll: false,
    erasesAll: false,
    broadcast: true,
  },
  namespaces: [{ nsid: 1, capacityBytes: 1_000_204_886_016, format: 0 }],
  powerStates: [
    { milliwatts: 8_500, operational: true, entryUs: 0, exitUs: 0 },
    { milliwatts: 5_000, operational: true, entryUs: 0, exitUs: 200 },
    { milliwatts: 3_000, operational: true, entryUs: 0, exitUs: 500 },
    { milliwatts: 50, operational: false, entryUs: 2_000, exitUs: 3_000 },
    { milliwatts: 10, operational: false, entryUs: 10_000, exitUs: 45_000 },
  ],
  health: {
    spare: 100,
    spareThreshold: 10,
    percentageUsed: 3,
    enduranceTerabytes: 600,
    temperatureK: 311,
    temperatureSwingK: 2,
    warningK: 355,
    criticalK: 358,
    sensorOffsetsK: [0, 6],
    powerOnHours: 4_321,
    powerCycles: 311,
    unsafeShutdowns: 11,
    mediaErrors: 0,
    errorLogEntries: 0,
    dataUnitsRead: 21_345_678,
    dataUnitsWritten: 17_234_567,
    hostReads: 312_345_678,
    hostWrites: 254_321_987,
    busyMinutes: 1_234,
    warningMinutes: 0,
    criticalMinutes: 0,
    readOnly: false,
    degraded: false,
  },
  selfTests: { shortMs: 5_000, extendedMs: 60_000, vendorMs: 5_000 },
  savedFeatures: {},
};

/** Past its rated life and hot, and its host has raised the temperature at which it warns. */
const WARNING = variant(HEALTHY, {
  name: "warning",
  summary: "worn out by its rating, hot, spare running low",
  serial: "VIRTUAL0002",
  savedFeatures: { [featureKey(TEMPERATURE_THRESHOLD, thresholdSlot("over", 0))]: 358 },
  health: {
    spare: 12,
    percentageUsed: 101,
    temperatureK: 356,
    temperatureSwingK: 1,
    powerOnHours: 28_912,
    mediaErrors: 3,
    errorLogEntries: 41,
    dataUnitsRead: 1_904_112_387,
    dataUnitsWritten: 1_183_556_021,
    hostReads: 28_113_904_455,
    hostWrites: 17_903_331_208,
    busyMinutes: 203_118,
    warningMinutes: 1_520,
    criticalMinutes: 4,
  },
});

/** At its end: no spare left to speak of, and read-only. */
const CRITICAL = variant(HEALTHY, {
  name: "critical",
  summary: "spare below its threshold, reliability degraded, media read-only",
  serial: "VIRTUAL0003",
  health: {
    spare: 3,
    percentageUsed: 143,
    powerOnHours: 41_877,
    mediaErrors: 4_711,
    errorLogEntries: 5_120,
    unsafeShutdowns: 97,
    dataUnitsRead: 2_713_009_126,
    dataUnitsWritten: 1_676_402_993,
    readOnly: true,
    degraded: true,
  },
});

/** Looks healthy until one tests it. */
const FAILING = variant(HEALTHY, {
  name: "failing",
  summary: "self-tests fail at a segment and a block, and have failed before",
  serial: "VIRTUAL0004",
  health: {
    spare: 62,
    mediaErrors: 17,
    errorLogEntries: ERRORS_BEFORE,
    powerOnHours: 17_004,
  },
  history: FAILING_HISTORY,
  selfTests: FAILING_SELF_TESTS,
});

/** As little as an emulator gets by with. */
const SPARSE = variant(HEALTHY, {
  name: "no-selftest",
  summary: "few commands: no self-test, one block format",
  model: "nvmectl sparse virtual drive",
  serial: "VIRTUAL0005",
  firmware: ["1.0"],
  firmwareSlot: 1,
  version: 0x010400,
  limits: { errorEntries: 1, namespaces: 1 },
  enduranceGroup: false,
  commands: ["format", "compare", "dataset-management", "write-zeroes", "verify"],
  identify: [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12, 0x13, 0x1c],
  logs: [0x01, 0x02, 0x03, 0x05],
  features: [0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b, 0x0e],
  savesFeatures: false,
  capacityBytes: 0,
  formats: [format(512, 0, 0)],
  formatting: {
    metadata: [],
    protection: [],
    protectionAt: [],
    cryptoErase: false,
    formatsAll: false,
    erasesAll: false,
    broadcast: true,
  },
  namespaces: [{ nsid: 1, capacityBytes: 10_737_418_240, format: 0 }],
  powerStates: [{ milliwatts: 25_000, operational: true, entryUs: 16, exitUs: 4 }],
  health: {
    temperatureK: 323,
    temperatureSwingK: 0,
    warningK: 343,
    criticalK: 373,
    sensorOffsetsK: [],
    percentageUsed: 0,
    powerOnHours: 2,
    powerCycles: 0,
    unsafeShutdowns: 0,
    dataUnitsRead: 0,
    dataUnitsWritten: 0,
    hostReads: 0,
    hostWrites: 0,
    busyMinutes: 0,
  },
});

/** Says nothing about its health. */
const ZERO = variant(HEALTHY, {
  name: "zero",
  summary: "SMART page of zeros",
  serial: "VIRTUAL0006",
  fixedSmart: {},
});

/** Says what cannot be. */
const IMPOSSIBLE = variant(HEALTHY, {
  name: "impossible",
  summary: "SMART page that cannot be true",
  serial: "VIRTUAL0007",
  fixedSmart: {
    criticalWarning: 0xff,
    compositeTemperature: 0,
    availableSpare: 255,
    availableSpareThreshold: 200,
    percentageUsed: 255,
    enduranceGroupCriticalWarning: 0xff,
    dataUnitsRead: ALL_ONES_128,
    dataUnitsWritten: ALL_ONES_128,
    hostReadCommands: ALL_ONES_128,
    hostWriteCommands: ALL_ONES_128,
    controllerBusyTime: ALL_ONES_128,
    powerCycles: 0n,
    powerOnHours: ALL_ONES_128,
    unsafeShutdowns: ALL_ONES_128,
    mediaErrors: ALL_ONES_128,
    errorLogEntries: ALL_ONES_128,
    warningTemperatureTime: 0xffffffff,
    criticalTemperatureTime: 0xffffffff,
    temperatureSensors: [0xffff, 1, 0xffff, 1, 0xffff, 1, 0xffff, 1],
  },
});

/** Block and metadata sizes of the drive with many formats: more than sixteen. */
const MANY_FORMATS: readonly LbaFormat[] = [512, 4096, 8192].flatMap((data) =>
  [0, 8, 16, 32, 64, 128].map((metadata) => format(data, metadata, data === 4096 ? 0 : 2))
);

/** Several namespaces, no two alike. */
const NAMESPACES = variant(HEALTHY, {
  name: "namespaces",
  summary: "six namespaces of different formats, one of them inactive",
  serial: "VIRTUAL0008",
  limits: { namespaces: 16 },
  formats: MANY_FORMATS,
  extendedFormats: true,
  formatting: { ...HEALTHY.formatting, protectionAt: ["first", "last"] },
  namespaces: [
    { nsid: 1, capacityBytes: 107_374_182_400, format: 0 },
    { nsid: 2, capacityBytes: 214_748_364_800, format: 6 },
    { nsid: 3, capacityBytes: 107_374_182_400, format: 7, protection: 1 },
    { nsid: 4, capacityBytes: 107_374_182_400, format: 10, metadataInline: true },
    { nsid: 5, capacityBytes: 107_374_182_400, format: 6, attached: false },
    { nsid: 9, capacityBytes: 107_374_182_400, format: 1, metadataInline: true, protection: 2 },
  ],
});

/**
 * Names that would take over a terminal: escape sequences, an 8-bit control character, and the
 * bytes of characters that turn the direction of writing around.
 */
const HOSTILE = variant(HEALTHY, {
  name: "hostile",
  summary: "control characters in its names",
  model: "\x1b[31mRED\x1b[0m \xe2\x80\xaeevird\xe2\x80\xac\x9b2J\r\n",
  serial: "\x1b]0;owned\x07S9\x00\x08X",
  firmware: ["\x1b[2J\x7f\x85", "", ""],
  firmwareSlot: 1,
});

/** From the time of NVMe 1.2. */
const OLD = variant(HEALTHY, {
  name: "old",
  summary: "NVMe 1.2 drive: newer fields, logs and commands missing",
  model: "nvmectl old virtual drive",
  serial: "VIRTUAL0009",
  firmware: ["EXT0", ""],
  firmwareSlot: 1,
  version: 0x010200,
  limits: { mdts: 5, errorEntries: 16, namespaces: 1 },
  enduranceGroup: false,
  commands: ["format", "compare", "dataset-management", "write-zeroes"],
  identify: [0x00, 0x01, 0x02],
  logs: [0x01, 0x02, 0x03],
  features: [0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b],
  logOffsets: false,
  capacityBytes: 0,
  formats: [format(512, 0, 1), format(4096, 0, 0)],
  formatting: {
    ...HEALTHY.formatting,
    metadata: [],
    protection: [],
    protectionAt: [],
    cryptoErase: false,
    formatsAll: true,
    erasesAll: true,
  },
  namespaces: [{ nsid: 1, capacityBytes: 400_088_457_216, format: 0 }],
  powerStates: [
    { milliwatts: 25_000, operational: true, entryUs: 0, exitUs: 0 },
    { milliwatts: 15_000, operational: true, entryUs: 100, exitUs: 100 },
  ],
  health: { powerOnHours: 51_234, percentageUsed: 22, sensorOffsetsK: [2] },
});

/** Two controllers, each of which is the better way to one of two namespaces. */
const MULTIPATH = variant(HEALTHY, {
  name: "multipath",
  summary: "two controllers with asymmetric access to two shared namespaces",
  serial: "VIRTUAL0020",
  controllers: 2,
  logs: [...HEALTHY.logs, 0x0c],
  ana: {
    groups: 2,
    transitionSeconds: 10,
    states: { "2@1": "non-optimized", "1@2": "non-optimized" },
  },
  namespaces: [
    { nsid: 1, capacityBytes: 500_102_443_008, format: 0, anaGroup: 1 },
    { nsid: 2, capacityBytes: 500_102_443_008, format: 0, anaGroup: 2 },
  ],
});

/** Room for more namespaces. */
const SPACIOUS = variant(HEALTHY, {
  name: "spacious",
  summary: "half of the capacity is not allocated to any namespace",
  serial: "VIRTUAL0021",
  namespaces: [{ nsid: 1, capacityBytes: 500_102_443_008, format: 0 }],
});

const PRESETS: ReadonlyMap<string, Personality> = new Map(
  [
    HEALTHY,
    WARNING,
    CRITICAL,
    FAILING,
    SPARSE,
    ZERO,
    IMPOSSIBLE,
    NAMESPACES,
    HOSTILE,
    OLD,
    MULTIPATH,
    SPACIOUS,
  ].map((personality) => [personality.name, personality]),
);

/** The personality behind `virtual:NAME`, undefined where there is none of that name. */
export function preset(name: string): Personality | undefined {
  return PRESETS.get(name);
}

/** The names after `virtual:`, the empty one of the default drive first. */
export function presetNames(): readonly string[] {
  return [...PRESETS.keys()];
}

function format(
  dataBytes: number,
  metadataBytes: number,
  performance: LbaFormat["performance"],
): LbaFormat {
  return { dataBytes, metadataBytes, performance };
}
