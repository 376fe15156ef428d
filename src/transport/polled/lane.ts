// Commands under way in one pair of queues: who waits for each, until when, and its memory.

import type {
  Command,
  Completion,
  Origin,
  Posted,
  Queue,
  Watch,
  WatchedEnd,
} from "../transport.ts";
import type { PolledBuffer } from "./buffers.ts";
import type { CommandSlots } from "./command_slots.ts";
import type { EntryEncoder, OwnCommand, TransferLimit } from "./entry.ts";
import { PRP1_WORD, PRP2_WORD } from "./prp.ts";
import type { Completed, QueuePair } from "./queue_pair.ts";

/** Who hears how a command ends. What these throw is nobody's business: they must not. */
export interface Receiver {
  completed(command: Command, completion: Completion): void;
  failed(command: Command, error: unknown): void;
}

/** A lane is made of these. Disposing of it gives the queues and the identifiers back. */
export interface LaneParts {
  readonly queue: Queue;
  readonly pair: QueuePair;
  readonly slots: CommandSlots;
  readonly encoder: EntryEncoder;
  readonly limit: TransferLimit;
  /** How long a command may take that does not say. */
  readonly timeoutMs: number;
  readonly watch?: Watch | undefined;
}

/** A command that is under way. */
export interface Underway {
  readonly lane: Lane;
  readonly cid: number;
  readonly command: Command;
  readonly limitMs: number;
}

/** Success without a result, which is what nearly every command ends with. */
const SUCCESS: Completion = Object.freeze({ status: 0, result: 0n });

/** Nobody waits for the command any more; its memory stays until the drive is done with it. */
const NOBODY: Receiver = { completed() {}, failed() {} };

/** One pair of queues with its commands. Unwatched, posting and polling allocate nothing. */
export class Lane implements Disposable {
  readonly queue: Queue;
  readonly pair: QueuePair;
  readonly slots: CommandSlots;
  /** How much a command may transfer; more once the drive has said so. */
  limit: TransferLimit;
  /** Completions that nobody can have asked for: what came, until somebody has looked. */
  stray: string | undefined;
  readonly #parts: LaneParts;
  readonly #commands: (Command | undefined)[];
  readonly #receivers: (Receiver | undefined)[];
  readonly #data: (PolledBuffer | undefined)[];
  readonly #metadata: (PolledBuffer | undefined)[];
  /** Who hears how each command ends; undefined where nobody watches. */
  readonly #ends: Map<number, WatchedEnd> | undefined;
  /** When each command has taken too long, and the earliest of them, or one earlier yet. */
  readonly #deadlines: Float64Array;
  #earliest = Infinity;
  #last = -1;
  readonly #each: Completed;

  constructor(parts: LaneParts) {
    const { queue, pair, slots, limit, watch } = parts;
    this.#parts = parts;
    this.#ends = watch && new Map();
    this.queue = queue;
    this.pair = pair;
    this.slots = slots;
    this.limit = limit;
    this.#commands = filled(slots.count);
    this.#receivers = filled(slots.count);
    this.#data = filled(slots.count);
    this.#metadata = filled(slots.count);
    this.#deadlines = new Float64Array(slots.count).fill(Infinity);
    this.#each = (cid, status, dw0, dw1) => this.#completed(cid, status, dw0, dw1);
  }

  /** Commands under way; those in doubt do not count. */
  get underway(): number {
    return this.slots.taken;
  }

  /** Whether a command can be posted. */
  get hasRoom(): boolean {
    return this.slots.free > 0 && this.pair.room > 0;
  }

  /** The identifier that was given to the command posted last. */
  get lastCid(): number {
    return this.#last;
  }

