// The polled driver: commands in, completions out, whatever the drive does.

import { UnreachableError } from "../../errors.ts";
import type {
  Command,
  Completion,
  DataBuffer,
  Feed,
  RegisterAccess,
  ResetKind,
  Watch,
} from "../transport.ts";
import type { Backing } from "./backing.ts";
import { allocateBuffer } from "./buffers.ts";
import { type CloseLimits, PolledController } from "./controller.ts";
import { type Authorize, Gate } from "./gate.ts";
import { Intake } from "./intake.ts";
import { type PollClock, until } from "./poll_clock.ts";
import { registerAccess } from "./register_access.ts";
import type { ShutDownOutcome } from "./shut_down.ts";
import { resetSubsystem } from "./subsystem_reset.ts";

/** How a drive is driven. */
export interface PolledDriverOptions {
  readonly clock: PollClock;
  /** Ends the work: whoever waits hears its reason at once. `close()` still cleans up. */
  readonly signal?: AbortSignal | undefined;
  /** Entries of the I/O queues, if the drive can; 64 when left out. */
  readonly queueEntries?: number | undefined;
  /** Decides about commands that are no reads; all are refused when left out. */
  readonly authorize?: Authorize | undefined;
  /** The page size of this machine. */
  readonly hostPageBytes: number;
  /** Sees commands that leave, and registers that are accessed. */
  readonly watch?: Watch | undefined;
}

const QUEUE_ENTRIES = 64;
/** Closing after an interrupt; all of it takes no longer than a second. */
const HURRIED: CloseLimits = { budgetMs: 1000, drainMs: 200, deleteMs: 100 };
const UNHURRIED: CloseLimits = { drainMs: 2000, deleteMs: 2000 };

/** A drive in the hands of this process. */
export class PolledDriver {
  readonly #controller: PolledController;
  readonly #options: PolledDriverOptions;
  readonly #intake: Intake;
  #closing: Promise<ShutDownOutcome> | undefined;
  readonly #interrupted = (): void => this.#intake.end(this.#options.signal?.reason);

  private constructor(controller: PolledController, gate: Gate, options: PolledDriverOptions) {
    this.#controller = controller;
    this.#options = options;
    this.#intake = new Intake(controller, gate);
    options.signal?.addEventListener("abort", this.#interrupted);
    if (options.signal?.aborted) this.#interrupted();
  }

  /**
   * Brings the drive's controller up. The backing stays the caller's if that fails, and is closed
   * by `close()` otherwise. Buffers are those of `allocateBuffer` with the backing as their owner.
   *
   * @throws {DeadlineError} where the controller does not get ready in the time that it asks for
   * @throws {UnreachableError} where it is gone, or reports a fatal error
   */
  static async open(backing: Backing, options: PolledDriverOptions): Promise<PolledDriver> {
    const { clock, signal, queueEntries = QUEUE_ENTRIES, authorize, hostPageBytes, watch } =
      options;
    const gate = new Gate(authorize);
    const settings = { clock, signal, gate, owner: backing, queueEntries, hostPageBytes, watch };
    return new PolledDriver(await PolledController.open(backing, settings), gate, options);
  }

  /** Zeroed memory for a command's data. */
  allocate(length: number): DataBuffer {
    const { backing } = this.#controller;
    return allocateBuffer(backing.dma, length, backing);
  }

  /**
   * Sends a command and waits for its completion, whatever its status.
   *
   * @throws {SafetyError} for one that is no read and was not allowed; nothing was sent then
   * @throws {UnsupportedError} for more data than the drive takes with one command
   * @throws {DeadlineError} naming what ended a command that took too long
   * @throws {UnreachableError} where the drive was reset under it, is gone, or given up
   */
  submit(command: Command): Promise<Completion> {
    return this.#intake.submit(command);
  }

  /**
   * Carries out a feed, as many of its commands at a time as the queue has room for. What ends a
   * command ends the feed. Of several feeds the first is served first. Throws as `submit`.
   */
  run(feed: Feed): Promise<void> {
    return this.#intake.run(feed);
  }

  /**
   * Resets the controller or the NVM subsystem, and brings the controller up again. Commands under
   * way are lost, and told so. Nothing may be submitted meanwhile.
   *
   * @throws {UnsupportedError} where the drive has no NVM Subsystem Reset
   * @throws {UnreachableError} where the controller does not come up again
   */
  async reset(kind: ResetKind): Promise<void> {
    const { target } = this.#controller.backing;
    const lost = `Cannot tell whether ${target} carried the command out: it was reset`;
    await this.#intake.idleFor(async () => {
      if (kind === "subsystem") await resetSubsystem(this.#controller);
      await this.#controller.restart();
      this.#controller.forget(new UnreachableError(lost));
    });
  }

  /** The controller's registers as they are. */
  registers(): RegisterAccess {
    return registerAccess(this.#controller.backing.bar0);
  }

  /**
   * Lets commands under way end, shuts the controller down, and closes the backing. After an
   * interrupt that takes a second at most. Says how it went; nothing that the drive does makes it
   * throw.
   */
  close(): Promise<ShutDownOutcome> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<ShutDownOutcome> {
    const { backing } = this.#controller;
    const { signal } = this.#options;
    const closed = new UnreachableError(`Cannot use ${backing.target} any more: it was closed`);
    if (!signal?.aborted) await this.#drain(closed);
    this.#intake.end(closed);
    await this.#intake.stopped;
    try {
      return await this.#controller.close(signal?.aborted ? HURRIED : UNHURRIED);
    } finally {
      signal?.removeEventListener("abort", this.#interrupted);
      backing.close();
    }
  }

  /** Takes nothing any more, and gives what is under way some time. */
  async #drain(closed: UnreachableError): Promise<void> {
    const { clock, signal } = this.#options;
    this.#intake.close(closed);
    const wait = { clock, signal, limitMs: UNHURRIED.drainMs, what: "commands to end" };
    // What has not ended by then hears so.
    await until(() => this.#intake.idle, wait).catch(() => {});
  }
}
