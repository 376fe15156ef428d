// What the state in a drive file has to look like for the drive to go on from it.

import type { DriveState, Personality } from "../../drive/mod.ts";
import { initialState } from "../../drive/state.ts";
import { checkRange } from "./encodable.ts";
import { checkNamespaces } from "./personality_shape.ts";
import { checkShape, ShapeError, shapeOf } from "./shape.ts";

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
 * The state of a drive of this kind. Fields that a new drive does not have are taken as they are.
 *
 * @throws ShapeError
 */
export function checkState(value: unknown, personality: Personality): DriveState {
  const fresh = initialState(personality, { now: 0, seed: 0 });
  const shape = shapeOf([fresh, { ...fresh, ...EXAMPLES }]);
  checkShape(value, shape, "state", { unknown: "accept", missing: "refuse" });
  const state = value as DriveState;
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
  return state;
}
