// A drive as it was when it was new, at which nobody has ever looked: what its model says there is
// what it says before anything changes.

import { invariant } from "../../errors.ts";
import { NO_INJECTIONS } from "../feature/error_injection.ts";
import type { Machine, Subsystem } from "../machine.ts";
import { ControllerNamespaces, NamespaceStore } from "../namespace.ts";
import type { Personality } from "../personality.ts";
import { initialState } from "../state.ts";
import { Taps } from "../tap/taps.ts";

const KNOWN = new WeakMap<Personality, Machine>();

/** The first controller of a new drive of this kind. Its clock stands still. */
export function pristine(personality: Personality): Machine {
  const known = KNOWN.get(personality);
  if (known) return known;
  const made = newMachine(personality);
  KNOWN.set(personality, made);
  return made;
}

function newMachine(personality: Personality): Machine {
  const now = (): number => 0;
  const state = initialState(personality, { now: 0, seed: 0 });
  const store = new NamespaceStore(state, personality);
  const controllers: Machine[] = [];
  const drive: Subsystem = {
    device: "virtual:",
    personality,
    state,
    store,
    controllers,
    taps: new Taps(),
    now,
    timed: false,
    after: () => () => {},
    injections: NO_INJECTIONS,
    inUse: false,
    namespaceChanged: () => {},
    resetSubsystem: () => {},
  };
  for (const controller of state.controllers) {
    controllers.push({
      drive,
      personality,
      state,
      controller,
      namespaces: new ControllerNamespaces(store, controller.id),
      hasIoQueues: false,
      faceCommands: [],
      outstanding: { find: () => undefined, count: () => 0, asyncEvents: [], finish: () => {} },
      now,
    });
  }
  const [first] = controllers;
  invariant(first !== undefined, "a drive has at least one controller");
  return first;
}
