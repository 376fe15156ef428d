// What a feature is to Get Features and Set Features.

import type { Machine } from "../machine.ts";
import type { Personality } from "../personality.ts";
import type { ControllerState } from "../state.ts";

interface FeatureCommon {
  readonly fid: number;
  readonly scope: "controller" | "namespace";
  readonly saveable: boolean;
  /** Whether a drive of this kind has it, beyond listing it; every drive does when left out. */
  supported?(personality: Personality): boolean;
}

/**
 * A feature whose values are 32-bit words. Most have one; temperature thresholds have one for each
 * sensor and direction, and namespace features one for each namespace: a slot names one of them.
 */
export interface WordFeature extends FeatureCommon {
  readonly kind: "word";
  /** The slots that command dword 11 selects; one without a name when left out. Throws Refusal. */
  slots?(machine: Machine, cdw11: number, access: "get" | "set"): readonly string[];
  /** The value of a slot that nobody has set. */
  initial(personality: Personality, slot: string): number;
  /** The value to keep for command dword 11. Throws Refusal. */
  accept(machine: Machine, cdw11: number): number;
  /** Set Features answers with the value that was kept. */
  readonly answers?: true;
}

/** A feature whose value is a data structure. None of them is saveable. */
export interface DataFeature extends FeatureCommon {
  readonly kind: "data";
  readonly saveable: false;
  /** Bytes of the data structure. */
  readonly size: number;
  /** The current value, or the default one. */
  read(machine: Machine, which: "current" | "default"): Uint8Array;
  /** Takes a new value. Throws Refusal. */
  write(machine: Machine, bytes: Uint8Array): void;
}

/** A feature of either kind. */
export type Feature = WordFeature | DataFeature;

/** The key of a feature's slot in the drive's state: `04:0.0`. */
export function featureKey(fid: number, slot = ""): string {
  const hex = fid.toString(16).padStart(2, "0");
  return slot === "" ? hex : `${hex}:${slot}`;
}

/** Where the values of a feature are kept: by the controller, or for all of them. */
export function featureStore(
  { state, controller }: Pick<Machine, "state" | "controller">,
  { scope }: Pick<Feature, "scope">,
): Pick<ControllerState, "features" | "savedFeatures"> {
  return scope === "controller" ? controller : state;
}

/** The current value of a word feature's slot. */
export function currentValue(
  machine: Pick<Machine, "state" | "controller" | "personality">,
  feature: WordFeature,
  slot = "",
): number {
  const value = featureStore(machine, feature).features[featureKey(feature.fid, slot)];
  return value ?? feature.initial(machine.personality, slot);
}
