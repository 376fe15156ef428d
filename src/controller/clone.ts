// Everything that a drive says of itself, recorded: Identify, log pages, features. No user data,
// and nothing that changes the drive; but what it refuses may stand in its error log afterwards.

import type { RecordedRequest, Recording } from "../spec/recording.ts";
import { recordFeatures } from "./clone_features.ts";
import { recordIdentify } from "./clone_identify.ts";
import { type LogChoice, recordHealth, recordLogs } from "./clone_logs.ts";
import { Recorder } from "./clone_recorder.ts";
import type { Drive } from "./drive.ts";

/** How a drive is recorded. */
export interface RecordOptions extends LogChoice {
  /** Called with the kind of each question that has been answered. */
  readonly asked?: (kind: RecordedRequest["kind"]) => void;
}

/** A recorded drive, and what is missing of it. */
export interface Recorded {
  readonly recording: Recording;
  /** Questions that the drive refused, as in the recording. */
  readonly refused: readonly string[];
  /** What was not asked for, in words. */
  readonly leftOut: readonly string[];
}

/**
 * Records a drive.
 *
 * @throws UnreachableError where the drive cannot be reached, or does not say what it is
 */
export async function recordDrive(
  drive: Drive,
  { asked, ...choice }: RecordOptions,
): Promise<Recorded> {
  const recorder = new Recorder(drive, asked);
  // The health log counts refusals, of which the questions after it may bring some.
  await recordHealth(recorder);
  const known = await recordIdentify(recorder);
  const logs = await recordLogs(recorder, known, choice);
  await recordFeatures(recorder, known, logs);
  const { answers, refused, leftOut } = recorder;
  const recording = { controller: known.controller.cntlid, answers };
  return { recording, refused: [...new Set(refused)], leftOut };
}
