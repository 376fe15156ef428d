// From received bytes, in pieces of any size, to whole PDUs.

import { byteAt, getU32 } from "./bytes.ts";
import { crc32c } from "./crc32c.ts";
import { checkedFraming, DIGEST_BYTES, type Framing, PLAIN_FRAMING } from "./framing.ts";
import { CommonHeader, ICReq } from "./pdu.ts";
import { type Expectations, headerSpan, type PduPlan, planPdu } from "./pdu_plan.ts";
import type { ReceiveRules } from "./receive_rules.ts";
import { PduViolation } from "./violation.ts";

const TYPE = CommonHeader.row("type").first;
const FLAGS = CommonHeader.row("flags").first;

/** No header and its digest are longer than this. */
const HEAD_MAX = ICReq.size + DIGEST_BYTES;
const NOTHING = new Uint8Array();

/** A received PDU whose header is sound. */
export interface Pdu {
  readonly type: number;
  readonly flags: number;
  /** The header, without its digest. */
  readonly header: Uint8Array;
  /** The data, without padding and digest; empty where there is none. */
  readonly data: Uint8Array;
  /**
   * The data does not have the digest that came with it: the command fails with Transient
   * Transport Error, the connection goes on [TCP-1.1 §3.5].
   */
  readonly dataDigestBad: boolean;
}

/**
 * Cuts a received stream into PDUs. Which types are right at which time is for the connection's
 * state machine; here a PDU is refused that this side may never receive, or whose header does not
 * fit what was agreed on.
 *
 * ```ts
 * reader.push(received);
 * for (let pdu = reader.next(); pdu !== undefined; pdu = reader.next()) handle(pdu);
 * ```
 *
 * Nothing is looked at before `next` asks for it, so `framing` and `rules` may change between two
 * PDUs of one chunk. Besides the chunk no more than one PDU is kept, and memory for it is taken
 * only after its header was found sound: `controllerRules` and `hostRules` bound it.
 */
export class PduReader implements Expectations {
  /** What may be received from the next PDU on. */
  rules: ReceiveRules;
  #framing: Framing;
  /** What was pushed last, and how far it was read. */
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** A header that did not come in one piece. */
  #head: Uint8Array = NOTHING;
  #held = 0;
  /** A PDU that did not come in one piece, its plan, and how much of it is there. */
  #body: Uint8Array = NOTHING;
  #plan: PduPlan | undefined;
  #filled = 0;
  #violation: PduViolation | undefined;

  constructor(rules: ReceiveRules, framing: Framing = PLAIN_FRAMING) {
    this.rules = rules;
    this.#framing = checkedFraming(framing);
  }

  /**
   * How PDUs are framed from the next one on: set when ICReq and ICResp have gone both ways.
   * Setting it throws RangeError for an impossible alignment, Error where header digests would end
   * within a header, which no connection does.
   */
  get framing(): Framing {
    return this.#framing;
  }

  set framing(framing: Framing) {
    if (this.#held > 0 && this.#framing.headerDigest && !framing.headerDigest) {
      throw new Error(`Cannot end header digests: ${this.#held} bytes of a header are here`);
    }
    this.#framing = checkedFraming(framing);
  }

  /** Bytes kept of a PDU that is not whole, or memory reserved for it. */
  get kept(): number {
    return this.#held + this.#body.length;
  }

