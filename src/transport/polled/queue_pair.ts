// A submission queue and the completion queue of the same number, as rings in memory.

import { invariant, MalformedError } from "../../errors.ts";
import { doorbellOffset } from "../../spec/registers.ts";
import { alignedMemory, wordsOf } from "./aligned_memory.ts";
import type { Backing, DmaMemory, RegisterSpace } from "./backing.ts";
import { clearEntry, completionText } from "./ring_words.ts";

/**
 * What came back for a command.
 *
 * @param status the 15-bit status field, without the phase tag
 */
export type Completed = (cid: number, status: number, dw0: number, dw1: number) => void;

/** Where a pair of queues is made. */
export interface QueuePairOptions {
  /** 0 is the pair for admin commands. */
  readonly qid: number;
  /** Entries of both queues: 2 to 65536; one of them is never used. */
  readonly entries: number;
  /** CAP.DSTRD. */
  readonly dstrd: number;
  /** The controller's page, at which queues begin; 4096 when left out. */
  readonly pageBytes?: number;
}

const SUBMISSION_BYTES = 64;
const COMPLETION_BYTES = 16;
/** Dwords of an entry, as shifts. */
const SUBMISSION_SHIFT = 4;
const COMPLETION_SHIFT = 2;
/** In an entry that was taken out. No drive posts it: what came in the wrong phase shows. */
const TAKEN = 0xffff_ffff;

/**
 * Both rings, with phase tag, SQ head flow control and doorbells [BASE-2.1 §3.3.1]. It
 * knows nothing of commands: `claim()` gives 16 zeroed dwords, `poll()` tells what came. One
 * command allocates nothing, reads no register, and one doorbell is written for each batch.
 *
 * It relies on whoever gives identifiers (`CommandSlots`) not to have more than `entries - 1`
 * commands under way.
 */
export class QueuePair implements Disposable {
  readonly qid: number;
  readonly entries: number;
  /** The submission queue, 16 dwords an entry. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #bar0: RegisterSpace;
  readonly #submissions: DmaMemory;
  readonly #completions: DmaMemory;
  /** The submission queue again: zeros can be written twice as wide. */
  readonly #doubles: Float64Array;
  readonly #found: Uint32Array<ArrayBuffer>;
  readonly #tailBell: number;
  readonly #headBell: number;
  /** Where the next command goes, and what the doorbell said last. */
  #tail = 0;
  #rung = 0;
  /** How far the controller has read, as completions tell: SQHD. */
  #fetched = 0;
  /** The next completion, and the phase tag that it will have. */
  #head = 0;
  #phase = 1;

