// Asks a drive questions that only read and writes down what it answers, refusals too.

import { StatusError, UnsupportedError } from "../errors.ts";
import type { LogPage } from "../spec/log/log_page.ts";
import { plainRequest } from "../spec/recorded_request.ts";
import {
  answerText,
  type RecordedAnswer,
  type RecordedRequest,
  requestKey,
} from "../spec/recording.ts";
import type { Drive } from "./drive.ts";
import { IDENTIFY_BYTES } from "./identify.ts";
import { readLogBytes, readPageBytes } from "./log.ts";
import { getFeatureBytes } from "./raw_features.ts";

const IDENTIFY = 0x06;
const GET_FEATURES = 0x0a;
/** Bytes to ask for where nobody knows how many there are, the second where that is too many. */
const GUESSES = [4096, 512] as const;

/** What a log page is asked for with besides its identifier. */
export type LogQuestion = Pick<RecordedRequest, "nsid" | "lsi">;

/** One drive's answers, as they come in. */
export class Recorder {
  readonly answers: Record<string, string> = {};
  /** Questions that the drive refused. */
  readonly refused: string[] = [];
  /** What was not asked for or not taken, and why. */
  readonly leftOut: string[] = [];

  constructor(readonly drive: Drive, readonly asked?: (kind: RecordedRequest["kind"]) => void) {}

  /** An Identify data structure; undefined where the drive refuses it. */
  async identify(request: Omit<RecordedRequest, "kind">): Promise<Uint8Array | undefined> {
    const { id, nsid = 0, cntid = 0, cnssid = 0, csi = 0 } = request;
    const answer = await this.#read({
      opcode: IDENTIFY,
      nsid,
      cdw10: (id | (cntid << 16)) >>> 0,
      cdw11: (cnssid | (csi << 24)) >>> 0,
    }, IDENTIFY_BYTES);
    return this.#keep({ kind: "identify", ...request }, answer);
  }

  /** One of the values of a feature, or what can be done with it. */
  async feature(
    request: Omit<RecordedRequest, "kind">,
  ): Promise<{ readonly dw0: number; readonly data: Uint8Array } | undefined> {
    const { id, nsid = 0, select = 0, cdw11 = 0 } = request;
    const cdw10 = id | (select << 8);
    const bytes = getFeatureBytes({ cdw10, cdw11 });
    const answer = await this.#read(
      { opcode: GET_FEATURES, nsid, cdw10, cdw11 },
      bytes === "some" ? GUESSES[0] : bytes,
    );
    // A vendor's feature without data leaves the buffer alone.
    const empty = bytes === "some" && answer.data.every((byte) => byte === 0);
    const kept = empty ? { ...answer, data: new Uint8Array(0) } : answer;
    return this.#keep({ kind: "feature", ...request }, kept) && kept;
  }

  /** A log page of which this program knows how long it is. Its events stay as they are. */
  async page(
    page: LogPage,
    { lsp, ...question }: LogQuestion & { readonly lsp?: number } = {},
  ): Promise<Uint8Array | undefined> {
    const purpose = `read the ${page.title} log of ${this.drive.target}`;
    const request = { ...question, ...(lsp === undefined ? {} : { lsp }), rae: true };
    const answer = await this.#attempt(
      page.title,
      () => readPageBytes(this.drive, page, request, purpose),
    );
    if (!answer) return undefined;
    const lsi = question.lsi ?? page.lsi ?? 0;
    return this.#keep({ kind: "log", id: page.lid, nsid: question.nsid ?? 0, lsi }, answer);
  }

  /** A log page of which nobody knows how long it is. */
  async unknownPage(lid: number, question: LogQuestion = {}): Promise<Uint8Array | undefined> {
    const purpose = `read log page ${lid} of ${this.drive.target}`;
    let answer: RecordedAnswer | undefined;
    for (const length of GUESSES) {
      answer = await this.#attempt(
        purpose,
        () => readLogBytes(this.drive, { lid, length, rae: true, ...question }, purpose),
      );
      if (answer?.status === 0) break;
    }
    return answer && this.#keep({ kind: "log", id: lid, ...question }, answer);
  }

  async #read(
    command: {
      readonly opcode: number;
      readonly nsid: number;
      readonly cdw10: number;
      readonly cdw11: number;
    },
    length: number,
  ): Promise<RecordedAnswer> {
    using data = this.drive.transport.allocate(length);
    const { status, result } = await this.drive.submit({
      queue: "admin",
      ...command,
      ...(length > 0 ? { direction: "in" as const, data } : {}),
    });
    return { status, dw0: Number(result & 0xffffffffn), data: data.bytes.slice() };
  }

  async #attempt(
    what: string,
    read: () => Promise<Uint8Array>,
  ): Promise<RecordedAnswer | undefined> {
    try {
      return { status: 0, dw0: 0, data: await read() };
    } catch (error) {
      if (error instanceof StatusError) {
        return { status: error.status, dw0: 0, data: new Uint8Array(0) };
      }
      if (!(error instanceof UnsupportedError)) throw error;
      this.leftOut.push(`${what}: ${error.message}`);
      return undefined;
    }
  }

  #keep(request: RecordedRequest, answer: RecordedAnswer): Uint8Array | undefined {
    const key = requestKey(plainRequest(request));
    this.asked?.(request.kind);
    this.answers[key] = answerText(answer);
    if (answer.status === 0) return answer.data;
    this.refused.push(key);
    return undefined;
  }
}