  /**
   * Takes what was received. PDUs that lie whole within it will be views of it, so leave it alone
   * as long as they live. Ignored after a violation.
   *
   * @throws {Error} when `next` was not called until it had no more PDUs
   */
  push(chunk: Uint8Array): void {
    if (this.#violation !== undefined) return;
    if (this.#at < this.#chunk.length) {
      throw new Error(
        `Cannot take more bytes: ${this.#chunk.length - this.#at} are unread, need none`,
      );
    }
    this.#chunk = chunk;
    this.#at = 0;
  }

  /**
   * The rest of the PDU that is being collected, if one is: receive straight into it and call
   * `filled` instead of `push`, and its data is never copied.
   */
  room(): Uint8Array | undefined {
    return this.#plan === undefined ? undefined : this.#body.subarray(this.#filled);
  }

  /** Says that `count` bytes were received into `room()`. */
  filled(count: number): void {
    const room = this.#body.length - this.#filled;
    if (!Number.isInteger(count) || count < 0 || count > room) {
      throw new RangeError(`Cannot take ${count} bytes: room for ${room}`);
    }
    this.#filled += count;
  }

  /**
   * The next PDU, or undefined when it is not there yet.
   *
   * @throws {PduViolation} for a PDU that ends the connection; from then on at every call
   */
  next(): Pdu | undefined {
    if (this.#violation !== undefined) throw this.#violation;
    try {
      return this.#plan === undefined ? this.#begin() : this.#collect(this.#plan);
    } catch (error) {
      if (error instanceof PduViolation) this.#stop(error);
      throw error;
    }
  }

  /** At the start of a PDU, or within a header that was begun. */
  #begin(): Pdu | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (left === 0) return undefined;
    if (this.#held > 0 || left < CommonHeader.size) return this.#hold();
    const span = headerSpan(chunk, at, this);
    if (left < span) return this.#hold();
    const plan = planPdu(chunk, at, span, this);
    if (left < plan.plen) return this.#reserve(plan);
    this.#at = at + plan.plen;
    return cut(chunk, at, plan);
  }

  /** Puts the header together, as far as it is there. */
  #hold(): Pdu | undefined {
    if (this.#head.length === 0) this.#head = new Uint8Array(HEAD_MAX);
    const head = this.#head;
    if (!this.#gather(CommonHeader.size)) return undefined;
    const span = headerSpan(head, 0, this);
    if (!this.#gather(span)) return undefined;
    const plan = planPdu(head, 0, span, this);
    return this.#reserve(plan);
  }

  /** Copies from the chunk until `size` bytes of a header are held; whether they are. */
  #gather(size: number): boolean {
    const from = this.#at;
    const to = Math.min(from + size - this.#held, this.#chunk.length);
    if (to > from) {
      this.#head.set(this.#chunk.subarray(from, to), this.#held);
      this.#held += to - from;
      this.#at = to;
    }
    return this.#held >= size;
  }

  /** Makes room for the whole PDU, and moves what is there of it into that. */
  #reserve(plan: PduPlan): Pdu | undefined {
    this.#body = new Uint8Array(plan.plen);
    this.#body.set(this.#head.subarray(0, this.#held));
    this.#filled = this.#held;
    this.#held = 0;
    this.#plan = plan;
    return this.#collect(plan);
  }

  #collect(plan: PduPlan): Pdu | undefined {
    const body = this.#body;
    const from = this.#at;
    const to = Math.min(from + body.length - this.#filled, this.#chunk.length);
    if (to > from) {
      body.set(this.#chunk.subarray(from, to), this.#filled);
      this.#filled += to - from;
      this.#at = to;
    }
    if (this.#filled < body.length) return undefined;
    this.#body = NOTHING;
    this.#plan = undefined;
    return cut(body, 0, plan);
  }

  #stop(violation: PduViolation): void {
    this.#violation = violation;
    this.#chunk = this.#head = this.#body = NOTHING;
    this.#at = this.#held = this.#filled = 0;
    this.#plan = undefined;
  }
}

/** The PDU that starts at `at`, all of which is there. */
function cut(bytes: Uint8Array, at: number, plan: PduPlan): Pdu {
  const { hlen, dataLength, dataDigest } = plan;
  const start = at + plan.dataAt;
  const end = start + dataLength;
  return {
    type: byteAt(bytes, at + TYPE),
    flags: byteAt(bytes, at + FLAGS),
    header: bytes.subarray(at, at + hlen),
    data: dataLength === 0 ? NOTHING : bytes.subarray(start, end),
    dataDigestBad: dataDigest && crc32c(bytes, start, end) !== getU32(bytes, end),
  };
}
