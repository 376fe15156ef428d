// What a reset leaves of the features [BASE-2.1 §4.4].

import type { Machine, Subsystem } from "../machine.ts";
import type { ControllerState } from "../state.ts";
import type { FeatureStore } from "./feature.ts";
import { FEATURES } from "./table.ts";
import { powerCycleProtection } from "./write_protection.ts";

/**
 * Saved values become current ones. What all controllers share stays as long as another controller
 * may be using it; what persists by itself stays anyway. Errors that hosts injected end with every
 * reset, or a drive that hangs would hang for the other controllers' hosts too, and for good.
 */
export function resetFeatures(
  { drive, state, controller, now }: Machine,
  reach: "controller" | "subsystem",
): void {
  restore(controller);
  controller.timestamp = { value: 0, setAt: now(), origin: 0 };
  controller.hostBehavior = {};
  if (reach === "subsystem" || state.controllers.length === 1) restore(state);
  drive.injections.clear();
}

/** What a power cycle leaves of what all controllers share. */
export function powerCycleFeatures(drive: Pick<Subsystem, "state">): void {
  restore(drive.state);
  powerCycleProtection(drive);
}

/** A namespace is gone: another one with its identifier begins without what was set for it. */
export function forgetNamespaceFeatures({ state }: Pick<Subsystem, "state">, nsid: number): void {
  const { features, savedFeatures, featureData, savedFeatureData, controllers } = state;
  const shared = [features, savedFeatures, featureData, savedFeatureData];
  for (const values of [...shared, ...controllers.flatMap(valuesOf)]) {
    for (const key of Object.keys(values)) {
      if (isOfNamespace(key, nsid)) delete values[key];
    }
  }
}

function valuesOf(
  { features, savedFeatures, featureData, savedFeatureData }: ControllerState,
): readonly Record<string, unknown>[] {
  return [features, savedFeatures, featureData, savedFeatureData];
}

function restore(store: FeatureStore): void {
  store.features = { ...store.savedFeatures, ...persistent(store.features) };
  store.featureData = { ...store.savedFeatureData, ...persistent(store.featureData) };
}

function persistent<V>(values: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => FEATURES.get(fidOf(key))?.persistent === true),
  );
}

function isOfNamespace(key: string, nsid: number): boolean {
  return FEATURES.get(fidOf(key))?.scope === "namespace" && key.split(":")[1] === `${nsid}`;
}

/** A key begins with the identifier in hexadecimal: `04:over.0`. */
function fidOf(key: string): number {
  return parseInt(key, 16);
}
