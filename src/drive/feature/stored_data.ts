// Data structures of features in the drive's state.

import type { Machine } from "../machine.ts";
import { type Feature, featureKey, featureStore, type Which } from "./feature.ts";

type Kept = Pick<Feature, "fid" | "scope">;

/** The bytes that a host gave a feature; undefined where none did. */
export function storedData(
  machine: Pick<Machine, "state" | "controller">,
  feature: Kept,
  { slot, which }: { readonly slot: string; readonly which: Which },
): Uint8Array | undefined {
  const { featureData, savedFeatureData } = featureStore(machine, feature);
  const from = { current: featureData, saved: savedFeatureData, default: {} }[which];
  const digits: string | undefined = (from as Record<string, string>)[
    featureKey(feature.fid, slot)
  ];
  return digits === undefined ? undefined : Uint8Array.fromHex(digits);
}

/** Keeps bytes as the current value of a feature, and as the saved one if `save` is given. */
export function storeData(
  machine: Pick<Machine, "state" | "controller">,
  feature: Kept,
  { slot, save, data }: {
    readonly slot: string;
    readonly save: boolean;
    readonly data: Uint8Array;
  },
): void {
  const { featureData, savedFeatureData } = featureStore(machine, feature);
  const key = featureKey(feature.fid, slot);
  const digits = data.toHex();
  featureData[key] = digits;
  if (save) savedFeatureData[key] = digits;
}
