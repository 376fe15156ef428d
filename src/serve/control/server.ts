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

/** Callers at a time, and bytes that one may leave unread. */
const CALLERS_MAX = 64;
const UNREAD_MAX = 8 * 1024 * 1024;

/** A control socket that listens until it is closed. */
export class ControlServer implements AsyncDisposable {
  readonly #callers = new Set<Caller>();
  readonly #accepting: Promise<void>;

  private constructor(
    readonly path: string,
    private readonly listener: Deno.UnixListener,
    private readonly methods: Methods,
  ) {
    this.#accepting = this.#accept();
  }

  /**
   * Listens. A socket that nobody answers any more is replaced.
   *
   * @throws UnreachableError where somebody else listens, or the place cannot be written
   */
  static async open(path: string, methods: Methods): Promise<ControlServer> {
    await removeStale(path);
    try {
      const listener = Deno.listen({ transport: "unix", path });
      await Deno.chmod(path, 0o600);
      return new ControlServer(path, listener, methods);
    } catch (error) {
      throw new UnreachableError(`Cannot listen on ${path}: ${(error as Error).message}`, {
        next: "choose another place with --control PATH",
        cause: error,
      });
    }
  }

  async #accept(): Promise<void> {
    for await (const connection of this.listener) {
      if (this.#callers.size >= CALLERS_MAX) {
        connection.close();
        continue;
      }
      const caller = new Caller(connection, this.methods);
      this.#callers.add(caller);
      caller.over.finally(() => this.#callers.delete(caller));
    }
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

/** One connection. */
class Caller {
  readonly over: Promise<void>;
  readonly #gone = new AbortController();
  readonly #encoder = new TextEncoder();
  #writing: Promise<void> = Promise.resolve();
  #unread = 0;

  constructor(private readonly connection: Deno.UnixConn, private readonly methods: Methods) {
    this.over = this.#serve();
  }

  close(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort();
    this.connection.close();
  }

  async #serve(): Promise<void> {
    const reader = new LineReader();
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count = await this.connection.read(buffer); count !== null;) {
        for (
          const line of reader.push(decoder.decode(buffer.subarray(0, count), { stream: true }))
        ) {
          this.#answer(line);
        }
        count = await this.connection.read(buffer);
      }
    } catch {
      // A caller that goes away or talks nonsense without end is no concern of the drive's.
    } finally {
      this.close();
    }
  }

  async #answer(line: string): Promise<void> {
    let request: Request | undefined;
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
      this.#write({ id, result });
    } catch (error) {
      this.#write({ id: request?.id ?? 0, error: describeError(error) });
    }
  }

  /** Puts a line behind those that wait; false when too much waits, and the line is left out. */
  #write(response: Response): boolean {
    const bytes = this.#encoder.encode(`${JSON.stringify(response)}\n`);
    if ("item" in response && this.#unread + bytes.length > UNREAD_MAX) return false;
    this.#unread += bytes.length;
    this.#writing = this.#writing.then(async () => {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(await this.connection.write(rest));
      }
    }).catch(() => this.close()).finally(() => this.#unread -= bytes.length);
    return true;
  }
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
