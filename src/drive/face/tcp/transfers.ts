// Data that a host was asked for: one R2T for each command, answered by H2CData PDUs in order.

import { FATAL_ERROR, H2CData, PDU_FLAG } from "../../../tcp/pdu.ts";
import { getU32 } from "../../../tcp/bytes.ts";
import type { Pdu } from "../../../tcp/pdu_stream.ts";
import { PduViolation } from "../../../tcp/violation.ts";

const CCCID = H2CData.row("cccid").first;
const TTAG = H2CData.row("ttag").first;
const DATAO = H2CData.row("datao").first;
const FLAGS = H2CData.row("flags").first;
/** Transfer tags of 16 bits. */
const TAGS = 0x10000;

/** A command's data on its way. */
export interface Transfer {
  readonly cid: number;
  readonly length: number;
  /** All of it is there; `sound` is false if some of it was not as its digest says. */
  readonly arrived: (data: Uint8Array, sound: boolean) => void;
}

interface Running extends Transfer {
  readonly tag: number;
  readonly buffer: Uint8Array;
  filled: number;
  sound: boolean;
  /** Nobody wants it any more: what comes is thrown away. */
  orphan: boolean;
}

/** What is asked of the host. */
export interface Question {
  readonly cccid: number;
  readonly ttag: number;
  readonly r2to: number;
  readonly r2tl: number;
}

/**
 * The transfers of one connection. Memory is taken when the host is asked, and no more than
 * `memory` bytes at a time, though one command is always served; the others wait for their turn.
 */
export class Transfers {
  readonly #memory: number;
  readonly #ask: (question: Question) => void;
  readonly #running = new Map<number, Running>();
  #waiting: Transfer[] = [];
  #taken = 0;
  #tag = 0;

  constructor(memory: number, ask: (question: Question) => void) {
    this.#memory = memory;
    this.#ask = ask;
  }

  /** Bytes of memory in use. */
  get taken(): number {
    return this.#taken;
  }

  /** Gets a command's data from the host, now or when there is room. */
  start(transfer: Transfer): void {
    if (this.#waiting.length > 0 || !this.#fits(transfer)) this.#waiting.push(transfer);
    else this.#run(transfer);
  }

  /** A command is over before its data was there; the host may still send it. */
  forget(cid: number): void {
    this.#waiting = this.#waiting.filter((other) => other.cid !== cid);
    for (const running of this.#running.values()) {
      if (running.cid === cid) running.orphan = true;
    }
  }

  /**
   * Takes a H2CData PDU.
   *
   * @throws {PduViolation} for data that nobody asked for, or asked for differently
   */
  take({ header, data, dataDigestBad }: Pdu): void {
    const tag = byte(header, TTAG) | byte(header, TTAG + 1) << 8;
    const running = this.#running.get(tag);
    if (!running) throw wrong(header, TTAG, `no transfer has tag ${tag}`);
    const cid = byte(header, CCCID) | byte(header, CCCID + 1) << 8;
    if (cid !== running.cid) throw wrong(header, CCCID, `transfer ${tag} is not of command ${cid}`);
    const offset = getU32(header, DATAO);
    if (offset !== running.filled || offset + data.length > running.length) {
      throw new PduViolation({
        fes: FATAL_ERROR.outOfRange,
        fei: DATAO,
        header,
        reason: `data at ${offset} with ${data.length} bytes, need ${running.filled} of ` +
          `${running.length}`,
      });
    }
    running.buffer.set(data, offset);
    running.filled += data.length;
    if (dataDigestBad) running.sound = false;
    const complete = running.filled === running.length;
    if (((byte(header, FLAGS) & PDU_FLAG.last) !== 0) !== complete) {
      throw wrong(header, FLAGS, `LAST does not fit ${running.filled} of ${running.length} bytes`);
    }
    if (complete) this.#complete(running);
  }

  #complete(running: Running): void {
    this.#running.delete(running.tag);
    this.#taken -= running.length;
    if (!running.orphan) running.arrived(running.buffer, running.sound);
    while (this.#waiting[0] && this.#fits(this.#waiting[0])) {
      const next = this.#waiting.shift();
      if (next) this.#run(next);
    }
  }

  #fits({ length }: Transfer): boolean {
    return this.#taken === 0 || this.#taken + length <= this.#memory;
  }

  #run(transfer: Transfer): void {
    do this.#tag = (this.#tag + 1) % TAGS; while (this.#running.has(this.#tag));
    const { cid, length } = transfer;
    this.#taken += length;
    this.#running.set(this.#tag, {
      ...transfer,
      tag: this.#tag,
      buffer: new Uint8Array(length),
      filled: 0,
      sound: true,
      orphan: false,
    });
    this.#ask({ cccid: cid, ttag: this.#tag, r2to: 0, r2tl: length });
  }
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function wrong(header: Uint8Array, fei: number, reason: string): PduViolation {
  return new PduViolation({ fes: FATAL_ERROR.invalidHeaderField, fei, header, reason });
}
