// Reads pieces of a range, several at a time, and hands each one on in the order in which they were
// asked for, unless one that got no answer has to be asked for again. Memory is constant: the
// buffers of a piece are used again for a later one.

import { invariant, UnreachableError } from "../errors.ts";
import { NVM_COMMANDS } from "../spec/opcode.ts";
import {
  carryOut,
  type Command,
  type Completion,
  type DataBuffer,
  type Feed,
  type LostCommand,
} from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import { type Piece, type PieceHandler, Run } from "./piece_run.ts";
import type { ReadRange } from "./read_range.ts";
import type { WaitClock } from "./selftest.ts";

export type { Piece, PieceHandler } from "./piece_run.ts";

/** Pieces under way or waiting to be handed on, over a transport that takes several at once. */
const MANY_SLOTS = 8;
/** Over one that takes one at a time: one is read while the other is handed on. */
const FEW_SLOTS = 2;

const STATUS_CODE_MASK = 0x7ff;
/** With these the kernel refuses what is too large for it. */
const TOO_LARGE: readonly (string | undefined)[] = ["EINVAL", "ENOMEM"];

/**
 * How long nothing is asked for after a loss over a transport that takes one command at a time: the
 * kernel makes a controller ready, or connects again, which it tries every 10 s.
 */
const REST_MS = 15_000;

/** How long commands may follow each other before timers and signals have their turn. */
const LONGEST_TURN_MS = 10;

/** What a reader needs besides the drive. */
export interface PieceReaderOptions {
  readonly signal: AbortSignal;
  readonly clock: WaitClock;
}

/** The buffers of one command, and the piece that they are for. */
interface Slot {
  data: DataBuffer | undefined;
  metadata: DataBuffer | undefined;
  piece: Piece;
  command: Command;
  completion: Completion | undefined;
  /** Why there will be no completion. */
  loss: LostCommand | undefined;
}

/** Reads pieces of one range. */
export class PieceReader implements Disposable {
  readonly #slots: Slot[];
  readonly #free: Slot[];
  /** In the order in which they were asked for. */
  #underWay: Slot[] = [];
  /** Pieces that have to be asked for again, before any other. */
  #again: Piece[] = [];
  /** Pieces that were lost along with others: each is asked for while nothing else is under way. */
  #suspects: Piece[] = [];
  /** The piece under way is one of them. */
  #alone = false;
  /** The drive may have to come back first. */
  #rests = false;
  /** Pieces without an answer that the handler has yet to hear of: it may want to end it there. */
  #untold = 0;
  #mostBlocks: number;
  #shortOfMemory = false;
  #turnBegan: number;
  #data = new Uint8Array(0);
  #metadata = new Uint8Array(0);

