// A feed that is being carried out: as many of its commands under way as the queue has room for.

import { SafetyError } from "../../errors.ts";
import { type Command, type Completion, type Feed, isLostCommand } from "../transport.ts";
import type { Lane, Receiver } from "./lane.ts";

/** What a feed needs of the driver. */
export interface FeedHost {
  /** The lane of a command. */
  lane(command: Command): Lane | undefined;
  /** What has to happen before the command can be posted; undefined where nothing has to. */
  preparation(command: Command): Promise<void> | undefined;
  /** Carries one command out as if it had not come from a feed: it may have to be allowed. */
  submit(command: Command): Promise<Completion>;
  /** Something can go on that could not before. */
  kick(): void;
  /** Somebody should get a turn, for the feed has less to give than has ended. */
  starves(): void;
}

/** One feed. Its commands go without a promise and without an allocation for each. */
export class FeedRun implements Receiver {
  /** Settles when the feed has ended, one way or another. */
  readonly ended: Promise<void>;
  readonly #feed: Feed;
  readonly #host: FeedHost;
  readonly #settle: PromiseWithResolvers<void>;
  /** A command that was taken and cannot go yet. */
  #held: Command | undefined;
  /** Something has to happen first. */
  #blocked = false;
  #underway = 0;
  /** How many were under way when there was no more to post. */
  #level = 0;
  #failure: { readonly error: unknown } | undefined;
  #over = false;

  constructor(feed: Feed, host: FeedHost) {
    this.#feed = feed;
    this.#host = host;
    this.#settle = Promise.withResolvers();
    this.ended = this.#settle.promise;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Posts as many commands as can be, without ringing. */
  fill(now: number): void {
    while (this.#failure === undefined && !this.#blocked) {
      const command = this.#held ?? this.#next();
      if (command === undefined) break;
      if (!this.#post(command, now)) {
        this.#held = command;
        break;
      }
      if (this.#held !== undefined) this.#held = undefined;
    }
    if (this.#underway < this.#level && this.#held === undefined) this.#host.starves();
    this.#level = this.#underway;
    if (this.#underway > 0 || this.#blocked || this.#over) return;
    if (this.#failure === undefined && this.#held !== undefined) return;
    this.#end();
  }

  completed(command: Command, completion: Completion): void {
    this.#underway--;
    this.#tell(command, completion);
  }

  failed(command: Command, error: unknown): void {
    this.#underway--;
    if (this.#feed.lost === undefined || !isLostCommand(error)) return this.fail(error);
    if (this.#failure !== undefined) return;
    try {
      this.#feed.lost(command, error);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** No more commands are taken; it ends with this error when those under way have ended. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** It ends with this error now, whatever is under way. */
  abandon(error: unknown): void {
    this.fail(error);
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#failure) this.#settle.reject(this.#failure.error);
    else this.#settle.resolve();
  }

  #next(): Command | undefined {
    try {
      return this.#feed.next();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #tell(command: Command, completion: Completion): void {
    if (this.#failure !== undefined) return;
    try {
      this.#feed.done(command, completion);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether the command is on its way; false where it has to wait. */
  #post(command: Command, now: number): boolean {
    const host = this.#host;
    const preparation = host.preparation(command);
    if (preparation !== undefined) {
      this.#wait(preparation);
      return false;
    }
    const lane = host.lane(command);
    if (lane === undefined || !lane.hasRoom) return false;
    try {
      lane.post(command, this, "caller", now);
    } catch (error) {
      // The gate looks at each command once, on its way into the queue; others go by a promise.
      if (error instanceof SafetyError) this.#ask(command);
      else this.fail(error);
      return false;
    }
    this.#underway++;
    return true;
  }

  /** Has a command carried out that must be allowed first. */
  #ask(command: Command): void {
    this.#wait(
      this.#host.submit(command).then((completion) => {
        this.#held = undefined;
        this.#tell(command, completion);
      }),
    );
  }

  #wait(event: Promise<void>): void {
    this.#blocked = true;
    event.catch((error: unknown) => this.fail(error)).finally(() => {
      this.#blocked = false;
      this.#host.kick();
    });
  }
}
