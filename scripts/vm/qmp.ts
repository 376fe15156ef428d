// Speaks QMP, QEMU's control protocol: commands, their answers, and events.

/** An event of QEMU, for example SHUTDOWN or DEVICE_DELETED. */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** QEMU refused a command. */
export class QmpError extends Error {
  override readonly name = "QmpError";
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Waiter {
  readonly matches: (event: QmpEvent) => boolean;
  readonly resolve: (event: QmpEvent) => void;
  readonly reject: (error: Error) => void;
}

/** One connection; it ends when QEMU ends. */
export class Qmp {
  /** All events so far, oldest first. */
  readonly events: QmpEvent[] = [];
  readonly #pending = new Map<number, Pending>();
  readonly #waiters = new Set<Waiter>();
  readonly #connection: Deno.Conn;
  #nextId = 1;
  #ended = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
    void this.#receive();
  }

  /** Runs a command and returns what it returns. @throws {QmpError} when QEMU refuses it */
  async execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#ended) throw new QmpError(`Cannot execute ${command}: QEMU has ended`);
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) =>
      this.#pending.set(id, {
        resolve,
        reject: ({ message }) => reject(new QmpError(`Cannot execute ${command}: ${message}`)),
      })
    );
    const line = JSON.stringify({ execute: command, arguments: args, id });
    await writeAll(this.#connection, new TextEncoder().encode(`${line}\n`));
    return await answer;
  }

  /**
   * The next event that `matches`; what came before this call does not count.
   * @throws {QmpError} when none comes in time, or QEMU ends
   */
  nextEvent(matches: (event: QmpEvent) => boolean, timeoutMs: number): Promise<QmpEvent> {
    if (this.#ended) {
      return Promise.reject(new QmpError("Cannot wait for an event: QEMU has ended"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<QmpEvent>();
    const waiter = { matches, resolve, reject };
    this.#waiters.add(waiter);
    const timer = setTimeout(
      () => reject(new QmpError(`Cannot wait for an event: none came in ${timeoutMs} ms`)),
      timeoutMs,
    );
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    });
  }

  /** Ends the connection, not QEMU. */
  close(): void {
    if (!this.#ended) this.#end();
  }

  async #receive(): Promise<void> {
    try {
      const lines = this.#connection.readable.pipeThrough(new TextDecoderStream());
      let text = "";
      for await (const chunk of lines) {
        const parts = (text + chunk).split("\n");
        text = parts.pop() ?? "";
        for (const line of parts) if (line.trim() !== "") this.#take(JSON.parse(line));
      }
    } catch {
      // A reset connection is QEMU's end too.
    }
    if (!this.#ended) this.#end();
  }

  #take(message: Readonly<Record<string, unknown>>): void {
    if (typeof message.event === "string") {
      const data = (message.data ?? {}) as Readonly<Record<string, unknown>>;
      const event = { event: message.event, data };
      this.events.push(event);
      for (const waiter of this.#waiters) if (waiter.matches(event)) waiter.resolve(event);
      return;
    }
    const id = Number(message.id);
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if ("return" in message) return pending.resolve(message.return);
    const { desc } = (message.error ?? {}) as { readonly desc?: string };
    pending.reject(new QmpError(desc ?? "no reason given"));
  }

  #end(): void {
    this.#ended = true;
    const error = new QmpError("QEMU has ended");
    for (const { reject } of [...this.#pending.values(), ...this.#waiters]) reject(error);
    this.#pending.clear();
    try {
      this.#connection.close();
    } catch {
      // Reading its end has already closed it.
    }
  }
}

/** Writes all of `bytes`. */
export async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let next = 0; next < bytes.length;) next += await to.write(bytes.subarray(next));
}
