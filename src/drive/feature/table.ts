// Every feature that a virtual drive can have: one line each.

import type { Personality } from "../personality.ts";
import { DATA_FEATURES } from "./data_features.ts";
import type { Feature } from "./feature.ts";
import { TemperatureThreshold } from "./temperature_threshold.ts";
import { WORD_FEATURES } from "./word_features.ts";

/** The features, by identifier. */
export const FEATURES: ReadonlyMap<number, Feature> = new Map(
  [...WORD_FEATURES, TemperatureThreshold, ...DATA_FEATURES].map((feature) => [
    feature.fid,
    feature,
  ]),
);

/** The feature of an identifier, if a drive of this kind has it. */
export function featureOf(personality: Personality, fid: number): Feature | undefined {
  const feature = personality.features.includes(fid) ? FEATURES.get(fid) : undefined;
  return feature?.supported?.(personality) === false ? undefined : feature;
}
