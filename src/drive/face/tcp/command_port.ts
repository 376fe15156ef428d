// One command's way to its host: where its data comes from and goes to, and its completion.

import { Slab } from "../../../layout/slab.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import type { Payload, Port, Result, Sizes } from "../../pipeline/exchange.ts";
import type { Refusal, RefusalStatus } from "../../refusal.ts";
import type { Disconnect } from "../../tap/verdict.ts";
import type { DataPointer } from "./data_pointer.ts";
import type { Transfer } from "./transfers.ts";

/** What a port needs of its queue. */
export interface PortQueue {
  ask(transfer: Transfer): void;
  spoiled(port: CommandPort): void;
  readonly omitsResponses: boolean;
  send(cid: number, data: Uint8Array, success?: boolean): void;
  respond(port: CommandPort, result: Result): void;
  completed(): void;
  dropped(): void;
  end(how: Omit<Disconnect, "kind">): void;
  readonly transfers: { forget(cid: number): void };
}

const NOTHING = new Uint8Array(0);
const COPIES = new Slab();

/** The port of one command. */
export class CommandPort implements Port {
  /** It is a Connect, or a Disconnect: more follows from its end than from that of others. */
  isConnect = false;
  isDisconnect = false;
  /** It goes on although the controller was reset: it is what reset it. */
  survives = false;
  readonly cid: number;
  readonly hostBytes: number;
  fault: Refusal | undefined;
  readonly #queue: PortQueue;
  #inCapsule: Uint8Array | undefined;
  /** The host is asked for data. */
  #asking = false;
  /** Data that waits for the completion, with which it may be one PDU. */
  #held: Uint8Array | undefined;

  constructor(queue: PortQueue, cid: number, pointer: DataPointer, fault: Refusal | undefined) {
    this.#queue = queue;
    this.cid = cid;
    this.hostBytes = pointer.length;
    this.fault = fault;
    this.#inCapsule = pointer.inCapsule;
  }

  get overrun(): RefusalStatus {
    return GENERIC.sglDataLength;
  }

  /** The data has been fetched already. */
  provide(data: Uint8Array): void {
    this.#inCapsule = data;
  }

  receive({ data: length, metadata }: Sizes, deliver: (payload: Payload) => void): void {
    const without = metadata === 0 ? NOTHING : new Uint8Array(metadata);
    if (this.#inCapsule) {
      // A copy: the memory in which it arrived is used again.
      const given = this.#inCapsule.subarray(0, length);
      const data = COPIES.take(given.length);
      data.set(given);
      return deliver({ data, metadata: without });
    }
    const wanted = Math.min(length, this.hostBytes);
    if (wanted === 0) return deliver({ data: NOTHING, metadata: without });
    this.#asking = true;
    this.#queue.ask({
      cid: this.cid,
      length: wanted,
      arrived: (data, sound) => {
        this.#asking = false;
        if (sound) deliver({ data, metadata: without });
        else this.#queue.spoiled(this);
      },
    });
  }

  send({ data }: Payload, sent: () => void): void {
    const fitting = data.length > this.hostBytes ? data.subarray(0, this.hostBytes) : data;
    if (this.#queue.omitsResponses) this.#held = fitting;
    else if (fitting.length > 0) this.#queue.send(this.cid, fitting);
    sent();
  }

  post(result: Result): void {
    this.#stopAsking();
    const held = this.#held;
    if (held && held.length > 0) {
      const success = isPlainSuccess(result);
      this.#queue.send(this.cid, held, success);
      if (success) return this.#queue.completed();
    }
    this.#queue.respond(this, result);
  }

  drop(): void {
    if (this.survives) return;
    this.#stopAsking();
    this.#queue.dropped();
  }

  disconnect(how: Disconnect): void {
    this.#queue.end(how);
  }

  #stopAsking(): void {
    if (this.#asking) this.#queue.transfers.forget(this.cid);
    this.#asking = false;
  }
}

/** Whether a completion says nothing but that all is well, in the right words. */
function isPlainSuccess({ status, dw0, dw1, cid, sqid, copies }: Result): boolean {
  return status === 0 && dw0 === 0 && dw1 === 0 && cid === undefined && sqid === undefined &&
    copies === undefined;
}
