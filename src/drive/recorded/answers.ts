// The recorded answers of a drive, to be looked into.

import {
  parseAnswer,
  parseRequestKey,
  type RecordedAnswer,
  type RecordedRequest,
  type Recording,
  requestKey,
} from "../../spec/recording.ts";

/** A question that was answered, and the answer. */
export interface Answered {
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
}

/** All that a drive answered. */
export class Answers {
  readonly #answered: ReadonlyMap<string, Answered>;

  /** Throws SyntaxError for a recording that is none. */
  constructor(readonly recording: Recording) {
    this.#answered = new Map(
      Object.entries(recording.answers).map(([key, text]) => [
        key,
        { request: parseRequestKey(key), answer: parseAnswer(text) },
      ]),
    );
  }

  /** The answer to a question, refused or not; undefined for one that was not asked. */
  find(request: RecordedRequest): RecordedAnswer | undefined {
    return this.#answered.get(requestKey(request))?.answer;
  }

  /** The bytes that a question brought; undefined where it was refused or not asked. */
  data(request: RecordedRequest, least = 0): Uint8Array | undefined {
    const answer = this.find(request);
    return answer?.status === 0 && answer.data.length >= least ? answer.data : undefined;
  }

  /** All of one kind of question, refused or not. */
  all(kind: RecordedRequest["kind"]): readonly Answered[] {
    return [...this.#answered.values()].filter(({ request }) => request.kind === kind);
  }

  /** What succeeded, of one kind of question. */
  succeeded(kind: RecordedRequest["kind"]): readonly Answered[] {
    return this.all(kind).filter(({ answer }) => answer.status === 0);
  }

  /** The CNS values, log pages or features that were had, ascending. */
  identifiers(kind: RecordedRequest["kind"]): readonly number[] {
    const found = new Set(this.succeeded(kind).map(({ request }) => request.id));
    return [...found].toSorted((one, other) => one - other);
  }
}
