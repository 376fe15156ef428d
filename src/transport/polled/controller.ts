// A controller that is up, as the driver has it: an admin lane, an I/O lane once it is wanted, and
// what is known of its limits.

import { invariant, UnreachableError } from "../../errors.ts";
import type { Completion, Watch } from "../transport.ts";
import type { Backing } from "./backing.ts";
import { bringUp, type BroughtUp } from "./bring_up.ts";
import { bringUpFirst } from "./bring_up_first.ts";
import { stopBusMaster } from "./command_register.ts";
import { CommandSlots } from "./command_slots.ts";
import type { ControllerRegisters } from "./controller_registers.ts";
import { EntryEncoder, type OwnCommand, type TransferLimit } from "./entry.ts";
import type { Gate } from "./gate.ts";
import { Lane, type Underway } from "./lane.ts";
import { DRIVER_LIMIT, readLimits, type Send, UNKNOWN_LIMIT } from "./limits.ts";
import * as own from "./own_commands.ts";
import { type PollClock, until } from "./poll_clock.ts";
import { prpListBytes } from "./prp.ts";
import { QueuePair } from "./queue_pair.ts";
import { shutDown, type ShutDownOutcome } from "./shut_down.ts";
import { KnownNamespaces } from "./namespaces.ts";
import { nameOf, refused } from "./words.ts";

/** What a controller is brought up with. */
export interface ControllerOptions {
  readonly clock: PollClock;
  readonly signal?: AbortSignal | undefined;
  readonly gate: Gate;
  /** Whose buffers its commands name. */
  readonly owner: object;
  /** Entries that I/O queues have, if the drive can. */
  readonly queueEntries: number;
  readonly hostPageBytes: number;
  /** Sees commands that leave, and registers that are accessed. */
  readonly watch?: Watch | undefined;
}

/** Never given to anybody: without an answer `until` throws. */
const NO_ANSWER: Completion = { status: 0x7fff, result: 0n };
const ADMIN_ENTRIES = 32;
/** The only pair of I/O queues. */
const IO_QUEUE = 1;
/** What the kernel's driver waits, where nobody says. */
const TIMEOUT_MS = { admin: 60_000, io: 30_000 } as const;
/** What activating firmware gets at least, whatever MTFA says. */
const PAUSE_MS = 60_000;
/** Identifiers that are out of use may be all but so many. */
const FEWEST_SLOTS = 1;
/** Commands given up in one queue before a reset frees their memory, of which there is not much. */
const MOST_IN_DOUBT = 4;

/** A controller of which the driver is in charge. */
export class PolledController {
  readonly backing: Backing;
  readonly options: ControllerOptions;
  readonly admin: Lane;
  /** Undefined until it is wanted, and again after a reset. */
  io: Lane | undefined;
  /** Undefined until Identify Controller was read. */
  limit: TransferLimit | undefined;
  /** What is known of the namespaces that I/O went to; nothing after a reset. */
  readonly namespaces: KnownNamespaces;
  readonly #encoder: EntryEncoder;
  #found: BroughtUp;
  /** As it was in the beginning, when everything in memory was laid out. */
  readonly #first: BroughtUp;
  /** It answers; not since a bring-up failed. */
  #up = true;
  #rtd3eUs = 0;
  #activationMs = 0;
  /** Queues that the drive may know of, although creating them failed. */
  #doubtful: Lane[] = [];
  /** Queues whose creation is under way: a command that waits for room may name their memory. */
  #creating: Lane | undefined;
  /** How often the drive has forgotten everything. */
  #resets = 0;

  private constructor(backing: Backing, options: ControllerOptions, found: BroughtUp) {
    const { gate, owner } = options;
    this.backing = backing;
    this.options = options;
    this.#found = this.#first = found;
    this.namespaces = new KnownNamespaces({
      dma: backing.dma,
      owner,
      target: backing.target,
      manySets: () => this.registers.cap.iocss,
    });
    const { namespaces } = this;
    this.#encoder = new EntryEncoder({ gate, owner, pageBytes: found.pageBytes, namespaces });
    this.admin = this.#lane("admin", found.admin, UNKNOWN_LIMIT);
  }

  /** Brings the controller up. Throws as `bringUpFirst`. */
  static async open(backing: Backing, options: ControllerOptions): Promise<PolledController> {
    const found = await bringUpFirst(backing, { ...options, adminEntries: ADMIN_ENTRIES });
    try {
      return new PolledController(backing, options, found);
    } catch (error) {
      const { registers, admin } = found;
      await shutDown(backing, { registers, clock: options.clock, rtd3eUs: 0 });
      admin[Symbol.dispose]();
      throw error;
    }
  }

  get registers(): ControllerRegisters {
    return this.#found.registers;
  }

