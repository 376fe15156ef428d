// The queues at work: doorbells in, commands to the controller, completions and interrupts out.

import { decodeSubmission, type SubmissionEntry } from "../../../spec/command.ts";
import { CompletionEntry } from "../../../spec/completion.ts";
import { doorbellAt } from "../../../spec/registers.ts";
import { IdentifyController } from "../../../spec/identify/identify_controller.ts";
import type { VirtualController } from "../../controller.ts";
import { identifyController } from "../../identify/controller.ts";
import { EVENTS } from "../../model/event_kinds.ts";
import { raiseControllerEvent } from "../../model/events.ts";
import { wakeAt } from "../../model/wake.ts";
import type { Port, Result } from "../../pipeline/exchange.ts";
import type { Handler } from "../../pipeline/handler.ts";
import { gather, type PointerContext, scatter } from "./data_pointer.ts";
import type { HostMemory } from "./host_memory.ts";
import { queueCommands, type QueueSet } from "./queue_commands.ts";
import { CompletionRing, ENTRY_BYTES, SubmissionRing } from "./rings.ts";
import type { SglSupport } from "./sgl.ts";
import { ShadowDoorbells, type ShadowPlace } from "./shadow_doorbells.ts";

/** What the queues need of the rest of the face. */
export interface EngineContext {
  readonly controller: VirtualController;
  readonly memory: HostMemory;
  /** Whether the drive may reach host memory now. */
  masters(): boolean;
  /** How many interrupt vectors there are, as things are switched. */
  vectors(): number;
  /** A completion queue that wants interrupts has new entries. */
  interrupt(vector: number): void;
  /** Queues have other contents: the pin may be asserted, or not any more. */
  moved(): void;
}

/** Where an admin queue is. */
export interface AdminQueuePlace {
  readonly base: bigint;
  readonly entries: number;
}

const ADMIN = 0;
const LEAST_ENTRIES = 2;
/** Commands that are taken from a queue before it is the next one's turn: 2^4, as RAB says. */
const BURST = 16;
/** A plug-in may want a completion more than once, but not for ever. */
const MOST_COPIES = 1024;
const PAGE_EXPONENT = 12;

