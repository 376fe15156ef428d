// What is to be sent: commands that wait for room, feeds, and what has to be there before I/O.

import type { Command, Completion, Feed, Queue } from "../transport.ts";
import { permissionOf } from "./allow_list.ts";
import type { PolledController } from "./controller.ts";
import type { OwnCommand } from "./entry.ts";
import { type FeedHost, FeedRun } from "./feed_run.ts";
import type { Gate, Origin } from "./gate.ts";
import type { Lane, Receiver } from "./lane.ts";
import { Poller } from "./poller.ts";

/** What every drive takes with one command. */
const SMALL_BYTES = 4096;

/** A command that waits for room. */
interface Waiting {
  readonly command: OwnCommand;
  readonly receiver: Receiver;
  readonly origin: Origin;
}

/** Takes commands for a controller and has them polled for, until it is ended. */
export class Intake {
  readonly #controller: PolledController;
  readonly #gate: Gate;
  readonly #poller: Poller;
  readonly #host: FeedHost;
  readonly #waiting: Readonly<Record<Queue, Waiting[]>> = { admin: [], io: [] };
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
      lost: (error) => this.end(error),
    });
    this.#host = {
      lane: (command) => this.#lane(command),
      preparation: (command) => this.#preparation(command),
      restricted: (command) => permissionOf(command) !== "free",
      submit: (command) => this.submit(command),
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
      // Once all is idle the poller stops in the same turn.
      while (!this.idle) await this.stopped;
      await this.stopped;
      await work();
    } finally {
      this.#held = undefined;
      resolve();
    }
  }

  /** As `PolledDriver.submit`. */
  async submit(command: Command): Promise<Completion> {
    this.#requireOpen();
    if (this.#held) await this.#held;
    const admitted = permissionOf(command) === "free" ? command : await this.#admit(command);
    await this.#preparation(admitted);
    return await this.#enqueue(admitted, "caller");
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
  #preparation({ queue, data }: Command): Promise<void> | undefined {
    const { io, limit } = this.#controller;
    if (queue === "io") return io === undefined ? this.#prepare(queue) : undefined;
    const small = data === undefined || data.bytes.length <= SMALL_BYTES;
    return small || limit !== undefined ? undefined : this.#prepare(queue);
  }

  /** Learns the limits, and creates the I/O queues: once, whoever else asks for it meanwhile. */
  async #prepare(queue: Queue): Promise<void> {
    const controller = this.#controller;
    const send = (command: OwnCommand) => this.#enqueue(command, "driver");
    if (controller.limit === undefined) {
      this.#learning ??= controller.learn(send).finally(() => this.#learning = undefined);
      await this.#learning;
    }
    if (queue === "admin" || controller.io !== undefined) return;
    this.#creating ??= controller.createIo(send).finally(() => this.#creating = undefined);
    await this.#creating;
  }

  #enqueue(command: OwnCommand, origin: Origin): Promise<Completion> {
    this.#requireOpen();
    return new Promise((resolve, reject) => {
      const receiver: Receiver = {
        completed: (_, completion) => {
          this.#poller.wakes();
          resolve(completion);
        },
        failed: (_, error) => {
          this.#poller.wakes();
          reject(error);
        },
      };
      this.#waiting[command.queue].push({ command, receiver, origin });
      this.#poller.kick();
    });
  }

  /** Posts what there is room for, in one batch for each queue. */
  #fill(now: number): void {
    const { admin, io } = this.#waiting;
    if (admin.length > 0) this.#fillFrom(admin, now);
    if (io.length > 0) this.#fillFrom(io, now);
    for (const run of this.#runs) if (!run.over) run.fill(now);
    this.#controller.ring();
  }

  #fillFrom(queue: Waiting[], now: number): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const lane = this.#lane(next.command);
      if (lane !== undefined && !lane.hasRoom) return;
      queue.shift();
      if (lane === undefined) {
        this.#again(next);
        continue;
      }
      try {
        lane.post(next.command, next.receiver, next.origin, now);
      } catch (error) {
        next.receiver.failed(next.command, error);
      }
    }
  }

  /** A reset took the queue away before the command was in it. */
  #again(waiting: Waiting): void {
    const { command, receiver } = waiting;
    this.#prepare(command.queue).then(() => {
      this.#requireOpen();
      this.#waiting[command.queue].push(waiting);
      this.#poller.kick();
    }).catch((error: unknown) => receiver.failed(command, error));
  }

  #refuseWaiting(error: unknown): void {
    const { admin, io } = this.#waiting;
    for (const { command, receiver } of [...admin.splice(0), ...io.splice(0)]) {
      receiver.failed(command, error);
    }
  }
}
