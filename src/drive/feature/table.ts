// Every feature that a virtual drive can have: one line each.

import type { Personality } from "../personality.ts";
import { AsyncEventConfiguration } from "./async_event.ts";
import { DATA_FEATURES } from "./data_features.ts";
import { ErrorInjection } from "./error_injection.ts";
import type { Feature } from "./feature.ts";
import { MANAGEMENT_FEATURES } from "./management_features.ts";
import { TemperatureThreshold } from "./temperature_threshold.ts";
import { WORD_FEATURES } from "./word_features.ts";
import { NamespaceWriteProtection } from "./write_protection.ts";

/** The features that the specification defines. */
const STANDARD: readonly Feature[] = [
  ...WORD_FEATURES,
  TemperatureThreshold,
  AsyncEventConfiguration,
  ...MANAGEMENT_FEATURES,
  ...DATA_FEATURES,
  NamespaceWriteProtection,
];

/** The features of vendors, C0h to FFh. */
const VENDOR: readonly Feature[] = [ErrorInjection];

/** The features, by identifier. */
export const FEATURES: ReadonlyMap<number, Feature> = new Map(
  [...STANDARD, ...VENDOR].map((feature) => [feature.fid, feature]),
);

/** The feature of an identifier, if a drive of this kind has it. */
export function featureOf(personality: Personality, fid: number): Feature | undefined {
  const feature = personality.features.includes(fid) ? FEATURES.get(fid) : undefined;
  return feature?.supported?.(personality) === false ? undefined : feature;
}
