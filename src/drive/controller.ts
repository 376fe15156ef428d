// One controller of a virtual drive: its own commands under way, features and events.

import { invariant } from "../errors.ts";
import { resetFeatures } from "./feature/reset.ts";
import { commandTables, isFirst } from "./first_commands.ts";
import type { Machine, Subsystem } from "./machine.ts";
import { forgetEvents } from "./model/events.ts";
import { resetFirmware } from "./model/firmware.ts";
import { exitVerification } from "./model/sanitize.ts";
import { resetSelfTest } from "./model/self_test.ts";
import { settle } from "./model/settle.ts";
import { wakeAt } from "./model/wake.ts";
import { ControllerNamespaces } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Exchange, Port, Submission } from "./pipeline/exchange.ts";
import type { CommandObserver } from "./pipeline/observer.ts";
import type { Handler } from "./pipeline/handler.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import type { ControllerRegisters, ResetKind } from "./registers.ts";
import { hasRest, theRest } from "./rest.ts";
import type { ControllerState, DriveState } from "./state.ts";
import { tellTap } from "./tap/tell.ts";

/**
 * A controller knows no queues: faces bring commands, several faces if need be, and it answers
 * through their ports.
 */
export class VirtualController implements Machine {
  readonly drive: Subsystem;
  readonly controller: ControllerState;
  readonly namespaces: ControllerNamespaces;
  readonly #pipeline: Pipeline;
  readonly #lastCid = new Map<number, number>();
  readonly #queueKeepers = new Set<() => boolean>();
  #registers: ControllerRegisters | undefined;
  #faceCommands: readonly Handler[] = [];
  /** Commands that came while processing was paused, in their order. */
  #waiting: Submission[] = [];

  constructor(drive: Subsystem, controller: ControllerState) {
    this.drive = drive;
    this.controller = controller;
    this.namespaces = new ControllerNamespaces(drive.store, controller.id);
    this.#pipeline = new Pipeline(this, commandTables);
  }

  get personality(): Personality {
    return this.drive.personality;
  }

  get state(): DriveState {
    return this.drive.state;
  }

  get now(): () => number {
    return this.drive.now;
  }

  /** What faces with registers or properties read and write. */
  get registers(): ControllerRegisters {
    return this.#registers ??= theRest().registers(this, (kind) => this.reset(kind));
  }

  get outstanding(): Pipeline {
    return this.#pipeline;
  }

  get hasIoQueues(): boolean {
    return [...this.#queueKeepers].some((hasQueues) => hasQueues());
  }

  /** A face says whether it has I/O queues; the function that comes back ends that. */
  keepsQueues(hasQueues: () => boolean): () => void {
    this.#queueKeepers.add(hasQueues);
    return () => void this.#queueKeepers.delete(hasQueues);
  }

  get faceCommands(): readonly Handler[] {
    return this.#faceCommands;
  }

  /** A face brings admin commands of its own; the function that comes back ends that. */
  brings(commands: readonly Handler[]): () => void {
    this.#faceCommands = [...this.#faceCommands, ...commands];
    return () => {
      this.#faceCommands = this.#faceCommands.filter((command) => !commands.includes(command));
    };
  }

  /** Tells somebody of this controller's commands; the function that comes back ends that. */
  observe(observer: CommandObserver): () => void {
    return this.#pipeline.observers.add(observer);
  }

  /** Starts a command; its port hears how it ends, usually before this returns. */
  submit(submission: Submission): void {
    const { queue, entry } = submission;
    invariant(hasRest() || isFirst({ queue, ...entry }), "a command is loaded before it is sent");
    this.drive.inUse = true;
    // What the face itself asks for, such as a property, is no command to process.
    if (!submission.handler && this.#pausedMs() > 0) this.#wait(submission);
    else this.#pipeline.submit(submission);
  }

  /** A command identifier that no command of the queue is using, for faces without queues. */
  freeCid(sqid: number): number {
    let cid = this.#lastCid.get(sqid) ?? 0;
    do cid = (cid + 1) % 0xffff; while (this.#pipeline.find(sqid, cid));
    this.#lastCid.set(sqid, cid);
    return cid;
  }

  /** Forgets a command that nobody waits for any more. */
  abandon(port: Port): void {
    this.#waiting = this.#waiting.filter((submission) => submission.port !== port);
    this.abandonAll((exchange) => exchange.port === port);
  }

  /** Forgets the commands of which this holds: those of a queue that is gone. */
  abandonAll(which: (exchange: Exchange) => boolean): void {
    this.#pipeline.drop("abandoned", which);
  }

  /**
   * A Controller Level Reset [BASE-2.1 §3.7.2]: outstanding commands are gone, features have their
   * saved values, a short self-test is aborted. An extended one goes on [BASE-2.1 §8.1.7].
   */
  reset(kind: ResetKind = "controller"): void {
    settle(this);
    this.#pipeline.drop("reset");
    for (const { port } of this.#waiting.splice(0)) port.drop();
    resetSelfTest(this);
    const firmwareActivated = resetFirmware(this, kind);
    // Resets by the transport, and of the subsystem, end media verification [BASE-2.1 §8.1.24.3.6].
    if (kind !== "controller") exitVerification(this, true);
    resetFeatures(this, kind === "subsystem" ? "subsystem" : "controller");
    forgetEvents(this);
    this.registers.clear(kind, { firmwareActivated });
    theRest().records.recordReset(this, { firmwareActivated });
    tellTap(this, "nvme:reset:event", "reset", { kind });
  }

  /** How long processing is paused yet (CSTS.PP), for firmware that is being started. */
  #pausedMs(): number {
    return this.drive.timed ? (this.state.processingPausedUntil ?? 0) - this.now() : 0;
  }

  #wait(submission: Submission): void {
    this.#waiting.push(submission);
    if (this.#waiting.length > 1) return;
    wakeAt(this.drive, this.now() + this.#pausedMs(), () => this.#goOn());
  }

  /** Processes what has waited; a longer pause, or one that begins meanwhile, makes it wait on. */
  #goOn(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const paused = this.#pausedMs();
      if (paused > 0) {
        wakeAt(this.drive, this.now() + paused, () => this.#goOn());
        return;
      }
      this.#waiting.shift();
      this.#pipeline.submit(next);
    }
  }
}
