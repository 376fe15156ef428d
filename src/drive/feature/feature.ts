// What a feature is to Get Features and Set Features.

import type { SubmissionEntry } from "../../spec/command.ts";
import type { Machine } from "../machine.ts";
import type { Personality } from "../personality.ts";
import type { ControllerState, DriveState } from "../state.ts";

/** What the values of a feature belong to [BASE-2.1 §5.1.25, Fig. 385]. */
export type FeatureScope =
  | "controller"
  | "namespace"
  | "nvm-set"
  | "endurance-group"
  | "subsystem";

/** What setting a feature may change [BASE-2.1 §5.1.12.1.18, Fig. 262]. */
export interface FeatureEffects {
  readonly userData?: boolean;
  readonly namespaceCapability?: boolean;
  readonly namespaceInventory?: boolean;
  readonly controllerCapability?: boolean;
}

interface FeatureCommon {
  readonly fid: number;
  readonly scope: FeatureScope;
  readonly saveable: boolean;
  /** Not saveable, but what is set outlives resets and power cycles by itself. */
  readonly persistent?: true;
  readonly effects?: FeatureEffects;
  /** Of the subsystem: commands may also name all namespaces instead of none. */
  readonly broadcast?: true;
  /** Whether a drive of this kind has it, beyond listing it; every drive does when left out. */
  supported?(personality: Personality): boolean;
}

/** The command that is about a feature. */
export type FeatureCommand = Pick<SubmissionEntry, "nsid" | "cdw11" | "cdw12">;

/** Which of the values of a feature a host asks for. */
export type Which = "current" | "default" | "saved";

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
  /** The value to keep for what the command says. Throws Refusal. */
  accept(machine: Machine, cdw11: number, command: FeatureCommand): number;
  /** Called when a slot has a new value. */
  changed?(machine: Machine, slot: string, value: number): void;
  /** Set Features answers with the value that was kept. */
  readonly answers?: true;
}

/** What the command that transfers a data structure is about. */
export interface DataAccess {
  readonly command: FeatureCommand;
  /** The namespace, of a feature that namespaces have. */
  readonly slot: string;
}

/** A feature whose value is a data structure, perhaps with a word besides it. */
export interface DataFeature extends FeatureCommon {
  readonly kind: "data";
  /** Bytes to transfer. Throws Refusal. */
  size(machine: Machine, access: DataAccess & { readonly access: "get" | "set" }): number;
  /** What Get Features transfers, and dword 0 of its completion. Throws Refusal. */
  read(
    machine: Machine,
    access: DataAccess & { readonly which: Which },
  ): { readonly data: Uint8Array; readonly dw0?: number };
  /** Takes a new value. Throws Refusal. */
  write(
    machine: Machine,
    data: Uint8Array,
    access: DataAccess & { readonly save: boolean },
  ): void;
}

/** A feature of either kind. */
export type Feature = WordFeature | DataFeature;

/** Where values of features are. */
export type FeatureStore = Pick<
  ControllerState & DriveState,
  "features" | "savedFeatures" | "featureData" | "savedFeatureData"
>;

/** The key of a feature's slot in the drive's state: `04:0.0`. */
export function featureKey(fid: number, slot = ""): string {
  const hex = FID_KEYS[fid] ?? fid.toString(16).padStart(2, "0");
  return slot === "" ? hex : `${hex}:${slot}`;
}

/** Made once: some features are looked up with every command. */
const FID_KEYS = Array.from({ length: 256 }, (_, fid) => fid.toString(16).padStart(2, "0"));

/** Where the values of a feature are kept: by the controller, or for all of them. */
export function featureStore(
  { state, controller }: Pick<Machine, "state" | "controller">,
  { scope }: Pick<Feature, "scope">,
): FeatureStore {
  return scope === "controller" ? controller : state;
}

/** The current value of a word feature's slot. */
export function currentValue(
  machine: Pick<Machine, "state" | "controller" | "personality">,
  feature: WordFeature,
  slot = "",
): number {
  return valueOf(machine, feature, { slot, which: "current" });
}

/** One of the values of a word feature's slot. */
export function valueOf(
  machine: Pick<Machine, "state" | "controller" | "personality">,
  feature: WordFeature,
  { slot, which }: { readonly slot: string; readonly which: Which },
): number {
  const { features, savedFeatures } = featureStore(machine, feature);
  const key = featureKey(feature.fid, slot);
  const initial = (): number => feature.initial(machine.personality, slot);
  switch (which) {
    case "current":
      return features[key] ?? initial();
    case "saved":
      return savedFeatures[key] ?? initial();
    case "default":
      return initial();
  }
}
