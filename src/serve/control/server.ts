// The control socket of a served drive: who can open it can break the drive, so only its owner can.

import { UnreachableError, UsageError } from "../../errors.ts";
import type { JsonObject } from "../../layout/mod.ts";
import {
  describeError,
  LineReader,
  parseRequest,
  type Request,
  type Response,
} from "./protocol.ts";

/** What a method gets beside its parameters. */
export interface Call {
  readonly params: JsonObject;
  /** Sends one item of a stream; false when the caller does not take any more just now. */
  send(item: JsonObject): boolean;
  /** Fires when the caller has gone, or the drive stops. */
  readonly signal: AbortSignal;
}

/** What the drive can be asked, by name. */
export type Methods = Readonly<Record<string, (call: Call) => Promise<JsonObject> | JsonObject>>;

/** Callers at a time, and bytes of a stream that one may leave unread. */
const CALLERS_MAX = 64;
/** Callers that were shut out, and whose sockets stay until they go: they take files, no places. */
const LEFT_MAX = 192;
const UNREAD_MAX = 8 * 1024 * 1024;
/** Characters of requests that a caller may send while it still waits for an answer. */
const AHEAD_MAX = 64 * 1024;
/** How long a caller may take nothing of an answer that waits for it. */
const STALL_MS = 10_000;

/** How a server treats its callers. */
export interface ControlServerOptions {
  /** Milliseconds after which a caller that takes nothing of its answer is shut out. */
  readonly stallMs?: number;
}

/** A control socket that listens until it is closed. */
export class ControlServer implements AsyncDisposable {
  readonly #callers = new Set<Caller>();
  #left = 0;
  readonly #accepting: Promise<void>;

  private constructor(
    readonly path: string,
    private readonly listener: Deno.UnixListener,
    private readonly methods: Methods,
    private readonly stallMs: number,
  ) {
    this.#accepting = this.#accept();
  }

  /**
   * Listens. A socket that nobody answers any more is replaced.
   *
   * @throws UnreachableError where somebody else listens, or the place cannot be written
   */
  static async open(
    path: string,
    methods: Methods,
    { stallMs = STALL_MS }: ControlServerOptions = {},
  ): Promise<ControlServer> {
    await removeStale(path);
    try {
      const listener = Deno.listen({ transport: "unix", path });
      await Deno.chmod(path, 0o600);
      return new ControlServer(path, listener, methods, stallMs);
    } catch (error) {
      throw new UnreachableError(`Cannot listen on ${path}: ${(error as Error).message}`, {
        next: "choose another place with --control PATH",
        cause: error,
      });
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.listener) {
      if (this.#callers.size >= CALLERS_MAX || this.#left >= LEFT_MAX) {
        turnAway(connection);
        continue;
      }
      const caller = new Caller(connection, this.methods, this.stallMs);
      this.#callers.add(caller);
      caller.over.finally(() => this.#gone(caller));
    }
  }

  #gone(caller: Caller): void {
    this.#callers.delete(caller);
    if (!caller.writing) return;
    this.#left++;
    caller.writing.finally(() => this.#left--);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.close();
    for (const caller of this.#callers) caller.close();
    await this.#accepting;
    try {
      await Deno.remove(this.path);
    } catch {
      // Somebody has tidied up already.
    }
  }
}

/** One connection. Its requests are answered one after the other. */
class Caller {
  /** Settles when nothing more is done for it. */
  readonly over: Promise<void>;
  readonly #gone = new AbortController();
  readonly #waiting: string[] = [];
  /** Characters of the requests that wait. */
  #ahead = 0;
  #answering: Promise<void> | undefined;
  /** What waits to be written, behind what is being written. */
  #lines: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #unread = 0;
  /** Bytes that the caller's side has taken so far. */
  #taken = 0;
  #closed = false;

  constructor(
    private readonly connection: Deno.UnixConn,
    private readonly methods: Methods,
    private readonly stallMs: number,
  ) {
    this.over = this.#serve();
  }

  /**
   * What is being written. Closing does not end it: it waits, and keeps the socket open, until the
   * caller reads or goes.
   */
  get writing(): Promise<void> | undefined {
    return this.#writing;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lines = [];
    this.#gone.abort();
    this.connection.close();
  }

  /** Reads on while a request is answered: that is how a caller ends a stream, by going away. */
  async #serve(): Promise<void> {
    const reader = new LineReader();
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count = await this.connection.read(buffer); count !== null;) {
        const text = decoder.decode(buffer.subarray(0, count), { stream: true });
        for (const line of reader.push(text)) {
          this.#waiting.push(line);
          this.#ahead += line.length;
        }
        this.#answering ??= this.#answerAll();
        // Whoever sends far ahead is not read from before it has taken its answers.
        if (this.#ahead > AHEAD_MAX) await this.#answering;
        count = await this.connection.read(buffer);
      }
    } catch (error) {
      // A caller that goes away is no concern of the drive's.
      if (error instanceof UsageError) this.#write({ id: 0, error: describeError(error) });
    } finally {
      this.#gone.abort();
      await this.#answering;
      await this.#drained();
      this.close();
    }
  }

