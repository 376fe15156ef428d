// One controller of a virtual drive: its own commands under way, features and events.

import type { Machine, Subsystem } from "./machine.ts";
import { abortSelfTest, SELF_TEST, SELF_TEST_RESULT } from "./model/self_test.ts";
import { settle } from "./model/settle.ts";
import { ControllerNamespaces } from "./namespace.ts";
import type { Personality } from "./personality.ts";
import type { Exchange, Port, Submission } from "./pipeline/exchange.ts";
import { type CommandObserver, Pipeline } from "./pipeline/pipeline.ts";
import type { ControllerState, DriveState } from "./state.ts";
import { COMMAND_TABLES } from "./tables.ts";
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

  constructor(drive: Subsystem, controller: ControllerState) {
    this.drive = drive;
    this.controller = controller;
    this.namespaces = new ControllerNamespaces(drive.store, controller.id);
    this.#pipeline = new Pipeline(this, COMMAND_TABLES);
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

  get outstanding(): Pipeline {
    return this.#pipeline;
  }

  /** Whoever watches this controller's commands. */
  set observer(observer: CommandObserver | undefined) {
    this.#pipeline.observer = observer;
  }

  /** Starts a command; its port hears how it ends, usually before this returns. */
  submit(submission: Submission): void {
    this.#pipeline.submit(submission);
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
    this.abandonAll((exchange) => exchange.port === port);
  }

  /** Forgets the commands of which this holds: those of a queue that is gone. */
  abandonAll(which: (exchange: Exchange) => boolean): void {
    this.#pipeline.drop(which);
  }

  /**
   * A Controller Level Reset [BASE-2.1 §3.7.2]: outstanding commands are gone, features have their
   * saved values, a short self-test is aborted. An extended one goes on [BASE-2.1 §8.1.7].
   */
  reset(): void {
    settle(this);
    this.#pipeline.drop();
    if (this.state.selfTest?.code === SELF_TEST.short) {
      abortSelfTest(this, SELF_TEST_RESULT.abortedByReset);
    }
    const { controller } = this;
    controller.features = { ...controller.savedFeatures };
    controller.timestamp = { value: 0, setAt: this.now(), origin: 0 };
    controller.hostBehavior = {};
    controller.announcedWarnings = 0;
    controller.announcedNamespaces = false;
    controller.maskedEvents = [];
    tellTap(this, "nvme:reset:event", "reset");
  }
}
