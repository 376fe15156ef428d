// What is to be sent: commands that wait for room, feeds, and what has to be there before I/O.

import type { Command, Completion, Feed, Origin, Queue } from "../transport.ts";
import { permissionOf } from "./allow_list.ts";
import type { PolledController } from "./controller.ts";
import type { OwnCommand } from "./entry.ts";
import { type FeedHost, FeedRun } from "./feed_run.ts";
import type { Gate } from "./gate.ts";
import type { Lane, Receiver } from "./lane.ts";
import { Poller } from "./poller.ts";

/** What every drive takes with one command. */
const SMALL_BYTES = 4096;

/** A command by itself: waits for room, and somebody for its promise. */
class Single implements Receiver {
  readonly command: OwnCommand;
  readonly origin: Origin;
  /** Settles with the command. */
  readonly ended: Promise<Completion>;
  readonly #poller: Poller;
  readonly #settle: PromiseWithResolvers<Completion>;

  constructor(command: OwnCommand, origin: Origin, poller: Poller) {
    this.command = command;
    this.origin = origin;
    this.#poller = poller;
    this.#settle = Promise.withResolvers();
    this.ended = this.#settle.promise;
  }

  completed(_command: Command, completion: Completion): void {
    this.#poller.wakes();
    this.#settle.resolve(completion);
  }

  failed(_command: Command, error: unknown): void {
    this.#poller.wakes();
    this.#settle.reject(error);
  }
}

/** Takes commands for a controller and has them polled for, until it is ended. */
export class Intake {
  readonly #controller: PolledController;
  readonly #gate: Gate;
  readonly #poller: Poller;
  readonly #host: FeedHost;
  readonly #waiting: Readonly<Record<Queue, Single[]>> = { admin: [], io: [] };
  #runs: readonly FeedRun[] = [];
  /** What somebody is at, so that nobody else begins with it. */
  #learning: Promise<void> | undefined;
  #creating: Promise<void> | undefined;
  /** Why nothing is taken any more. */
  #closed: { readonly error: unknown } | undefined;
  /** Somebody has the controller for themselves until this settles. */
  #held: Promise<void> | undefined;
  /** Nobody waits for anything any more. */
  #ended = false;
  readonly #end = Promise.withResolvers<never>();

