// What a personality in a drive file can be, member by member. The compiler holds the tables
// against the types: a member that is added there has to be added here.

import type { Health, Personality } from "../../drive/mod.ts";
import type { FirmwareAbilities, History, SanitizeAbilities } from "../../drive/model/abilities.ts";
import type {
  Ana,
  AnaState,
  CopyLimits,
  DatasetLimits,
  Formatting,
  LbaFormat,
  Limits,
  NamespacePlan,
  OptionalCommand,
  PowerState,
  SelfTestFailure,
  SelfTests,
  ThermalManagement,
} from "../../drive/personality.ts";
import { LayoutError } from "../../layout/struct.ts";
import { SmartLog } from "../../spec/log/smart.ts";
import { parseAnswer, parseRequestKey, type Recording } from "../../spec/recording.ts";
import { errorRecord, persistentEvent, selfTestRecord } from "./past_rules.ts";
import {
  flag,
  isRecord,
  list,
  optional,
  record,
  type RequiredRule,
  rule,
  ShapeError,
  table,
  text,
  whole,
  word,
} from "./rule.ts";
import { BLOCKS, BYTE, COUNT, CYCLES, duration, DWORD, field, KELVIN, WORD } from "./values.ts";

/** The most of what takes memory: the cache, the memory buffer, an image, a dump. */
const MOST_CACHE = 2 ** 30;
const MOST_IMAGE = 32 * 2 ** 20;
const MOST_DUMP = 8 * 2 ** 20;
const PROSE = 1000;
const MOST_MINUTES = 2 ** 31;
/** Times in Identify Controller are words: of minutes, and of 100 ms. */
const MOST_TEST_MS = 0xffff * 60_000;
const MOST_PAUSE_MS = 0xffff * 100;
const LEAST_BLOCK = 512;

/** Names that are listed once, which the compiler holds against their type. */
function names<K extends string>(all: Readonly<Record<K, true>>): RequiredRule {
  return word(Object.keys(all));
}

const command = names<OptionalCommand>({
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
});

/** An ANA state. */
export const anaState: RequiredRule = names<AnaState>({
  optimized: true,
  "non-optimized": true,
  inaccessible: true,
  "persistent-loss": true,
  change: true,
});

/** Bytes of a namespace: a host may make one of one block. */
export const capacity: RequiredRule = whole([LEAST_BLOCK, 2 ** 52]);
/** Identifiers of namespaces and formats, types of protection information. */
export const nsid: RequiredRule = whole([1, 1024]);
export const format: RequiredRule = whole([0, 63]);
export const protection: RequiredRule = whole([0, 3]);
/** Firmware revisions by slot, and a slot [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
export const revision: RequiredRule = field(8);
export const revisions: RequiredRule = list(revision, [1, 7]);
export const slot: RequiredRule = whole([1, 7]);
/** Values of features by key: dwords. */
export const featureWords: RequiredRule = table(() => whole(DWORD));

const limits = record<Limits>({
  mdts: whole([0, 16]),
  errorEntries: whole([1, 256]),
  asyncEvents: whole([1, 256]),
  aborts: whole([1, 256]),
  queues: whole([1, 65_535]),
  namespaces: whole([1, 1024]),
});

const blockBytes = whole([LEAST_BLOCK, 65_536]);

const lbaFormat = record<LbaFormat>({
  dataBytes: rule((value, where) => {
    blockBytes.check(value, where);
    if (Number.isInteger(Math.log2(Number(value)))) return;
    throw new ShapeError(where, `is ${value}, need a power of two from 512 to 65536`);
  }),
  metadataBytes: whole(WORD),
  performance: whole([0, 3]),
});

const formatting = record<Formatting>({
  metadata: list(word(["inline", "separate"])),
  protection: list(whole([1, 3])),
  protectionAt: list(word(["first", "last"])),
  cryptoErase: flag,
  formatsAll: flag,
  erasesAll: flag,
  broadcast: flag,
});

const namespace = record<NamespacePlan>({
  nsid,
  capacityBytes: capacity,
  format,
  metadataInline: optional(flag),
  protection: optional(protection),
  protectionFirst: optional(flag),
  attached: optional(flag),
  anaGroup: optional(whole([1, 0xffff_ffff])),
});

/** A word of hundredths of a watt. */
const powerState = record<PowerState>({
  milliwatts: whole([0, 655_350]),
  operational: flag,
  entryUs: whole(DWORD),
  exitUs: whole(DWORD),
});

/** The least and most of each number of health [BASE-2.1 §5.1.12.1.3, Fig. 206]. */
const health = record<Health>({
  spare: whole(BYTE),
  spareThreshold: whole(BYTE),
  percentageUsed: whole(BYTE),
  enduranceTerabytes: whole([1, 1_000_000_000]),
  temperatureK: whole(KELVIN),
  temperatureSwingK: whole(KELVIN),
  warningK: whole(KELVIN),
  criticalK: whole(KELVIN),
  sensorOffsetsK: list(whole([-1000, 1000]), [0, 8]),
  // The clock of the hours is in milliseconds, which have to stay exact.
  powerOnHours: whole([0, 1_000_000_000]),
  powerCycles: whole(CYCLES),
  unsafeShutdowns: whole(COUNT),
  mediaErrors: whole(COUNT),
  errorLogEntries: whole(COUNT),
  dataUnitsRead: whole(COUNT),
  dataUnitsWritten: whole(COUNT),
  hostReads: whole(COUNT),
  hostWrites: whole(COUNT),
  busyMinutes: whole(COUNT),
  warningMinutes: whole([0, MOST_MINUTES]),
  criticalMinutes: whole([0, MOST_MINUTES]),
  readOnly: flag,
  degraded: flag,
});

