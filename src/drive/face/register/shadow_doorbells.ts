// Shadow doorbells: the host writes its doorbells to memory, and rings only when the drive asks.

import { type Doorbell, DOORBELL_BYTES, shadowDoorbellOffset } from "../../../spec/registers.ts";
import type { Personality } from "../../personality.ts";
import type { HostMemory } from "./host_memory.ts";

/** Where the two buffers are; each is a page. */
export interface ShadowPlace {
  /** What the host writes: doorbell values. */
  readonly doorbells: bigint;
  /** What the drive writes: beyond which value it wants to hear the doorbell. */
  readonly eventIndexes: bigint;
}

const SMALLEST_PAGE = 4096;

/** Whether the doorbells of all queues fit into a page [BASE-2.1 §5.2.5]. */
export function fitsShadow({ limits, doorbellStride = 0 }: Personality): boolean {
  const last = shadowDoorbellOffset({ queue: "completion", qid: limits.queues }, doorbellStride);
  return last + DOORBELL_BYTES <= SMALLEST_PAGE;
}

/** The two buffers of a Doorbell Buffer Config command [BASE-2.1 §5.2.5] [BASE-2.1 §B.5]. */
export class ShadowDoorbells {
  readonly #memory: HostMemory;
  #place: ShadowPlace | undefined;
  #stride = 0;

  constructor(memory: HostMemory) {
    this.#memory = memory;
  }

  /** Whether the host uses them. */
  get active(): boolean {
    return this.#place !== undefined;
  }

  /** The host uses them from now on; `stride` is CAP.DSTRD. */
  start(place: ShadowPlace, stride: number): void {
    this.#place = place;
    this.#stride = stride;
  }

  /** A reset: doorbells are what they were. */
  stop(): void {
    this.#place = undefined;
  }

  /** What the host has written; undefined where its memory is gone. */
  read(bell: Doorbell): number | undefined {
    return this.#at(this.#place?.doorbells, bell)?.getUint32(0, true);
  }

  /** Sets what the host would have written. */
  write(bell: Doorbell, value: number): void {
    this.#at(this.#place?.doorbells, bell)?.setUint32(0, value, true);
  }

  /** Wants the doorbell rung as soon as it goes beyond a value. */
  ask(bell: Doorbell, value: number): void {
    this.#at(this.#place?.eventIndexes, bell)?.setUint32(0, value, true);
  }

  #at(base: bigint | undefined, bell: Doorbell): DataView | undefined {
    if (base === undefined) return undefined;
    const address = base + BigInt(shadowDoorbellOffset(bell, this.#stride));
    const bytes = this.#memory.at(address, DOORBELL_BYTES);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, DOORBELL_BYTES);
  }
}