  get clock(): PollClock {
    return this.options.clock;
  }

  /** Commands under way in all queues. */
  get underway(): number {
    return this.admin.underway + (this.io === undefined ? 0 : this.io.underway);
  }

  /** Takes out what has come; reads no register. Throws as `Lane.poll`. */
  poll(): number {
    const { admin, io } = this;
    const found = admin.underway > 0 ? admin.poll() : 0;
    return io !== undefined && io.underway > 0 ? found + io.poll() : found;
  }

  /** Tells the drive what was posted. */
  ring(): void {
    this.admin.pair.ring();
    this.io?.pair.ring();
  }

  /** A command that has taken too long. */
  expired(now: number): Underway | undefined {
    return this.admin.expired(now) ?? this.io?.expired(now);
  }

  /** How long the drive may pause its processing, in ms: as it says, and a minute at least. */
  get pauseLimitMs(): number {
    return Math.max(PAUSE_MS, this.#activationMs);
  }

  /** No command has taken too long before this time. */
  postpone(until: number): void {
    this.admin.postpone(until);
    this.io?.postpone(until);
  }

  /** What came that nobody asked for. */
  get stray(): string | undefined {
    return this.admin.stray ?? this.io?.stray;
  }

  /** Whether a command can be given up without a lack of identifiers or memory to go on with. */
  canDoubt({ lane: { slots } }: Underway): boolean {
    if (slots.quarantined >= MOST_IN_DOUBT) return false;
    return slots.count - slots.quarantined - 1 >= FEWEST_SLOTS;
  }

  /**
   * Sends a command and polls for it: for when nobody else polls. There must be room for it.
   *
   * @throws {DeadlineError} when it takes too long, or the signal's reason; its identifier and
   * memory are out of use then
   */
  async execute(
    command: OwnCommand,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<Completion> {
    invariant(this.admin.hasRoom, "there is room for a command of the driver itself");
    const answers: Completion[] = [];
    const receiver = {
      completed: (_: unknown, answer: Completion) => void answers.push(answer),
      failed() {},
    };
    this.admin.post(command, receiver, "driver", this.clock.now());
    const { lastCid } = this.admin;
    this.ring();
    try {
      await until(() => this.poll() >= 0 && answers.length > 0, {
        clock: this.clock,
        limitMs,
        signal,
        what: nameOf(command),
      });
    } catch (error) {
      const underway = this.admin.find(lastCid);
      if (underway?.command === command) this.admin.doubt(underway, error);
      throw error;
    }
    return answers[0] ?? NO_ANSWER;
  }

  /** Finds out what the drive can take at once, unless that is known. Throws as `readLimits`. */
  async learn(send: Send): Promise<void> {
    if (this.limit !== undefined) return;
    const { backing: { dma, target }, registers, options: { owner } } = this;
    const smallestPageBytes = 2 ** (12 + registers.cap.mpsmin);
    const limits = await readLimits({ send, dma, owner, target, smallestPageBytes });
    this.limit = this.admin.limit = limits.transfer;
    this.#rtd3eUs = limits.rtd3eUs;
    this.#activationMs = limits.activationMs;
  }

  /** Creates the I/O queues [BASE-2.1 §3.5.1]. The limits must be known. */
  async createIo(send: Send): Promise<void> {
    const { registers, backing, backing: { target }, limit = UNKNOWN_LIMIT } = this;
    const entries = registers.ioEntries(this.options.queueEntries);
    registers.requireDoorbells(IO_QUEUE);
    const asked = await send(own.askForQueues());
    if (asked.status !== 0) throw await refused(target, "ask for I/O queues", asked);
    const { pageBytes } = this.#found;
    const place = { qid: IO_QUEUE, entries, dstrd: registers.dstrd, pageBytes };
    const pair = new QueuePair(backing, place);
    const lane = this.#lane("io", pair, limit);
    // Until it is certain that the drive does not know it, its memory stays.
    this.#doubtful.push(lane);
    this.#creating = lane;
    try {
      await this.#create(lane, send);
    } finally {
      if (this.#creating === lane) this.#creating = undefined;
    }
    this.#doubtful = this.#doubtful.filter((other) => other !== lane);
    this.io = lane;
  }

  async #create(lane: Lane, send: Send): Promise<void> {
    const { backing: { target } } = this;
    const { pair } = lane;
    const resets = this.#resets;
    const completions = await send(own.createCompletionQueue(pair));
    if (completions.status !== 0) {
      this.#discard(lane);
      throw await refused(target, "create the I/O completion queue", completions);
    }
    const submissions = await send(own.createSubmissionQueue(pair));
    if (submissions.status !== 0) {
      const deleted = await send(own.deleteCompletionQueue(pair));
      if (deleted.status === 0) this.#discard(lane);
      throw await refused(target, "create the I/O submission queue", submissions);
    }
    if (this.#resets === resets) return;
    throw new UnreachableError(`Cannot create I/O queues of ${target}: it was reset meanwhile`, {
      next: "run the command again",
    });
  }

  #discard(lane: Lane): void {
    // A reset that came between has done it.
    if (!this.#doubtful.includes(lane)) return;
    this.#doubtful = this.#doubtful.filter((other) => other !== lane);
    lane[Symbol.dispose]();
  }

  /**
   * Resets the controller and brings it up again, with the admin queues alone. Commands are
   * forgotten by `forget()`, after that. Throws as `bringUp`.
   */
  async restart(): Promise<void> {
    this.#up = false;
    const { admin: { pair }, options } = this;
    this.#found = await bringUp(this.backing, {
      ...options,
      adminEntries: pair.entries,
      admin: pair,
    });
    this.#up = true;
    requireSame(this.#found, this.#first);
  }

  /** The drive has forgotten all commands and I/O queues, or cannot reach memory any more. */
  forget(error: unknown): void {
    this.#resets++;
    this.namespaces.forget();
    this.admin.forget(error);
    const { io } = this;
    this.io = undefined;
    io?.forget(error);
    io?.[Symbol.dispose]();
    const over = this.#doubtful.filter((lane) => lane !== this.#creating);
    this.#doubtful = this.#doubtful.filter((lane) => lane === this.#creating);
    for (const lane of over) lane[Symbol.dispose]();
  }

  /** Whoever waits for commands hears this; the commands go on. */
  abandon(error: unknown): void {
    this.admin.abandon(error);
    this.io?.abandon(error);
  }

  /** Takes the controller down in order, as far as it goes along; frees all its memory. */
  async close(limits: CloseLimits): Promise<ShutDownOutcome> {
    const { backing, clock, registers } = this;
    const end = clock.now() + (limits.budgetMs ?? Infinity);
    let outcome: ShutDownOutcome = { clean: false, problem: "the controller was not up any more" };
    if (this.#up) {
      await this.#finish(limits);
      const budgetMs = Math.max(0, end - clock.now());
      const { options: { signal } } = this;
      const rtd3eUs = this.#rtd3eUs;
      outcome = await shutDown(backing, { registers, clock, budgetMs, signal, rtd3eUs });
    } else {
      stopBusMaster(backing);
    }
    this.#creating = undefined;
    this.forget(undefined);
    this.admin[Symbol.dispose]();
    return outcome;
  }

  /** Lets commands end, and deletes the I/O queues: the submission queue first. */
  async #finish({ drainMs, deleteMs }: CloseLimits): Promise<void> {
    const { clock, io, options } = this;
    // One that has fired already is why there is a hurry; one that fires now ends the waiting.
    const signal = options.signal?.aborted ? undefined : options.signal;
    try {
      await until(() => this.poll() >= 0 && this.underway === 0, {
        clock,
        signal,
        limitMs: drainMs,
        what: "commands to end",
      });
      if (io === undefined) return;
      await this.execute(own.deleteSubmissionQueue(io.pair), deleteMs, signal);
      await this.execute(own.deleteCompletionQueue(io.pair), deleteMs, signal);
    } catch {
      // Disabling the controller ends commands and queues too.
    }
  }

  #lane(queue: "admin" | "io", pair: QueuePair, limit: TransferLimit): Lane {
    const { backing: { dma } } = this;
    const most = queue === "admin" ? DRIVER_LIMIT.bytes : limit.bytes;
    const listBytes = prpListBytes(most, this.#found.pageBytes);
    using cleanup = new DisposableStack();
    if (queue === "io") cleanup.use(pair);
    const slots = new CommandSlots(dma, { count: pair.entries - 1, listBytes });
    cleanup.move();
    const timeoutMs = TIMEOUT_MS[queue];
    const { options: { watch } } = this;
    return new Lane({ queue, pair, slots, encoder: this.#encoder, limit, timeoutMs, watch });
  }
}

/** What everything in memory is laid out by must not have changed, as by new firmware. */
function requireSame(now: BroughtUp, first: BroughtUp): void {
  const { pageBytes, registers: { dstrd, target } } = now;
  if (pageBytes === first.pageBytes && dstrd === first.registers.dstrd) return;
  throw new UnreachableError(
    `Cannot go on with ${target}: since its reset it has other pages or doorbells (CAP)`,
    { next: "run the command again, which begins with what it has now" },
  );
}

/** How long closing may take, in ms. */
export interface CloseLimits {
  /** All of it; as long as the drive needs when left out. */
  readonly budgetMs?: number | undefined;
  /** Waiting for commands under way. */
  readonly drainMs: number;
  /** Waiting for a queue to be deleted. */
  readonly deleteMs: number;
}