  /**
   * Puts a command into the queue, without ringing. There must be room.
   *
   * @param now the time, in ms, from which the command may take as long as it may
   * @throws as EntryEncoder, and then nothing has happened
   */
  post(command: OwnCommand, receiver: Receiver, origin: Origin, now: number): void {
    const { encoder, watch } = this.#parts;
    const cid = encoder.put(this, command, origin);
    const deadline = now + this.#limitOf(command);
    this.#last = cid;
    this.#commands[cid] = command;
    this.#receivers[cid] = receiver;
    this.#deadlines[cid] = deadline;
    if (deadline < this.#earliest) this.#earliest = deadline;
    const { data, metadata } = encoder;
    if (data !== undefined) {
      this.#data[cid] = data;
      data.hold();
    }
    if (metadata !== undefined) {
      this.#metadata[cid] = metadata;
      metadata.hold();
    }
    if (watch !== undefined) {
      this.#ends?.set(cid, watch.posted(command, { ...entryPlace(this.pair, cid), origin }));
    }
  }

  /**
   * Takes out what has come, and tells those who wait.
   *
   * @throws MalformedError for a completion that cannot be one of this queue
   */
  poll(): number {
    return this.pair.poll(this.#each);
  }

  /** The first command that has taken too long; costs nothing while none can have. */
  expired(now: number): Underway | undefined {
    if (now < this.#earliest) return undefined;
    let earliest = Infinity;
    let found = -1;
    for (const [cid, deadline] of this.#deadlines.entries()) {
      if (deadline >= earliest) continue;
      earliest = deadline;
      found = cid;
    }
    this.#earliest = earliest;
    return now < earliest ? undefined : this.find(found);
  }

  /** No command has taken too long before this time. */
  postpone(until: number): void {
    for (const [cid, deadline] of this.#deadlines.entries()) {
      if (deadline < until) this.#deadlines[cid] = until;
    }
  }

  /** The command with an identifier, if it is under way. */
  find(cid: number): Underway | undefined {
    const command = this.#commands[cid];
    if (command === undefined || !this.slots.isTaken(cid)) return undefined;
    return { lane: this, cid, command, limitMs: this.#limitOf(command) };
  }

  /**
   * Nobody knows what became of a command: its identifier and memory are out of use, and whoever
   * waits for it hears the error.
   */
  doubt({ cid, command }: Underway, error: unknown): void {
    const receiver = this.#receivers[cid];
    const end = this.#ends?.get(cid);
    this.slots.quarantine(cid);
    this.#clear(cid);
    end?.failed(error);
    receiver?.failed(command, error);
  }

  /** Puts somebody between a command under way and whoever waits for it. */
  intercept({ cid }: Underway, between: (receiver: Receiver) => Receiver): void {
    const receiver = this.#receivers[cid];
    if (receiver !== undefined) this.#receivers[cid] = between(receiver);
  }

  /** Whoever waits for commands hears this; the commands go on. */
  abandon(error: unknown): void {
    for (const [cid, receiver] of this.#receivers.entries()) {
      const command = this.#commands[cid];
      if (receiver === undefined || receiver === NOBODY || !command) continue;
      this.#receivers[cid] = NOBODY;
      this.#ends?.get(cid)?.failed(error);
      this.#ends?.delete(cid);
      receiver.failed(command, error);
    }
  }

  /** The drive has forgotten all commands: whoever waits hears this, and memory is free again. */
  forget(error: unknown): void {
    this.abandon(error);
    for (let cid = 0; cid < this.slots.count; cid++) {
      this.#clear(cid);
      this.#release(cid);
    }
    this.#earliest = Infinity;
    this.stray = undefined;
    this.slots.reset();
    this.pair.reset();
  }

  /** The drive knows neither the queues nor any command any more. */
  [Symbol.dispose](): void {
    this.slots[Symbol.dispose]();
    this.pair[Symbol.dispose]();
  }

  #completed(cid: number, status: number, dw0: number, dw1: number): void {
    const receiver = this.#receivers[cid];
    const command = this.#commands[cid];
    if (receiver === undefined || command === undefined) {
      // What comes late is no news: whoever waited has been told.
      if (!this.slots.isQuarantined(cid)) this.stray ??= this.#strange(cid, status);
      return;
    }
    const plain = status === 0 && dw0 === 0 && dw1 === 0;
    const answer = plain ? SUCCESS : completion(status, dw0, dw1);
    this.#ends?.get(cid)?.completed(answer, this.pair.lastPhase);
    this.#clear(cid);
    this.#release(cid);
    this.slots.give(cid);
    receiver.completed(command, answer);
  }

  /** How long a command may take. */
  #limitOf({ timeoutMs }: Command): number {
    return timeoutMs || this.#parts.timeoutMs;
  }

  #clear(cid: number): void {
    this.#receivers[cid] = undefined;
    this.#commands[cid] = undefined;
    this.#deadlines[cid] = Infinity;
    this.#ends?.delete(cid);
  }

  #release(cid: number): void {
    const data = this.#data[cid];
    if (data !== undefined) {
      this.#data[cid] = undefined;
      data.release();
    }
    const metadata = this.#metadata[cid];
    if (metadata !== undefined) {
      this.#metadata[cid] = undefined;
      metadata.release();
    }
  }

  #strange(cid: number, status: number): string {
    return `a completion of the ${this.queue} queue with command identifier ${cid} and status ` +
      `${status.toString(16).toUpperCase().padStart(4, "0")}h, which no command under way has`;
  }
}

/** What stands in the entry that was put last. */
function entryPlace({ qid, lastEntry }: QueuePair, cid: number): Omit<Posted, "origin"> {
  const address = (at: number): bigint =>
    BigInt(lastEntry[at + 1] ?? 0) << 32n | BigInt(lastEntry[at] ?? 0);
  return { sqid: qid, cid, prp1: address(PRP1_WORD), prp2: address(PRP2_WORD) };
}

function completion(status: number, dw0: number, dw1: number): Completion {
  const result = dw1 === 0 ? dw0 === 0 ? 0n : BigInt(dw0) : BigInt(dw1) << 32n | BigInt(dw0);
  return { status, result };
}

function filled<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