/** The queues of a controller in host memory. Nothing that a host does makes this throw. */
export class QueueEngine implements QueueSet {
  readonly submissions = new Map<number, SubmissionRing>();
  readonly completions = new Map<number, CompletionRing>();
  readonly #context: EngineContext;
  readonly #handlers: ReadonlyMap<number, Handler>;
  readonly #shadows: ShadowDoorbells;
  #running = false;
  /** Something was left over because the drive could not go on just then. */
  #stalled = false;
  /** Somebody will call when the pause is over. */
  #waking = false;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#handlers = queueCommands(this);
    this.#shadows = new ShadowDoorbells(context.memory);
  }

  get controller(): VirtualController {
    return this.#context.controller;
  }

  get pageBytes(): number {
    return 2 ** (PAGE_EXPONENT + this.controller.registers.configuration.mps);
  }

  get vectors(): number {
    return this.#context.vectors();
  }

  /** Whether the admin queues are there. */
  get started(): boolean {
    return this.submissions.has(ADMIN);
  }

  /** The commands that the drive has because of its queues. */
  get commands(): readonly Handler[] {
    return [...this.#handlers.values()];
  }

  /** Whether the host has created queues for I/O. */
  get hasIoQueues(): boolean {
    return [...this.submissions.keys(), ...this.completions.keys()].some((qid) => qid !== ADMIN);
  }

  /** Whether a completion queue with interrupts has entries, of a vector that is not masked. */
  wantsInterrupt(mask: number): boolean {
    for (const ring of this.completions.values()) {
      const masked = ring.vector < 32 && (mask >>> ring.vector & 1) === 1;
      if (ring.interrupts && !ring.empty && !masked) return true;
    }
    return false;
  }

  /** The controller was enabled: the admin queues begin. Impossible ones are a fatal error. */
  start(submission: AdminQueuePlace, completion: AdminQueuePlace): void {
    const page = BigInt(this.pageBytes);
    const possible = [submission, completion].every(({ base, entries }) =>
      entries >= LEAST_ENTRIES && base % page === 0n
    );
    if (!possible) this.controller.registers.fail();
    const ring = new CompletionRing({ qid: ADMIN, ...completion }, { vector: 0, interrupts: true });
    this.completions.set(ADMIN, ring);
    this.submissions.set(ADMIN, new SubmissionRing({ qid: ADMIN, ...submission }, ring));
  }

  /** The controller was reset: all queues are gone. */
  clear(): void {
    this.submissions.clear();
    this.completions.clear();
    this.#shadows.stop();
    this.#stalled = false;
  }

  /** A doorbell was rung [PCIE-1.1 §3.1.2]. While the controller is not ready nobody listens. */
  doorbell(offset: number, value: number): void {
    const { personality, registers } = this.controller;
    if (!registers.ready) return;
    const bell = doorbellAt(offset, personality.doorbellStride ?? 0);
    // Between two doorbells is nothing.
    if (!bell) return;
    const ring = bell.queue === "submission"
      ? this.submissions.get(bell.qid)
      : this.completions.get(bell.qid);
    if (!ring) raiseControllerEvent(this.controller, EVENTS.invalidDoorbellRegister);
    else if (this.#shadows.active && bell.qid !== ADMIN) this.#look(ring);
    else if (ring.ring(value & 0xffff)) this.#shadows.write(bell, value & 0xffff);
    else this.#wrongValue(ring);
    if (ring instanceof CompletionRing) this.#flush(ring);
    this.run();
    this.#context.moved();
  }

  /** Doorbells are in memory from now on; they begin with what was rung. */
  shadow(place: ShadowPlace): boolean {
    const { memory } = this.#context;
    const pages = [place.doorbells, place.eventIndexes];
    if (pages.some((page) => !memory.at(page, this.pageBytes))) return false;
    this.#shadows.start(place, this.controller.personality.doorbellStride ?? 0);
    for (const ring of [...this.submissions.values(), ...this.completions.values()]) {
      this.#shadows.write(ring.bell, ring.rung);
      this.#shadows.ask(ring.bell, ring.rung);
    }
    return true;
  }

  /** Goes on with what was left over, if anything was. */
  resume(): void {
    if (!this.#stalled || this.#running) return;
    this.#stalled = false;
    for (const ring of this.completions.values()) this.#flush(ring);
    this.run();
    this.#context.moved();
  }

  /** Takes commands from the queues in turns until there are none left. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      let worked = true;
      while (worked) {
        worked = false;
        for (const ring of [...this.submissions.values()]) {
          for (let count = 0; count < BURST && this.#mayFetch(ring); count++) {
            this.#fetch(ring);
            worked = true;
          }
        }
      }
    } finally {
      this.#running = false;
    }
  }

  /** Takes over what the host wrote to the shadow doorbell of a queue. */
  #look(ring: SubmissionRing | CompletionRing): void {
    if (!this.#shadows.active) return;
    if (!this.#context.masters()) {
      this.#stalled = true;
      return;
    }
    const value = this.#shadows.read(ring.bell);
    if (value === undefined) return this.controller.registers.fail();
    if (value === ring.rung || value === ring.refused || ring.ring(value)) return;
    ring.refused = value;
    this.#wrongValue(ring);
  }

  /** Takes over what the host wrote; wants to hear of it when it writes on, if that is nothing. */
  #await(ring: SubmissionRing | CompletionRing): void {
    const { rung } = ring;
    this.#look(ring);
    if (ring.rung !== rung || !this.#shadows.active || !this.#context.masters()) return;
    this.#shadows.ask(ring.bell, rung);
    // It may have written just before it could know.
    this.#look(ring);
  }

  #wrongValue(ring: SubmissionRing | CompletionRing): void {
    if (ring instanceof SubmissionRing) ring.stopped = true;
    raiseControllerEvent(this.controller, EVENTS.invalidDoorbellValue);
  }

  #mayFetch(ring: SubmissionRing): boolean {
    if (this.submissions.get(ring.place.qid) !== ring || ring.stopped) return false;
    // With nowhere to put completions, commands stay where they are.
    if (ring.completion.waiting.length > 0) return false;
    if (ring.empty) this.#await(ring);
    if (ring.empty || ring.stopped) return false;
    return this.#mayWork();
  }

  #mayWork(): boolean {
    const { registers, state: { processingPausedUntil = 0 }, drive } = this.controller;
    const paused = drive.timed && drive.now() < processingPausedUntil;
    if (registers.ready && this.#context.masters() && !paused) return true;
    this.#stalled = true;
    if (paused && !this.#waking) {
      this.#waking = true;
      wakeAt(drive, processingPausedUntil, () => {
        this.#waking = false;
        this.resume();
      });
    }
    return false;
  }

  #fetch(ring: SubmissionRing): void {
    const { qid, base } = ring.place;
    const address = base + BigInt(ring.head * ENTRY_BYTES.submission);
    const bytes = this.#context.memory.at(address, ENTRY_BYTES.submission);
    // There is no command whose completion could tell.
    if (!bytes) return this.controller.registers.fail();
    const entry = decodeSubmission(new DataView(bytes.buffer, bytes.byteOffset), 0);
    ring.advance();
    const queue = qid === ADMIN ? "admin" : "io";
    const handler = queue === "admin" ? this.#handlers.get(entry.opcode) : undefined;
    this.controller.submit({
      queue,
      sqid: qid,
      entry,
      port: this.#port(ring, entry),
      ...(handler ? { handler } : {}),
    });
  }

  #port(ring: SubmissionRing, entry: SubmissionEntry): Port {
    const { memory } = this.#context;
    const { qid } = ring.place;
    const pageBytes = this.pageBytes;
    const context = (): PointerContext => {
      // A plug-in may have changed where the command points.
      const exchange = this.controller.outstanding.find(qid, entry.cid);
      return {
        memory,
        queue: qid === ADMIN ? "admin" : "io",
        entry: exchange?.port === port ? exchange.entry : entry,
        pageBytes,
        sgl: () => this.#sglSupport(),
      };
    };
    const port: Port = {
      receive: (sizes, deliver) => deliver(gather(context(), sizes)),
      send(payload, sent) {
        scatter(context(), payload);
        sent();
      },
      post: (result) => this.#complete(ring, entry.cid, result),
      phase: (copy) => ring.completion.phaseAfter(copy),
      // Nobody waits for it: the queues are gone, or their host knows.
      drop: () => {},
    };
    return port;
  }

  #sglSupport(): SglSupport {
    return IdentifyController.decode(identifyController(this.controller)).sgls;
  }

  #complete(submission: SubmissionRing, cid: number, result: Result): void {
    if (this.submissions.get(submission.place.qid) !== submission) return;
    const { completion } = submission;
    const copies = Math.max(0, Math.min(MOST_COPIES, result.copies ?? 1));
    for (let copy = 0; copy < copies; copy++) completion.waiting.push({ submission, cid, result });
    this.#flush(completion);
    this.#context.moved();
  }

  /** Posts what waits for room, as far as there is any. */
  #flush(ring: CompletionRing): void {
    let posted = false;
    while (ring.waiting.length > 0) {
      if (ring.full) this.#await(ring);
      if (ring.full) break;
      if (!this.#context.masters()) {
        this.#stalled = true;
        break;
      }
      const address = ring.place.base + BigInt(ring.tail * ENTRY_BYTES.completion);
      const bytes = this.#context.memory.at(address, ENTRY_BYTES.completion);
      if (!bytes) return this.controller.registers.fail();
      const posting = ring.waiting.shift();
      if (!posting) break;
      const { submission, cid, result } = posting;
      CompletionEntry.put(new DataView(bytes.buffer, bytes.byteOffset), 0, {
        dw0: result.dw0 >>> 0,
        dw1: result.dw1 >>> 0,
        sqhd: submission.head,
        sqid: (result.sqid ?? submission.place.qid) & 0xffff,
        cid: (result.cid ?? cid) & 0xffff,
        status: { status: result.status & 0x7fff, phase: ring.phase },
      });
      ring.advance();
      posted = true;
    }
    if (!posted || !ring.interrupts) return;
    // Its pin stays asserted until the host has read.
    this.#await(ring);
    this.#context.interrupt(ring.vector);
  }
}