  async #answerAll(): Promise<void> {
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#answer(line);
      await this.#drained();
      this.#ahead -= line.length;
      if (this.#closed) break;
    }
    this.#answering = undefined;
  }

  async #answer(line: string): Promise<void> {
    let request: Request | undefined;
    let answer: Response;
    try {
      request = parseRequest(line);
      const { id, method, params } = request;
      const run = Object.hasOwn(this.methods, method) ? this.methods[method] : undefined;
      if (!run) throw new UsageError(`Cannot ${method}: the drive has no such method`);
      const result = await run({
        params,
        signal: this.#gone.signal,
        send: (item) => this.#write({ id, item }),
      });
      answer = { id, result };
    } catch (error) {
      answer = { id: request?.id ?? 0, error: describeError(error) };
    }
    // Items of a stream that still wait go first.
    await this.#drained();
    this.#write(answer);
  }

  /** Puts a line behind those that wait; false when too much waits, and an item is left out. */
  #write(response: Response): boolean {
    const bytes = new TextEncoder().encode(`${JSON.stringify(response)}\n`);
    if ("item" in response && this.#unread + bytes.length > UNREAD_MAX) return false;
    if (this.#closed) return false;
    this.#unread += bytes.length;
    this.#lines.push(bytes);
    this.#writing ??= this.#send();
    return true;
  }

  async #send(): Promise<void> {
    try {
      for (let rest = this.#lines.shift(); rest; rest = this.#lines.shift()) {
        while (rest.length > 0) {
          const count = await this.connection.write(rest);
          this.#taken += count;
          this.#unread -= count;
          rest = rest.subarray(count);
        }
      }
    } catch {
      this.close();
    } finally {
      this.#writing = undefined;
    }
  }

  /** Waits until all is written; shuts out a caller that takes nothing for too long. */
  async #drained(): Promise<void> {
    while (this.#unread > 0 && !this.#closed) {
      const before = this.#taken;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, this.stallMs);
      await Promise.race([this.#writing ?? Promise.resolve(), late.promise]);
      clearTimeout(timer);
      if (this.#unread > 0 && this.#taken === before) this.close();
    }
  }
}

/** Says why a caller is not let in, and closes. */
async function turnAway(connection: Deno.UnixConn): Promise<void> {
  const error = describeError(
    new UnreachableError(`Cannot take another caller: ${CALLERS_MAX} are connected`, {
      next: "end one of the programs that read traces of this drive",
    }),
  );
  try {
    await connection.write(new TextEncoder().encode(`${JSON.stringify({ id: 0, error })}\n`));
  } catch {
    // It has gone by itself.
  }
  connection.close();
}

/** Removes a socket that was left behind; refuses one that somebody answers. */
async function removeStale(path: string): Promise<void> {
  let stat: Deno.FileInfo;
  try {
    stat = await Deno.lstat(path);
  } catch {
    return;
  }
  if (!stat.isSocket) {
    throw new UsageError(`Cannot make a control socket at ${path}: something else is there`);
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new UnreachableError(`Cannot listen on ${path}: another drive is served there`, {
    next: "choose another place with --control PATH, or end the other drive",
  });
}
