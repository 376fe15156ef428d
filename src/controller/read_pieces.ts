// Reads pieces of a range, several at a time, and hands each one on in the order in which they were
// asked for. Memory is constant: the buffers of a piece are used again for a later one.

import { invariant, UnreachableError } from "../errors.ts";
import { NVM_COMMANDS } from "../spec/opcode.ts";
import {
  carryOut,
  type Command,
  type Completion,
  type DataBuffer,
} from "../transport/transport.ts";
import type { Drive } from "./drive.ts";
import type { ReadRange } from "./read_range.ts";
import type { WaitClock } from "./selftest.ts";

/** Blocks of a range; `first` counts from the first block of the range. */
export interface Piece {
  readonly first: number;
  readonly blocks: number;
}

/** What becomes of pieces. Calls come one after the other, in the order of the pieces. */
export interface PieceHandler {
  /**
   * A piece was read. The bytes are only good until the returned promise resolves; `metadata` is
   * empty where the blocks have none.
   */
  read(piece: Piece, data: Uint8Array, metadata: Uint8Array): void | Promise<void>;
  /** The drive refused a piece with a status. Throws where reading does not go on. */
  refused(piece: Piece, command: Command, status: number): void | Promise<void>;
  /** Whether reading goes on after such a status; else nothing more is asked for. */
  goesOn(status: number): boolean;
}

/** Pieces under way or waiting to be handed on, over a transport that takes several at once. */
const MANY_SLOTS = 8;
/** Over one that takes one at a time: one is read while the other is handed on. */
const FEW_SLOTS = 2;

const STATUS_CODE_MASK = 0x7ff;
/** With these the kernel refuses what is too large for it. */
const TOO_LARGE: readonly (string | undefined)[] = ["EINVAL", "ENOMEM"];

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
}

/** Reads pieces of one range. */
export class PieceReader implements Disposable {
  readonly #slots: Slot[];
  readonly #free: Slot[];
  /** In the order in which they were asked for. */
  #underWay: Slot[] = [];
  /** Pieces that have to be asked for again, before any other. */
  #again: Piece[] = [];
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
    this.#underWay = [];
    this.#free.splice(0, this.#free.length, ...this.#slots);
    const feed = {
      next: (): Command | undefined => this.#next(run),
      done: (command: Command, completion: Completion): void =>
        this.#done(run, command, completion),
    };
    do {
      try {
        await carryOut(this.drive.transport, feed);
      } catch (error) {
        await run.handed;
        if (run.failure !== undefined) throw run.failure;
        // A transport may heed the signal too: what was under way is then as if never asked for.
        if (this.options.signal.aborted && error === this.options.signal.reason) return false;
        if (!this.#isTooLarge(error)) throw error;
        this.#shrink();
      }
      await run.handed;
      if (run.failure !== undefined) throw run.failure;
      await this.#giveTurn();
    } while (!run.stopped && !this.options.signal.aborted && !this.#isDone(run));
    return this.#isDone(run);
  }

  #isDone(run: Run): boolean {
    return run.ended && this.#again.length === 0;
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
    if (run.stopped || this.options.signal.aborted) return undefined;
    // One that carries out feeds itself gives turns by itself.
    if (this.drive.transport.run === undefined && this.#isTurnOver()) return undefined;
    const slot = this.#freeSlot();
    const piece = slot && (this.#again.shift() ?? run.take());
    if (slot === undefined || piece === undefined) return undefined;
    this.#free.splice(this.#free.indexOf(slot), 1);
    const blocks = Math.min(piece.blocks, this.#mostBlocks);
    try {
      this.#fit(slot, blocks);
    } catch (error) {
      // Where there is no memory for so many at once, it is done with those that have some.
      if (this.#slots.every(({ data }) => data === undefined)) throw error;
      this.#shortOfMemory = true;
      this.#again.unshift(piece);
      return undefined;
    }
    if (blocks < piece.blocks) {
      this.#again.unshift({ first: piece.first + blocks, blocks: piece.blocks - blocks });
    }
    slot.piece = { first: piece.first, blocks };
    slot.completion = undefined;
    slot.command = this.#command(slot);
    this.#underWay.push(slot);
    return slot.command;
  }

  #freeSlot(): Slot | undefined {
    if (!this.#shortOfMemory) return this.#free.at(-1);
    return this.#free.find(({ data }) => data !== undefined);
  }

  #done(run: Run, command: Command, completion: Completion): void {
    const slot = this.#underWay.find((one) => one.command === command);
    invariant(slot !== undefined, "a completion came for a command that was not under way");
    slot.completion = completion;
    const refused = (completion.status & STATUS_CODE_MASK) !== 0;
    if (refused && !run.handler.goesOn(completion.status)) run.stopped = true;
    while (this.#underWay[0]?.completion !== undefined) {
      const first = this.#underWay.shift();
      if (first) run.hand(() => this.#handOn(run, first));
    }
  }

  async #handOn({ handler }: Run, slot: Slot): Promise<void> {
    const { piece, command, completion, data, metadata } = slot;
    const status = completion?.status ?? 0;
    if ((status & STATUS_CODE_MASK) !== 0) await handler.refused(piece, command, status);
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

/** One call of `read`: what is left to ask for, and what is being handed on. */
class Run {
  /** No more is asked for: a status, or a handler that failed. */
  stopped = false;
  ended = false;
  failure: unknown;
  handed: Promise<void> = Promise.resolve();

  constructor(private readonly pieces: Iterator<Piece>, readonly handler: PieceHandler) {}

  take(): Piece | undefined {
    if (this.ended) return undefined;
    const { done, value } = this.pieces.next();
    if (done === true) this.ended = true;
    return done === true ? undefined : value;
  }

  /** Does something after everything before it, unless that failed. */
  hand(action: () => Promise<void>): void {
    this.handed = this.handed.then(async () => {
      if (this.failure === undefined) await action();
    }).catch((error) => {
      this.failure = error;
      this.stopped = true;
    });
  }
}