  /** Takes memory for both queues, which the drive does not know of yet. */
  constructor({ bar0, dma }: Pick<Backing, "bar0" | "dma">, options: QueuePairOptions) {
    const { qid, entries, dstrd, pageBytes = 4096 } = options;
    invariant(entries >= 2 && entries <= 0x1_0000, "a queue has 2 to 65536 entries");
    this.qid = qid;
    this.entries = entries;
    this.#bar0 = bar0;
    this.#tailBell = doorbellOffset({ queue: "submission", qid }, dstrd);
    this.#headBell = doorbellOffset({ queue: "completion", qid }, dstrd);
    this.#submissions = alignedMemory(dma, entries * SUBMISSION_BYTES, pageBytes);
    try {
      this.#completions = alignedMemory(dma, entries * COMPLETION_BYTES, pageBytes);
    } catch (error) {
      this.#submissions[Symbol.dispose]();
      throw error;
    }
    this.words = wordsOf(this.#submissions);
    this.#doubles = new Float64Array(this.words.buffer, this.words.byteOffset, entries * 8);
    this.#found = wordsOf(this.#completions);
    this.reset();
  }

  /** Where the drive sees the submission queue. */
  get submissionIova(): bigint {
    return this.#submissions.iova;
  }

  /** Where the drive sees the completion queue. */
  get completionIova(): bigint {
    return this.#completions.iova;
  }

  /** Commands that can be claimed now. */
  get room(): number {
    const used = this.#tail - this.#fetched;
    return this.entries - 1 - (used < 0 ? used + this.entries : used);
  }

  /** The entry that was claimed last, for a message: 16 dwords. */
  get lastEntry(): Uint32Array {
    const last = (this.#tail + this.entries - 1) % this.entries;
    return this.words.subarray(last << SUBMISSION_SHIFT, (last + 1) << SUBMISSION_SHIFT);
  }

  /**
   * The next entry, zeroed, as an index of `words`. The controller may look at it from the next
   * `ring()` on. There must be `room`.
   */
  claim(): number {
    const tail = this.#tail;
    const next = tail + 1 === this.entries ? 0 : tail + 1;
    if (next === this.#fetched) invariant(false, "a claimed entry has room");
    this.#tail = next;
    const at = tail << SUBMISSION_SHIFT;
    clearEntry(this.#doubles, at >>> 1);
    return at;
  }

  /** The phase tag of the completion that was taken out last. */
  get lastPhase(): 0 | 1 {
    return (this.#head === 0 ? this.#phase ^ 1 : this.#phase) === 1 ? 1 : 0;
  }

  /** Tells the controller of everything claimed since the last time: one write, if anything was. */
  ring(): void {
    const tail = this.#tail;
    if (tail === this.#rung) return;
    this.#rung = tail;
    this.#bar0.write32(this.#tailBell, tail);
  }

  /**
   * Takes out what has come, and returns how many. The controller is told once, at the end, also
   * when `each` throws. `each` may claim and ring, but not poll.
   *
   * @param most no more than these, 1 at least
   * @throws {MalformedError} for one of another queue or with an impossible SQHD, once it is out
   */
  poll(each: Completed, most = this.entries): number {
    const count = this.#posted(most);
    if (count === 0) return 0;
    try {
      for (let left = count; left > 0; left--) this.#take(each);
    } finally {
      this.#bar0.write32(this.#headBell, this.#head);
    }
    return count;
  }

  /**
   * What stands where the next completion should be, although its phase tag says that it is an old
   * one; undefined if nothing does. For the message of a command that timed out.
   */
  misplaced(): string | undefined {
    const at = this.#head << COMPLETION_SHIFT;
    const last = Atomics.load(this.#found, at + 3);
    const queue = this.#found[at + 2] ?? 0;
    if (queue === TAKEN || (last >>> 16 & 1) === this.#phase) return undefined;
    return `entry ${this.#head} of completion queue ${this.qid} holds a completion with the ` +
      `wrong phase tag (${completionText(queue, last)})`;
  }

  /** As new, in the same memory. The controller must not know of the queues at that time. */
  reset(): void {
    this.words.fill(0);
    this.#found.fill(0);
    for (let at = 2; at < this.#found.length; at += 4) this.#found[at] = TAKEN;
    this.#tail = this.#rung = this.#fetched = 0;
    this.#head = 0;
    this.#phase = 1;
  }

  /** Gives the memory back. The controller must not know of the queues any more. */
  [Symbol.dispose](): void {
    this.#completions[Symbol.dispose]();
    this.#submissions[Symbol.dispose]();
  }

  /**
   * How many completions there are, by their phase tags. The first tag is read atomically, so that
   * a loop that polls sees it change; and so is the last one found, because the rest of the entries
   * must be read after it: on arm64 that makes it a load-acquire. Each costs more than all else.
   */
  #posted(most: number): number {
    const found = this.#found;
    const { entries } = this;
    let place = this.#head;
    let phase = this.#phase;
    if ((Atomics.load(found, (place << COMPLETION_SHIFT) + 3) >>> 16 & 1) !== phase) return 0;
    let count = 1;
    while (count < most) {
      const next = place + 1 === entries ? 0 : place + 1;
      if (next === 0) phase ^= 1;
      const at = (next << COMPLETION_SHIFT) + 3;
      if (((found[at] ?? 0) >>> 16 & 1) !== phase) break;
      place = next;
      count++;
    }
    if (count > 1) Atomics.load(found, (place << COMPLETION_SHIFT) + 3);
    return count;
  }

  /** Takes the next completion out and tells of it. */
  #take(each: Completed): void {
    const found = this.#found;
    const at = this.#head << COMPLETION_SHIFT;
    const dw0 = found[at] ?? 0;
    const dw1 = found[at + 1] ?? 0;
    const queue = found[at + 2] ?? 0;
    const last = found[at + 3] ?? 0;
    found[at + 2] = TAKEN;
    if (++this.#head === this.entries) {
      this.#head = 0;
      this.#phase ^= 1;
    }
    const fetched = queue & 0xffff;
    if (queue >>> 16 !== this.qid || !this.#read(fetched)) throw this.#strange(queue, last);
    this.#fetched = fetched;
    each(last & 0xffff, last >>> 17, dw0, dw1);
  }

  /** Whether the controller can have read so far: nothing that it was not told of. */
  #read(fetched: number): boolean {
    const told = this.#rung - this.#fetched;
    const read = fetched - this.#fetched;
    const { entries } = this;
    return fetched < entries &&
      (read < 0 ? read + entries : read) <= (told < 0 ? told + entries : told);
  }

  #strange(queue: number, last: number): MalformedError {
    return new MalformedError(
      `Cannot use a completion in queue ${this.qid}: ${completionText(queue, last)}, need SQID ` +
        `${this.qid} and an SQHD from ${this.#fetched} to ${this.#rung}`,
      { next: "The drive answers wrongly; a reset may help" },
    );
  }
}
