// What the state in a drive file has to look like for the drive to go on from it.

import type { DriveState, Personality } from "../../drive/mod.ts";
import { initialState } from "../../drive/state.ts";
import { checkFormatted, checkNamespaces, withoutPhantoms } from "./personality_shape.ts";
import { checkRange, isRecord, ShapeError } from "./rule.ts";
import { STATE } from "./state_rules.ts";

/**
 * Counts up whenever what a drive remembers gets a field. A file says which one it was written in:
 * one of an older format lacks what was added since, one of this format lacks nothing.
 */
export const STATE_FORMAT = 2;
/** Of files that do not say. */
export const FIRST_FORMAT = 1;

/** Records whose fields are what they are about: features, namespaces. */
const OPEN: ReadonlySet<string> = new Set([
  "features",
  "savedFeatures",
  "featureData",
  "savedFeatureData",
  "incarnations",
]);

/**
 * The state of a drive of this kind. Fields that a new drive does not have are taken as they are;
 * those that were added since the format get what a new drive has, `savedAt` being its time.
 *
 * @throws ShapeError
 */
export function checkState(
  value: unknown,
  personality: Personality,
  { format, savedAt }: { readonly format: number; readonly savedAt: number },
): DriveState {
  const fresh = initialState(personality, { now: savedAt, seed: 0 });
  const whole = format < STATE_FORMAT ? completed(value, fresh) : value;
  STATE.check(whole, "state");
  const read = whole as DriveState;
  const state = { ...read, namespaces: withoutPhantoms(read.namespaces, personality) };
  checkNamespaces(state.namespaces, "state.namespaces", personality);
  state.formats.forEach(({ settings }, at) =>
    checkFormatted(settings, `state.formats[${at}].settings`, personality)
  );
  const { length } = fresh.controllers;
  if (state.controllers.length !== length) {
    throw new ShapeError("state.controllers", `has ${state.controllers.length}, need ${length}`);
  }
  state.controllers.forEach(({ id }, at) => {
    const expected = fresh.controllers[at]?.id ?? at + 1;
    checkRange(id, `state.controllers[${at}].id`, [expected, expected]);
  });
  checkRange(state.firmwareSlot, "state.firmwareSlot", [1, state.firmware.length]);
  if (state.processingPausedUntil !== undefined && !state.firmwareUpdate.activation) {
    throw new ShapeError("state.processingPausedUntil", "is for a firmwareUpdate.activation only");
  }
  return state;
}

/** The state with what it lacks; what is there stays as it is, right or wrong. */
function completed(value: unknown, fresh: DriveState): unknown {
  if (!isRecord(value)) return value;
  const whole = filled(value, { ...fresh });
  for (const [name, initial] of Object.entries(fresh)) {
    const own = whole[name];
    if (isRecord(own) && isRecord(initial) && !OPEN.has(name)) whole[name] = filled(own, initial);
  }
  if (Array.isArray(whole["controllers"])) {
    whole["controllers"] = whole["controllers"].map((one, at) => {
      const initial = fresh.controllers[at];
      return isRecord(one) && initial ? filled(one, { ...initial }) : one;
    });
  }
  return whole;
}

function filled(
  value: Readonly<Record<string, unknown>>,
  initial: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { ...structuredClone(initial), ...value };
}