  constructor(controller: PolledController, gate: Gate) {
    this.#controller = controller;
    this.#gate = gate;
    // Often nobody listens.
    this.#end.promise.catch(() => {});
    this.#poller = new Poller(controller, {
      fill: (now) => this.#fill(now),
      busy: () => !this.#ended && !this.idle,
      waiting: () => this.#waiting.admin.length + this.#waiting.io.length,
      lost: (error) => this.end(error),
    });
    this.#host = {
      lane: (command) => this.#lane(command),
      preparation: (command) => this.#preparation(command),
      submit: (command) => this.#submitForFeed(command),
      kick: () => this.#poller.kick(),
      starves: () => this.#poller.wakes(),
    };
  }

  /** Whether nothing is waited for. */
  get idle(): boolean {
    const { admin, io } = this.#waiting;
    return this.#controller.underway === 0 && admin.length === 0 && io.length === 0 &&
      this.#runs.every(({ over }) => over);
  }

  /** Settles when nobody polls. */
  get stopped(): Promise<void> {
    return this.#poller.stopped;
  }

  /** Does something while nobody polls: lets what is under way end first, takes nothing new. */
  async idleFor(work: () => Promise<void>): Promise<void> {
    this.#requireOpen();
    await this.#held;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    try {
      do {
        // Between the commands by which queues are made nothing is under way.
        const { namespaces } = this.#controller;
        await Promise.allSettled([this.#learning, this.#creating, ...namespaces.asking]);
        // Once all is idle the poller stops in the same turn.
        while (!this.idle) await this.stopped;
      } while (this.#isPreparing());
      await this.stopped;
      await work();
    } finally {
      this.#held = undefined;
      resolve();
    }
  }

  #isPreparing(): boolean {
    if (this.#learning !== undefined || this.#creating !== undefined) return true;
    return this.#controller.namespaces.asking.length > 0;
  }

  /** As `PolledDriver.submit`. */
  submit(command: Command): Promise<Completion> {
    const isFree = permissionOf(command) === "free";
    // Nearly always there is nothing to wait for, and each turn of a promise costs time.
    if (isFree && this.#isReady(command)) return this.#enqueue(command, "caller");
    return this.#submitLater(command, isFree);
  }

  /** As `PolledDriver.run`. */
  async run(feed: Feed): Promise<void> {
    this.#requireOpen();
    if (this.#held) await this.#held;
    const run = new FeedRun(feed, this.#host);
    this.#runs = [...this.#runs, run];
    this.#poller.kick();
    try {
      await run.ended;
    } finally {
      this.#runs = this.#runs.filter((other) => other !== run);
    }
  }

  /** Takes nothing any more; what is under way goes on, what waits for room does not. */
  close(error: unknown): void {
    this.#closed ??= { error };
    this.#refuseWaiting(error);
    for (const run of this.#runs) run.fail(error);
    this.#poller.kick();
  }

  /** Whoever waits for anything hears why it has ended; what is under way is not polled for. */
  end(error: unknown): void {
    this.#ended = true;
    this.#closed ??= { error };
    this.#end.reject(error);
    this.#refuseWaiting(error);
    for (const run of this.#runs) run.abandon(error);
    this.#controller.abandon(error);
  }

  /** Whether a command that may be sent can be without anything else before it. */
  #isReady(command: Command): boolean {
    return !this.#closed && !this.#held && !this.#needs(command);
  }

  async #submitLater(command: Command, isFree: boolean): Promise<Completion> {
    this.#requireOpen();
    const admitted = isFree ? command : await this.#admit(command);
    // Whoever decided may have taken longer than it was held up before.
    while (this.#held) await this.#held;
    return await this.#send(admitted, isFree);
  }

  /** For a feed: who waits for its end cannot hold up what it began with. */
  async #submitForFeed(command: Command): Promise<Completion> {
    this.#requireOpen();
    const isFree = permissionOf(command) === "free";
    return await this.#send(isFree ? command : await this.#admit(command), isFree);
  }

  async #send(admitted: Command, isFree: boolean): Promise<Completion> {
    if (this.#needs(admitted)) await this.#prepare(admitted);
    try {
      return await this.#enqueue(admitted, "caller");
    } finally {
      // Whatever was not free may have changed formats, or namespaces themselves.
      if (!isFree && admitted.queue === "admin") this.#controller.namespaces.forget();
    }
  }

  /** Whoever decides may take their time, but nobody waits for them after the end. */
  #admit(command: Command): Promise<Command> {
    return Promise.race([this.#gate.admit(command), this.#end.promise]);
  }

  #requireOpen(): void {
    if (this.#closed) throw this.#closed.error;
  }

  #lane({ queue }: Command): Lane | undefined {
    return queue === "io" ? this.#controller.io : this.#controller.admin;
  }

  /** What has to happen before a command can go; undefined where nothing has to. */
  #preparation(command: Command): Promise<void> | undefined {
    return this.#needs(command) ? this.#prepare(command) : undefined;
  }

  /** Whether its queue, or what is known of its namespace, is not ready for a command yet. */
  #needs({ queue, data, nsid }: Command): boolean {
    const { io, limit, namespaces } = this.#controller;
    if (queue === "io") return io === undefined || !namespaces.knows(nsid);
    return data !== undefined && data.bytes.length > SMALL_BYTES && limit === undefined;
  }

  /**
   * Learns the limits, creates the I/O queues, and asks about the namespace: once each, whoever
   * else needs it meanwhile.
   */
  async #prepare({ queue, nsid = 0 }: Command): Promise<void> {
    const controller = this.#controller;
    const send = (command: OwnCommand) => this.#enqueue(command, "driver");
    if (controller.limit === undefined) {
      this.#learning ??= controller.learn(send).finally(() => this.#learning = undefined);
      await this.#learning;
    }
    if (queue === "admin") return;
    if (controller.io === undefined) {
      this.#creating ??= controller.createIo(send).finally(() => this.#creating = undefined);
      await this.#creating;
    }
    if (!controller.namespaces.knows(nsid)) await controller.namespaces.learn(nsid, send);
  }

  #enqueue(command: OwnCommand, origin: Origin): Promise<Completion> {
    this.#requireOpen();
    const single = new Single(command, origin, this.#poller);
    this.#waiting[command.queue].push(single);
    this.#poller.kick();
    return single.ended;
  }

  /** Posts what there is room for, in one batch for each queue. */
  #fill(now: number): void {
    const { admin, io } = this.#waiting;
    if (admin.length > 0) this.#fillFrom(admin, now);
    if (io.length > 0) this.#fillFrom(io, now);
    for (const run of this.#runs) if (!run.over) run.fill(now);
    this.#controller.ring();
  }

  #fillFrom(queue: Single[], now: number): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const { command } = next;
      const lane = this.#lane(command);
      if (lane !== undefined && !lane.hasRoom) return;
      queue.shift();
      if (lane === undefined || (command.queue === "io" && this.#needs(command))) {
        this.#again(next);
        continue;
      }
      try {
        lane.post(next.command, next, next.origin, now);
      } catch (error) {
        next.failed(next.command, error);
      }
    }
  }

  /** The queue, or what was known of the namespace, was lost before the command was in it. */
  #again(single: Single): void {
    const { command } = single;
    this.#prepare(command).then(() => {
      this.#requireOpen();
      this.#waiting[command.queue].push(single);
      this.#poller.kick();
    }).catch((error: unknown) => single.failed(command, error));
  }

  #refuseWaiting(error: unknown): void {
    const { admin, io } = this.#waiting;
    for (const single of [...admin.splice(0), ...io.splice(0)]) {
      single.failed(single.command, error);
    }
  }
}
