// Heat over time: the minutes above the temperature thresholds, and slowing down to stay cool.

import { featureKey } from "../feature/feature.ts";
import { HostThermalManagement, thermalTemperatures } from "../feature/management_features.ts";
import type { Machine } from "../machine.ts";
import type { Throttle, Wear } from "./wear.ts";

type Model = Pick<Machine, "personality" | "state" | "now">;

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/** The temperature around which the composite temperature moves, in kelvin. */
export function usualTemperature({ personality, state }: Pick<Model, "personality" | "state">) {
  return personality.health.temperatureK + state.wear.heatK;
}

/** Counts the time since it was last counted, at the temperature that the drive has had. */
export function settleHeat(model: Model): void {
  const { state: { wear } } = model;
  const at = model.now();
  // With every command, mostly within the same millisecond.
  if (at !== wear.countedUntil) Object.assign(wear, countedTimes(model, at));
  wear.countedUntil = at;
  const throttle = throttleNow(model);
  if (throttle === wear.throttle) return;
  if (throttle === "light") wear.lightTransitions++;
  if (throttle === "heavy") wear.heavyTransitions++;
  wear.throttle = throttle;
}

/** The times until now, without counting them for good. */
function countedTimes(
  model: Model,
  at = model.now(),
): Pick<Wear, "warningMs" | "criticalMs" | "lightMs" | "heavyMs"> {
  const { personality: { health }, state: { wear, poweredOnAt } } = model;
  // A drive without power is neither hot nor cold.
  const elapsed = Math.max(0, at - Math.max(wear.countedUntil, poweredOnAt));
  const temperature = usualTemperature(model);
  const critical = health.criticalK > 0 && temperature >= health.criticalK;
  const warning = !critical && health.warningK > 0 && temperature >= health.warningK;
  return {
    warningMs: wear.warningMs + (warning ? elapsed : 0),
    criticalMs: wear.criticalMs + (critical ? elapsed : 0),
    lightMs: wear.lightMs + (wear.throttle === "light" ? elapsed : 0),
    heavyMs: wear.heavyMs + (wear.throttle === "heavy" ? elapsed : 0),
  };
}

/** What the temperature calls for by the lowest temperatures that hosts have set. */
function throttleNow(model: Model): Throttle {
  const key = featureKey(HostThermalManagement.fid);
  const temperature = usualTemperature(model);
  let throttle: Throttle = "none";
  for (const { features } of model.state.controllers) {
    const word = features[key] ?? 0;
    if (word === 0) continue;
    const { light, heavy } = thermalTemperatures(word);
    if (heavy > 0 && temperature >= heavy) return "heavy";
    if (light > 0 && temperature >= light) throttle = "light";
  }
  return throttle;
}

/** Minutes spent above the warning and the critical composite temperature. */
export function hotMinutes(model: Model): { readonly warning: number; readonly critical: number } {
  const { warningMinutes, criticalMinutes } = model.personality.health;
  const { warningMs, criticalMs } = countedTimes(model);
  return {
    warning: warningMinutes + Math.floor(warningMs / MINUTE_MS),
    critical: criticalMinutes + Math.floor(criticalMs / MINUTE_MS),
  };
}

/** Seconds that the drive was slowed down. */
export function throttledSeconds(
  model: Model,
): { readonly light: number; readonly heavy: number } {
  const { lightMs, heavyMs } = countedTimes(model);
  return { light: Math.floor(lightMs / SECOND_MS), heavy: Math.floor(heavyMs / SECOND_MS) };
}