  constructor(
    private readonly drive: Drive,
    private readonly range: ReadRange,
    private readonly options: PieceReaderOptions,
  ) {
    this.#turnBegan = options.clock.now();
    const count = drive.transport.run ? MANY_SLOTS : FEW_SLOTS;
    const command: Command = { queue: "io", opcode: NVM_COMMANDS.read.opcode };
    this.#slots = Array.from({ length: count }, () => ({
      data: undefined,
      metadata: undefined,
      piece: { first: 0, blocks: 0 },
      command,
      completion: undefined,
      loss: undefined,
    }));
    this.#free = [...this.#slots];
    this.#mostBlocks = range.chunkBlocks;
  }

  /** The most blocks that are asked for at once; less than the range says once refused. */
  get mostBlocks(): number {
    return this.#mostBlocks;
  }

  /**
   * Reads all pieces, cut to what fits one command. Returns false when the signal ended it: then
   * every piece that was asked for was handed on, and no other.
   *
   * @throws whatever the handler throws; UnreachableError when the drive is gone
   */
  async read(pieces: Iterable<Piece>, handler: PieceHandler): Promise<boolean> {
    const run = new Run(pieces[Symbol.iterator](), handler);
    this.#again = [];
    this.#suspects = [];
    this.#underWay = [];
    this.#alone = false;
    this.#untold = 0;
    this.#rests = false;
    this.#free.splice(0, this.#free.length, ...this.#slots);
    const feed: Feed = {
      next: () => this.#next(run),
      done: (command, completion) => this.#done(run, command, completion),
      ...(handler.unanswered ? { lost: (command, error) => this.#lost(run, command, error) } : {}),
    };
    do {
      try {
        await carryOut(this.drive.transport, feed);
      } catch (error) {
        await run.handed;
        if (run.failure !== undefined) throw run.failure;
        // A transport may heed the signal too: what was under way is then as if never asked for.
        if (this.options.signal.aborted && error === this.options.signal.reason) return false;
        if (!this.#isTooLarge(error)) {
          await this.#giveUp(handler, error);
          throw error;
        }
        this.#shrink();
      }
      await run.handed;
      if (run.failure !== undefined) throw run.failure;
      await this.#rest();
      await this.#giveTurn();
    } while (!run.stopped && !this.options.signal.aborted && !this.#isDone(run));
    return this.#isDone(run);
  }

  #isDone(run: Run): boolean {
    return run.ended && this.#again.length === 0 && this.#suspects.length === 0;
  }

  async #rest(): Promise<void> {
    if (!this.#rests) return;
    this.#rests = false;
    const { clock, signal } = this.options;
    // One that has several under way has brought the drive back by itself.
    if (this.drive.transport.run) return;
    await clock.sleep(REST_MS, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }

  /** A transport that answers at once would keep signals from being heard. */
  async #giveTurn(): Promise<void> {
    if (!this.#isTurnOver()) return;
    const { clock } = this.options;
    await clock.sleep(0);
    this.#turnBegan = clock.now();
  }

  #isTurnOver(): boolean {
    return this.options.clock.now() - this.#turnBegan >= LONGEST_TURN_MS;
  }

  #next(run: Run): Command | undefined {
    if (run.stopped || this.#untold > 0 || this.#rests) return undefined;
    if (this.options.signal.aborted) return undefined;
    // One that carries out feeds itself gives turns by itself.
    if (this.drive.transport.run === undefined && this.#isTurnOver()) return undefined;
    const alone = this.#suspects.length > 0;
    if (this.#underWay.length > 0 && (alone || this.#alone)) return undefined;
    const slot = this.#freeSlot();
    const piece = slot && (this.#suspects.shift() ?? this.#again.shift() ?? run.take());
    if (slot === undefined || piece === undefined) return undefined;
    this.#alone = alone;
    this.#free.splice(this.#free.indexOf(slot), 1);
    const blocks = Math.min(piece.blocks, this.#mostBlocks);
    try {
      this.#fit(slot, blocks);
    } catch (error) {
      // Where there is no memory for so many at once, it is done with those that have some.
      if (this.#slots.every(({ data }) => data === undefined)) throw error;
      this.#shortOfMemory = true;
      (alone ? this.#suspects : this.#again).unshift(piece);
      return undefined;
    }
    if (blocks < piece.blocks) {
      this.#again.unshift({ first: piece.first + blocks, blocks: piece.blocks - blocks });
    }
    slot.piece = { first: piece.first, blocks };
    slot.completion = undefined;
    slot.loss = undefined;
    slot.command = this.#command(slot);
    this.#underWay.push(slot);
    return slot.command;
  }

  #freeSlot(): Slot | undefined {
    if (!this.#shortOfMemory) return this.#free.at(-1);
    return this.#free.find(({ data }) => data !== undefined);
  }

  #done(run: Run, command: Command, completion: Completion): void {
    const slot = this.#slotOf(command);
    slot.completion = completion;
    const refused = (completion.status & STATUS_CODE_MASK) !== 0;
    if (refused && !run.handler.goesOn(completion.status)) run.stopped = true;
    this.#handOnEnded(run);
  }

  /** A command got no answer: its own fault, or that of another that was under way with it. */
  #lost(run: Run, command: Command, error: LostCommand): void {
    const slot = this.#slotOf(command);
    // The drive may write to its memory yet.
    this.#release(slot);
    if (error.loss === "late" || this.#alone) {
      slot.loss = error;
      this.#untold++;
    } else {
      this.#underWay.splice(this.#underWay.indexOf(slot), 1);
      this.#free.push(slot);
      this.#suspects.push(slot.piece);
      this.#rests = true;
    }
    this.#handOnEnded(run);
  }

  #slotOf(command: Command): Slot {
    const slot = this.#underWay.find((one) => one.command === command);
    invariant(slot !== undefined, "a completion came for a command that was not under way");
    return slot;
  }

  #handOnEnded(run: Run): void {
    for (let first = this.#underWay[0]; first && hasEnded(first); first = this.#underWay[0]) {
      const slot = first;
      this.#underWay.shift();
      run.hand(() => this.#handOn(run, slot));
    }
  }

  /** What was under way when the drive was given up may be the reason for it. */
  async #giveUp(handler: PieceHandler, error: unknown): Promise<void> {
    if (!(error instanceof UnreachableError) || error.loss === undefined) return;
    const open = this.#underWay.filter((slot) => slot.completion === undefined);
    for (const piece of [...open.map((slot) => slot.piece), ...this.#suspects]) {
      try {
        await handler.unanswered?.(piece, error);
      } catch {
        // Why the drive was given up says more.
      }
    }
  }

  async #handOn({ handler }: Run, slot: Slot): Promise<void> {
    const { piece, command, completion, data, metadata, loss } = slot;
    const status = completion?.status ?? 0;
    if (loss) {
      await handler.unanswered?.(piece, loss);
      this.#untold--;
    } else if ((status & STATUS_CODE_MASK) !== 0) await handler.refused(piece, command, status);
    else if (data) await handler.read(piece, ...this.#apart(data.bytes, metadata?.bytes));
    this.#free.push(slot);
  }

  /** Data and metadata, each on its own. */
  #apart(data: Uint8Array, metadata: Uint8Array | undefined): [Uint8Array, Uint8Array] {
    const { blockBytes, metadataBytes, layout } = this.range.shape;
    if (layout !== "extended") return [data, metadata ?? new Uint8Array(0)];
    const whole = blockBytes + metadataBytes;
    const blocks = data.length / whole;
    if (this.#data.length < blocks * blockBytes) {
      this.#data = new Uint8Array(blocks * blockBytes);
      this.#metadata = new Uint8Array(blocks * metadataBytes);
    }
    for (let at = 0; at < blocks; at++) {
      const block = data.subarray(at * whole, (at + 1) * whole);
      this.#data.set(block.subarray(0, blockBytes), at * blockBytes);
      this.#metadata.set(block.subarray(blockBytes), at * metadataBytes);
    }
    return [
      this.#data.subarray(0, blocks * blockBytes),
      this.#metadata.subarray(0, blocks * metadataBytes),
    ];
  }

  /** Gives a slot buffers of exactly the size of so many blocks. */
  #fit(slot: Slot, blocks: number): void {
    const { blockBytes, metadataBytes, layout } = this.range.shape;
    const { transport } = this.drive;
    const bytes = blocks * (blockBytes + (layout === "extended" ? metadataBytes : 0));
    if (slot.data?.bytes.length === bytes) return;
    this.#release(slot);
    slot.data = transport.allocate(bytes);
    // Wherever the drive writes metadata, there has to be memory for it, wanted or not.
    if (layout === "separate") slot.metadata = transport.allocate(blocks * metadataBytes);
  }

  /** Read [NVM-1.1 §3.3.4]: the first block in dwords 10 and 11, a 0's based count in dword 12. */
  #command({ piece, data, metadata }: Slot): Command {
    const lba = this.range.lba + BigInt(piece.first);
    const { timeoutMs } = this.drive.options;
    return {
      queue: "io",
      opcode: NVM_COMMANDS.read.opcode,
      nsid: this.range.nsid,
      cdw10: Number(lba & 0xffff_ffffn),
      cdw11: Number(lba >> 32n),
      cdw12: piece.blocks - 1,
      direction: "in",
      ...(data ? { data } : {}),
      ...(metadata ? { metadata } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
  }

  #isTooLarge(error: unknown): boolean {
    return error instanceof UnreachableError && TOO_LARGE.includes(error.code) &&
      this.#underWay.some(({ piece }) => piece.blocks > 1);
  }

  /** Asks for what is under way again, in smaller pieces. */
  #shrink(): void {
    const largest = Math.max(...this.#underWay.map(({ piece }) => piece.blocks));
    this.#mostBlocks = Math.max(1, largest >> 1);
    this.#again.unshift(...this.#underWay.map(({ piece }) => piece));
    this.#free.push(...this.#underWay.splice(0));
  }

  #release(slot: Slot): void {
    slot.data?.[Symbol.dispose]();
    slot.metadata?.[Symbol.dispose]();
    slot.data = undefined;
    slot.metadata = undefined;
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) this.#release(slot);
  }
}

/** Whether a slot's command is over, with an answer or without one. */
function hasEnded({ completion, loss }: Slot): boolean {
  return completion !== undefined || loss !== undefined;
}
