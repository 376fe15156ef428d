// A drive one can ask things of: commands with their data, refusals as errors that say what was
// being done, and what never changes remembered.

import type { Command, Completion, Transport } from "../transport/transport.ts";

/**
 * Status code and status code type of the status field; More and Do Not Retry alone say nothing.
 */
const STATUS_CODE_MASK = 0x7ff;

/** What a drive needs to know about the caller's wishes. */
export interface DriveOptions {
  /** The longest that any command may take, where the user set one. */
  readonly timeoutMs?: number | undefined;
  /** Nothing but reads really goes out; the rest is recorded by the layer that set this. */
  readonly dryRun?: boolean;
}

/** A command that expects `length` bytes in answer. */
export interface ReadCommand extends Omit<Command, "data" | "direction"> {
  readonly length: number;
}

/** One controller behind a transport. */
export class Drive implements AsyncDisposable {
  readonly #memory = new Map<string, Promise<unknown>>();

  constructor(readonly transport: Transport, readonly options: DriveOptions = {}) {}

  /** The drive's name for people. */
  get target(): string {
    return this.transport.target;
  }

  /** The namespace that the target names, if it names one. */
  get nsid(): number | undefined {
    return this.transport.nsid;
  }

  /** Sends a command; any status comes back as an answer. */
  submit(command: Command): Promise<Completion> {
    const timeoutMs = limitOf(command, this.options.timeoutMs);
    return this.transport.submit(timeoutMs === undefined ? command : { ...command, timeoutMs });
  }

  /**
   * Sends a command that must succeed. A status that means success with something left to do (a
   * firmware image that waits for a reset) is success; the completion says which.
   * @param purpose what is being done, to follow "Cannot": `read the SMART log`
   * @throws StatusError when the drive refuses
   */
  async execute(command: Command, purpose: string): Promise<Completion> {
    const completion = await this.submit(command);
    if ((completion.status & STATUS_CODE_MASK) !== 0) {
      // The tables of statuses are loaded only for a drive that has something to say.
      const { refusalOf } = await import("./refusal.ts");
      const refused = refusalOf(command, completion.status, purpose);
      if (refused) throw refused;
    }
    return completion;
  }

  /** Sends a command that must succeed and returns the `length` bytes that it brings. */
  async read(command: ReadCommand, purpose: string): Promise<Uint8Array<ArrayBuffer>> {
    const { length, ...rest } = command;
    using data = this.transport.allocate(length);
    await this.execute({ ...rest, direction: "in", data }, purpose);
    return data.bytes.slice();
  }

  /** Computes something once for this drive: Identify data and the like. */
  once<T>(key: string, compute: () => Promise<T>): Promise<T> {
    const known = this.#memory.get(key);
    if (known) return known as Promise<T>;
    const fresh = compute();
    this.#memory.set(key, fresh);
    fresh.catch(() => {
      if (this.#memory.get(key) === fresh) this.#memory.delete(key);
    });
    return fresh;
  }

  /** Forgets what `once` remembered: after a format, nothing of it is sure. */
  forget(): void {
    this.#memory.clear();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.transport[Symbol.asyncDispose]();
  }
}

/**
 * The user's limit, or the command's own. Of a slow command the user can only lengthen it: when the
 * kernel's time is up it resets the drive, in the middle of a format if need be.
 */
function limitOf({ slow, timeoutMs }: Command, wished: number | undefined): number | undefined {
  if (wished === undefined || !slow || timeoutMs === undefined) return wished ?? timeoutMs;
  return Math.max(wished, timeoutMs);
}
