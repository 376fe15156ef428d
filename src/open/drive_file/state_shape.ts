// What the state in a drive file has to look like for the drive to go on from it.

import type { DriveState, Personality } from "../../drive/mod.ts";
import { initialState } from "../../drive/state.ts";
import { checkRange } from "./encodable.ts";
import { checkNamespaces } from "./personality_shape.ts";
import { checkShape, isRecord, ShapeError, shapeOf } from "./shape.ts";
import { checkStateRanges } from "./state_ranges.ts";

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

/** Fields that a new drive has, but nothing in them yet. */
const EXAMPLES = {
  selfTest: { code: 1, nsid: 1, startedAt: 0, durationMs: 1 },
  selfTestResults: [{ code: 1, result: 0, powerOnHours: 0 }],
  firmwareUpdate: {
    running: "",
    images: [null],
    pieces: [{ offset: 0, length: 0, data: "" }],
    committed: false,
    pending: { slot: 1, by: "" },
    activation: { slot: 1, endsAt: 0, controller: 1, sqid: 0, cid: 0 },
  },
  telemetry: {
    host: { lastBlocks: [0], blocks: "", reason: "" },
    hostGeneration: 0,
    controller: { lastBlocks: [0], blocks: "", reason: "" },
    controllerGeneration: 0,
    available: false,
  },
  persistentEvents: {
    events: [""],
    generation: 0,
    context: { page: "" },
    begun: false,
    thermalLevel: 0,
    timestamps: {},
  },
  errors: [{ count: 1n, sqid: 0, cid: 0, status: 0, location: 0, lba: 0n, nsid: 0, opcode: 0 }],
};

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
  const shape = shapeOf([fresh, { ...fresh, ...EXAMPLES }]);
  const whole = format < STATE_FORMAT ? completed(value, fresh) : value;
  checkShape(whole, shape, "state", { unknown: "accept", missing: "refuse" });
  const state = whole as DriveState;
  if (state.version !== fresh.version) {
    throw new ShapeError("state.version", `is ${state.version}, need ${fresh.version}`);
  }
  checkNamespaces(state.namespaces, "state.namespaces", personality);
  checkRange(state.controllers.length, "state.controllers.length", [
    fresh.controllers.length,
    fresh.controllers.length,
  ]);
  state.controllers.forEach(({ id }, at) => {
    const expected = fresh.controllers[at]?.id ?? at + 1;
    checkRange(id, `state.controllers[${at}].id`, [expected, expected]);
  });
  checkRange(state.firmware.length, "state.firmware.length", [1, 7]);
  checkRange(state.firmwareSlot, "state.firmwareSlot", [1, state.firmware.length]);
  checkStateRanges(state);
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