const failure = optional(record<SelfTestFailure>({
  segment: whole(BYTE),
  nsid: optional(whole(DWORD)),
  lba: optional(whole(BLOCKS)),
  statusCodeType: optional(whole([0, 7])),
  statusCode: optional(whole(BYTE)),
  vendorSpecific: optional(whole(WORD)),
}));

const selfTests = record<SelfTests>({
  shortMs: duration,
  extendedMs: whole([0, MOST_TEST_MS]),
  vendorMs: optional(duration),
  shortFailure: failure,
  extendedFailure: failure,
  vendorFailure: failure,
});

const sanitizing = record<SanitizeAbilities>({
  blockEraseMs: optional(duration),
  overwritePassMs: optional(duration),
  cryptoEraseMs: optional(duration),
  keepsBlocks: optional(flag),
  verification: optional(
    record<NonNullable<SanitizeAbilities["verification"]>>({ deallocateMs: duration }),
  ),
  failsAtPercent: optional(whole([0, 100])),
});

const firmwareUpdates = record<FirmwareAbilities>({
  readOnlySlot1: flag,
  granularity: whole(BYTE),
  withoutReset: flag,
  longestPauseMs: whole([0, MOST_PAUSE_MS]),
  pauseMs: whole([0, MOST_PAUSE_MS]),
  imageBytes: whole([0, MOST_IMAGE]),
});

/** How much one Copy may copy [NVM-1.1 §4.1.5.1, Fig. 114]. */
const copy = record<CopyLimits>({
  rangeBlocks: whole([1, 0xffff]),
  blocks: whole([1, 0xffff_ffff]),
  ranges: whole([1, 256]),
});

const dataset = record<DatasetLimits>({
  ranges: whole([1, 0xff]),
  rangeBlocks: whole(DWORD),
  blocks: whole([0, Number.MAX_SAFE_INTEGER]),
});

const ana = record<Ana>({
  groups: whole([1, 1024]),
  transitionSeconds: whole(BYTE),
  states: optional(table(() => anaState)),
});

const thermalManagement = record<ThermalManagement>({
  lowestK: whole(KELVIN),
  highestK: whole(KELVIN),
});

const history = record<History>({
  errors: optional(list(errorRecord)),
  selfTests: optional(list(selfTestRecord)),
  events: optional(list(persistentEvent)),
});

/** Fields of the SMART page, as its encoder takes them. */
const smartFields = rule((value, where) => {
  if (!isRecord(value)) throw new ShapeError(where, "is no record");
  try {
    SmartLog.encode(value as Parameters<typeof SmartLog.encode>[0]);
  } catch (error) {
    const known = error instanceof RangeError || error instanceof TypeError ||
      error instanceof LayoutError;
    if (!known) throw error;
    throw new ShapeError(where, `is no SMART page: ${error.message}`);
  }
});

/** Answers that can be read, to questions that can be asked. */
const recorded = record<Recording>({
  controller: whole(WORD),
  answers: rule((value, where) => {
    if (!isRecord(value)) throw new ShapeError(where, "is no record");
    for (const [key, answer] of Object.entries(value)) {
      try {
        parseRequestKey(key);
        parseAnswer(typeof answer === "string" ? answer : "");
      } catch (error) {
        if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
        throw new ShapeError(`${where}[${JSON.stringify(key)}]`, "is no recorded answer");
      }
    }
  }),
});

/** A personality that is written out in full. */
export const PERSONALITY: RequiredRule = record<Personality>({
  name: text(PROSE),
  summary: text(PROSE),
  model: field(40),
  serial: field(20),
  firmware: revisions,
  firmwareSlot: slot,
  version: whole(DWORD),
  vendorId: whole(WORD),
  oui: whole([0, 0xff_ffff]),
  nqn: optional(field(256)),
  controllers: optional(whole([1, 64])),
  controllerIds: optional(list(whole(WORD), [1, 64])),
  readyMs: optional(duration),
  shutdownMs: optional(duration),
  queueEntries: optional(whole([2, 65_536])),
  doorbellStride: optional(whole([0, 15])),
  deviceId: optional(whole(WORD)),
  interrupts: optional(whole([1, 2048])),
  memoryBufferBytes: optional(whole([0, MOST_CACHE])),
  scatterGather: optional(flag),
  limits,
  commands: list(command),
  identify: list(whole(BYTE)),
  logs: list(whole(BYTE)),
  features: list(whole(BYTE)),
  logOffsets: flag,
  savesFeatures: flag,
  writeCache: flag,
  cacheBytes: optional(whole([0, MOST_CACHE])),
  copy: optional(copy),
  dataset: optional(dataset),
  ana: optional(ana),
  enduranceGroup: optional(flag),
  thermalManagement: optional(thermalManagement),
  recoveryLevels: optional(list(whole([0, 15]), [1, 16])),
  uuids: optional(list(
    text(36, { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, need: "a UUID" }),
    [0, 127],
  )),
  granularityBytes: optional(whole([0, 2 ** 52])),
  attachments: optional(whole(DWORD)),
  capacityBytes: whole([0, 2 ** 52]),
  formats: list(lbaFormat, [1, 64]),
  extendedFormats: flag,
  formatting,
  namespaces: list(namespace, [0, 1024]),
  powerStates: list(powerState, [1, 32]),
  health,
  selfTests,
  formatMs: optional(duration),
  sanitizing: optional(sanitizing),
  firmwareUpdates: optional(firmwareUpdates),
  firmwareAcceptsAny: optional(flag),
  telemetryDumpBytes: optional(whole([0, MOST_DUMP])),
  history: optional(history),
  savedFeatures: featureWords,
  fixedSmart: optional(smartFields),
  recorded: optional(recorded),
});
