// Opens the port of an NVMe/TCP target and carries bytes between it and the network.

import type { ListenAddress, Socket } from "../drive/face/tcp/socket.ts";
import type { TcpConnection } from "../drive/face/tcp/connection.ts";
import type { TcpTarget } from "../drive/face/tcp/target.ts";
import { type Turn, Turns } from "./turns.ts";

/** How a target is served. */
export interface TcpServeOptions {
  readonly target: TcpTarget;
  /** Default 127.0.0.1: anything else has to be asked for. */
  readonly host?: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Told of what goes wrong with a connection through no fault of its host. */
  readonly failed?: (error: unknown) => void;
}

/** An open port. */
export interface TcpServer extends AsyncDisposable {
  readonly address: ListenAddress;
  /**
   * Closes the port and all connections; settles when all of them are gone, but for hosts that do
   * not take what was sent to them: nothing ends a write that waits for such a one.
   */
  stop(): Promise<void>;
}

/** What depends on time happens at least so often. */
const SETTLE_MS = 100;
/** How long hosts may take for the last that was sent to them, when the target stops. */
const FINISH_MS = 1000;
/** Received at a time: many small commands, or one large transfer in few pieces. */
const RECEIVE_BYTES = 65_536;
/** Answers up to this size are sent in one piece, which the kernel then sends in one packet. */
const COALESCE_BYTES = 65_536;

/**
 * Serves a target.
 *
 * @throws {Deno.errors.AddrInUse} and whatever else opening a port can throw
 */
export function serveTcp({ target, host, port, failed }: TcpServeOptions): TcpServer {
  const listener = Deno.listen({ transport: "tcp", hostname: host ?? "127.0.0.1", port });
  const { hostname, port: opened } = listener.addr;
  const streams = new Set<Promise<void>>();
  const turns = new Turns();
  const timer = setInterval(() => target.settle(), SETTLE_MS);
  const accepting = accept(listener, (stream) => {
    const done = carry(target, stream, turns.join()).catch((error) => failed?.(error)).finally(
      () => {
        streams.delete(done);
      },
    );
    streams.add(done);
  });
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    closeQuietly(listener);
    target.close();
    await accepting;
    const late = Promise.withResolvers<void>();
    const patience = setTimeout(late.resolve, FINISH_MS);
    await Promise.race([Promise.all(streams), late.promise]);
    clearTimeout(patience);
  };
  return { address: { host: hostname, port: opened }, stop, [Symbol.asyncDispose]: stop };
}

async function accept(listener: Deno.TcpListener, take: (stream: Deno.TcpConn) => void) {
  for (;;) {
    try {
      take(await listener.accept());
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) {
        return;
      }
      // Too many open files, or a host that was gone before it was accepted: others may come.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
  }
}

/** One connection, from its first byte to its last. */
async function carry(target: TcpTarget, stream: Deno.TcpConn, turn: Turn): Promise<void> {
  const sender = new Sender(stream, turn);
  const connection = target.accept(sender, {
    peer: describe(stream.remoteAddr),
    local: { host: plain(stream.localAddr.hostname), port: stream.localAddr.port },
  });
  if (!connection) return closeQuietly(stream);
  sender.drained = () => connection.drained();
  try {
    stream.setNoDelay(true);
    await receive(connection, stream, sender, target.limits.stalledMs);
  } catch (error) {
    if (!isLoss(error)) throw error;
  } finally {
    connection.closed();
    await sender.finished();
    closeQuietly(stream);
  }
}

async function receive(
  connection: TcpConnection,
  stream: Deno.TcpConn,
  sender: Sender,
  stalledMs: number,
): Promise<void> {
  const memory = new Uint8Array(RECEIVE_BYTES);
  while (!connection.isOver) {
    if (!connection.hungry) {
      if (!await sender.progress(stalledMs)) return connection.end({ how: "reset" });
      continue;
    }
    const room = connection.room();
    const count = await stream.read(room ?? memory);
    if (count === null || connection.isOver) return;
    if (room) connection.filled(count);
    else connection.receive(memory.subarray(0, count));
    if (sender.turn.isOver(count)) await sender.turn.others();
  }
}

/** Sends in order, as much at a time as has gathered while the last piece was on its way. */
class Sender implements Socket {
  buffered = 0;
  /** Called when everything has been sent. */
  drained: () => void = () => {};
  readonly #stream: Deno.TcpConn;
  #memory = new Uint8Array(0);
  #queue: Uint8Array[] = [];
  #sending: Promise<void> | undefined;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(stream: Deno.TcpConn, readonly turn: Turn) {
    this.#stream = stream;
  }

  write(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#queue.push(chunk);
      this.buffered += chunk.length;
    }
    this.#sending ??= this.#send();
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (!this.#sending) closeQuietly(this.#stream);
  }

  reset(): void {
    this.#closing = true;
    this.#queue = [];
    closeQuietly(this.#stream);
  }

  /** Waits until something was sent; false when nothing was for so long. */
  async progress(ms: number): Promise<boolean> {
    if (this.buffered === 0) return true;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Settles when nothing is being sent any more. */
  async finished(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const next = this.#next();
        for (let sent = 0; sent < next.length;) {
          const count = await this.#stream.write(sent === 0 ? next : next.subarray(sent));
          sent += count;
          if (this.turn.isOver(count)) await this.turn.others();
        }
        this.buffered -= next.length;
        this.#wake?.();
        if (this.#queue.length === 0) this.drained();
      }
    } catch (error) {
      this.#queue = [];
      if (!isLoss(error)) throw error;
    } finally {
      this.#sending = undefined;
      this.#wake?.();
      if (this.#closing) closeQuietly(this.#stream);
    }
  }

  /** What to send next: many small pieces in one, a large one as it is. */
  #next(): Uint8Array {
    const [first] = this.#queue;
    if (first && (first.length >= COALESCE_BYTES || this.#queue.length === 1)) {
      this.#queue.shift();
      return first;
    }
    if (this.#memory.length === 0) this.#memory = new Uint8Array(COALESCE_BYTES);
    let used = 0;
    let taken = 0;
    for (const chunk of this.#queue) {
      if (used + chunk.length > COALESCE_BYTES) break;
      this.#memory.set(chunk, used);
      used += chunk.length;
      taken++;
    }
    this.#queue.splice(0, taken);
    return this.#memory.subarray(0, used);
  }
}

/** Whether an error is nothing but the end of a connection. */
function isLoss(error: unknown): boolean {
  const { ConnectionReset, ConnectionAborted, BrokenPipe, BadResource, Interrupted } = Deno.errors;
  return [ConnectionReset, ConnectionAborted, BrokenPipe, BadResource, Interrupted].some((kind) =>
    error instanceof kind
  );
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function describe({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** An IPv4 address that came through an IPv6 socket, as IPv4. */
function plain(hostname: string): string {
  return hostname.replace(/^::ffff:(?=\d+\.)/i, "");
}
