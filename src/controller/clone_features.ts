// Which features there are to be had of a drive, with all their values.

import { findLogPage } from "../spec/log/registry.ts";
import { FeatureEffectsLog } from "../spec/log/feature_effects.ts";
import { SmartLog } from "../spec/log/smart.ts";
import { isNamespaceFeature } from "../spec/recorded_request.ts";
import { parseAnswer, requestKey } from "../spec/recording.ts";
import { announcedFeatures } from "./announced_features.ts";
import type { Identified } from "./clone_identify.ts";
import type { Recorder } from "./clone_recorder.ts";

const FID = {
  temperatureThreshold: 0x04,
  queues: 0x07,
  interruptVector: 0x09,
  hostIdentifier: 0x81,
  enduranceGroupEvents: 0x18,
} as const;
/** Features of which only a question with more in it makes sense. */
const NEVER: ReadonlySet<number> = new Set([0x1e, 0x21]);
const FEATURE_EFFECTS = 0x12;
/** Current, default, saved, supported capabilities [BASE-2.1 §5.1.11, Fig. 192]. */
const SELECTIONS = [0, 1, 2, 3] as const;
const CURRENT = 0;
const CURRENT_ONLY = [CURRENT] as const;
const MOST_SENSORS = 8;
/** Interrupt vectors that are looked at. */
const MOST_VECTORS = 64;

/** Asks for every feature. `logs` are the log pages that the drive has. */
export async function recordFeatures(
  recorder: Recorder,
  known: Identified,
  logs: readonly number[],
): Promise<void> {
  const selections = known.controller.oncs.ssfs ? SELECTIONS : CURRENT_ONLY;
  for (const id of supportedFeatures(recorder, known, logs)) {
    if (NEVER.has(id)) continue;
    for (const series of questionsOf(recorder, known, id)) {
      for (const question of series) {
        if (!await recordValues(recorder, { id, ...question }, selections)) break;
      }
    }
  }
}

/** Asks for the values of a feature; false where it does not even have a current one. */
async function recordValues(
  recorder: Recorder,
  question: Question & { readonly id: number },
  selections: readonly number[],
): Promise<boolean> {
  for (const select of selections) {
    const answer = await recorder.feature({ ...question, select });
    if (!answer && select === CURRENT) return false;
  }
  return true;
}

/** From log page 12h; without it, what the fields of the controller announce. */
function supportedFeatures(
  { answers }: Recorder,
  known: Identified,
  logs: readonly number[],
): readonly number[] {
  const key = requestKey({ kind: "log", id: FEATURE_EFFECTS });
  const answer = logs.includes(FEATURE_EFFECTS) && answers[key] !== undefined
    ? parseAnswer(answers[key])
    : undefined;
  if (answer?.status === 0 && findLogPage(FEATURE_EFFECTS)) {
    const { features } = FeatureEffectsLog.decode(answer.data);
    return features.flatMap(({ supported }, fid) => supported ? [fid] : []);
  }
  return announcedFeatures(known);
}

type Question = { readonly nsid?: number; readonly cdw11?: number };

/**
 * What else a Get Features of this feature says, once for each of the feature's values. They come
 * in series: where one is refused, so are those behind it.
 */
function questionsOf(
  recorder: Recorder,
  { controller, active, enduranceGroups }: Identified,
  fid: number,
): readonly (readonly Question[])[] {
  if (isNamespaceFeature(fid)) return active.map((nsid) => [{ nsid }]);
  switch (fid) {
    case FID.temperatureThreshold:
      return [0, 1].map((type) =>
        sensorsOf(recorder).map((sensor) => ({ cdw11: sensor << 16 | type << 20 }))
      );
    case FID.interruptVector:
      return [Array.from({ length: vectorsOf(recorder) }, (_, cdw11) => ({ cdw11 }))];
    case FID.hostIdentifier:
      return controller.ctratt.hids ? [[{ cdw11: 0 }], [{ cdw11: 1 }]] : [[{ cdw11: 0 }]];
    case FID.enduranceGroupEvents:
      return enduranceGroups.map((cdw11) => [{ cdw11 }]);
    default:
      return [[{}]];
  }
}

/** The composite temperature, 0, and the sensors: those that show something, or all. */
function sensorsOf({ answers }: Recorder): readonly number[] {
  const text = answers[requestKey({ kind: "log", id: 0x02 })];
  const answer = text === undefined ? undefined : parseAnswer(text);
  const shown = answer?.status === 0
    ? SmartLog.decode(answer.data).temperatureSensors.findLastIndex((kelvin) => kelvin !== 0) + 1
    : 0;
  return Array.from({ length: (shown === 0 ? MOST_SENSORS : shown) + 1 }, (_, sensor) => sensor);
}

/** One for the admin queue and one for each I/O completion queue. */
function vectorsOf({ answers }: Recorder): number {
  const text = answers[requestKey({ kind: "feature", id: FID.queues })];
  const answer = text === undefined ? undefined : parseAnswer(text);
  const queues = answer?.status === 0 ? (answer.dw0 >>> 16) + 1 : 0;
  return Math.min(queues + 1, MOST_VECTORS);
}
