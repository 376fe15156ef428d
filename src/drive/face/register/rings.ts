// Queues as rings in host memory: who may put what where next.

import type { Doorbell } from "../../../spec/registers.ts";
import type { Result } from "../../pipeline/exchange.ts";

/** Bytes of a submission and of a completion queue entry. */
export const ENTRY_BYTES = { submission: 64, completion: 16 } as const;

/** Where a ring is and how long. */
export interface RingPlace {
  readonly qid: number;
  readonly base: bigint;
  readonly entries: number;
}

/** A completion that is to be posted. */
export interface Posting {
  readonly submission: SubmissionRing;
  readonly cid: number;
  readonly result: Result;
}

/** A completion queue: the drive writes, the host reads. */
export class CompletionRing {
  readonly place: RingPlace;
  readonly vector: number;
  readonly interrupts: boolean;
  /** What the host has read up to, as its doorbell says. */
  head = 0;
  /** Where the next entry goes. */
  tail = 0;
  /** The phase tag of new entries; it changes with every round [BASE-2.1 §4.2.4]. */
  phase = true;
  /** A shadow doorbell value that makes no sense; the host was told. */
  refused: number | undefined;
  /** What there was no room for, oldest first. */
  readonly waiting: Posting[] = [];

  constructor(
    place: RingPlace,
    { vector, interrupts }: { readonly vector: number; readonly interrupts: boolean },
  ) {
    this.place = place;
    this.vector = vector;
    this.interrupts = interrupts;
  }

  /** Whether a further entry would look like none at all. */
  get full(): boolean {
    return (this.tail + 1) % this.place.entries === this.head;
  }

  /** Whose doorbell the host rings. */
  get bell(): Doorbell {
    return { queue: "completion", qid: this.place.qid };
  }

  /** What its doorbell said last. */
  get rung(): number {
    return this.head;
  }

  get empty(): boolean {
    return this.head === this.tail;
  }

  /** The phase tag of a completion behind those that wait, and so many others. */
  phaseAfter(others: number): 0 | 1 {
    const rounds = Math.floor((this.tail + this.waiting.length + others) / this.place.entries);
    return this.phase === (rounds % 2 === 0) ? 1 : 0;
  }

  /** Goes on to the next place. */
  advance(): void {
    this.tail++;
    if (this.tail < this.place.entries) return;
    this.tail = 0;
    this.phase = !this.phase;
  }

  /** Takes the host's new head over, unless more was read than is there. */
  ring(head: number): boolean {
    const { entries } = this.place;
    if (head >= entries) return false;
    const read = distance(this.head, head, entries);
    if (read === 0 || read > distance(this.head, this.tail, entries)) return false;
    this.head = head;
    return true;
  }
}

/** A submission queue: the host writes, the drive reads. */
export class SubmissionRing {
  readonly place: RingPlace;
  readonly completion: CompletionRing;
  /** What the drive has read up to; completions tell the host. */
  head = 0;
  /** Where the host writes next, as its doorbell says. */
  tail = 0;
  refused: number | undefined;
  /** After a wrong doorbell value: nothing is read any more [BASE-2.1 §3.3.1.2]. */
  stopped = false;

  constructor(place: RingPlace, completion: CompletionRing) {
    this.place = place;
    this.completion = completion;
  }

  get empty(): boolean {
    return this.head === this.tail;
  }

  get bell(): Doorbell {
    return { queue: "submission", qid: this.place.qid };
  }

  get rung(): number {
    return this.tail;
  }

  /** Goes on to the next entry. */
  advance(): void {
    this.head = (this.head + 1) % this.place.entries;
  }

  /** Takes the host's new tail over, unless there is no room for so many commands. */
  ring(tail: number): boolean {
    const { entries } = this.place;
    if (tail >= entries) return false;
    const added = distance(this.tail, tail, entries);
    if (added === 0 || added + distance(this.head, this.tail, entries) >= entries) return false;
    this.tail = tail;
    return true;
  }
}

/** Places from one to another, in the direction of the ring. */
function distance(from: number, to: number, entries: number): number {
  return (to - from + entries) % entries;
}
