// Answers to questions: of the drive's model, or what was recorded of the drive that it stands for.

import type { RecordedRequest } from "../../spec/recording.ts";
import type { Machine } from "../machine.ts";
import { theRest } from "../rest.ts";
import type { Reply } from "./replay.ts";

/**
 * The answer to a question: what `ask` says of this machine, or, of a drive that was cloned, what
 * replay.ts says.
 */
export function answer(
  machine: Machine,
  request: RecordedRequest,
  ask: (machine: Machine, request: RecordedRequest) => Reply,
): Reply {
  if (!machine.personality.recorded) return ask(machine, request);
  return theRest().replay(machine, request, ask);
}
