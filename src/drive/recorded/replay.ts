// Answers of a drive that was cloned: the recorded ones, as long as nothing has changed them.
//
// The rule: the model is asked now, and it is known what it said when the drive was new. Where both
// are the same, the drive has not changed in a way that the model knows of, and the recorded bytes
// are sent; where they differ, the model's are. `parts.ts` says what "where" means in each answer.

import type { RecordedAnswer, RecordedRequest, Recording } from "../../spec/recording.ts";
import { parseAnswer, requestKey } from "../../spec/recording.ts";
import { plainRequest } from "../../spec/recorded_request.ts";
import { decodeStatus } from "../../spec/status/status.ts";
import type { Machine } from "../machine.ts";
import { done, type Outcome, send } from "../pipeline/handler.ts";
import { Refusal, refuse } from "../refusal.ts";
import { equal, merge } from "./merge.ts";
import { partsOf } from "./parts.ts";
import { pristine } from "./pristine.ts";

/** What a reading command answers with. */
export interface Reply {
  readonly data: Uint8Array;
  readonly dw0: number;
}

/** A recorded answer, and what the model of a new drive says instead. */
interface Known {
  readonly recorded: RecordedAnswer;
  readonly before: Reply | Refusal;
}

const MEMORY = new WeakMap<Recording, Map<string, Known>>();

/**
 * The answer to a question: what `ask` says of this machine, or what was recorded.
 *
 * @param ask what the model says of a machine, to the request or one that is the same question;
 *   throws Refusal
 */
export function replay(
  machine: Machine,
  request: RecordedRequest,
  ask: (machine: Machine, request: RecordedRequest) => Reply,
): Reply {
  const { recorded: recording } = machine.personality;
  if (!recording || isNoQuestion(machine, request)) return ask(machine, request);
  const plain = plainRequest(request);
  const known = recall(machine, recording, { plain, ask });
  if (!known) return ask(machine, request);
  const { recorded, before } = known;
  const now = attempt(() => ask(machine, request));
  if (now instanceof Refusal) {
    if (!(before instanceof Refusal) || !sameStatus(now, before)) throw now;
    return replyOf(recorded);
  }
  if (before instanceof Refusal) return now;
  const same = now.dw0 === before.dw0 && equal(now.data, before.data);
  if (recorded.status !== 0) return same ? replyOf(recorded) : now;
  const overFabrics = machine.drive.fabrics !== undefined;
  const parts = partsOf(plain, { overFabrics });
  const versions = { recorded: recorded.data, before: before.data, now: now.data };
  return {
    data: merge(versions, parts),
    dw0: now.dw0 === before.dw0 ? recorded.dw0 : now.dw0,
  };
}

/** The same for commands whose outcome is a word, or data and a word. */
export function replayOutcome(
  machine: Machine,
  request: RecordedRequest,
  ask: (machine: Machine) => Outcome,
): Outcome {
  if (!machine.personality.recorded) return ask(machine);
  const { data, dw0 } = replay(machine, request, (asked) => {
    const outcome = ask(asked);
    if (outcome.kind === "send") return { data: outcome.payload.data, dw0: outcome.dw0 };
    return { data: new Uint8Array(0), dw0: outcome.kind === "done" ? outcome.dw0 : 0 };
  });
  return data.length > 0 ? send(data, { dw0 }) : done(dw0);
}

/** A feature of something that cannot be a namespace was not asked for, whatever it belongs to. */
function isNoQuestion({ namespaces }: Machine, { kind, nsid = 0 }: RecordedRequest): boolean {
  return kind === "feature" && namespaces.kindOf(nsid) === "invalid";
}

function recall(
  { personality }: Machine,
  recording: Recording,
  { plain, ask }: {
    readonly plain: RecordedRequest;
    readonly ask: (machine: Machine, request: RecordedRequest) => Reply;
  },
): Known | undefined {
  const key = requestKey(plain);
  const text = Object.hasOwn(recording.answers, key) ? recording.answers[key] : undefined;
  if (text === undefined) return undefined;
  const memory = MEMORY.get(recording) ?? new Map<string, Known>();
  MEMORY.set(recording, memory);
  const known = memory.get(key);
  if (known) return known;
  const fresh = {
    recorded: parseAnswer(text),
    before: attempt(() => ask(pristine(personality), plain)),
  };
  memory.set(key, fresh);
  return fresh;
}

function attempt(ask: () => Reply): Reply | Refusal {
  try {
    return ask();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function sameStatus({ status: one }: Refusal, { status: other }: Refusal): boolean {
  return one.type === other.type && one.code === other.code;
}

function replyOf({ status, data, dw0 }: RecordedAnswer): Reply {
  if (status === 0) return { data, dw0 };
  const { type, code, doNotRetry } = decodeStatus(status);
  refuse({ type, code, name: "as recorded", doNotRetry });
}
