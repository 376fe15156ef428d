// The other end of a control socket: what `nvmectl drive inject` and its like speak through.

import type { Control } from "../../cli/drive_service.ts";
import { UnreachableError } from "../../errors.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { errorFrom, LineReader, parseResponse, type Response } from "./protocol.ts";

/** Connects to a served drive; UnreachableError where nobody answers. */
export async function connectControl(path: string): Promise<Control> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch (error) {
    throw new UnreachableError(`Cannot reach a drive at ${path}: ${(error as Error).message}`, {
      next: "nvmectl drive serve starts one and says where its control socket is",
      cause: error,
    });
  }
  return new Client(path, connection);
}

class Client implements Control {
  /** Who waits for which answer; the next line is not read before they have taken this one. */
  readonly #waiting = new Map<number, (response: Response) => void | Promise<void>>();
  readonly #lost = Promise.withResolvers<never>();
  #closed = false;
  #lastId = 0;

  constructor(readonly path: string, private readonly connection: Deno.UnixConn) {
    // Nobody may be waiting when the other side goes away.
    this.#lost.promise.catch(() => {});
    this.#listen();
  }

  async call(method: string, params: JsonObject = {}): Promise<JsonObject> {
    const answer = Promise.withResolvers<JsonObject>();
    await this.#ask(method, params, (response) => {
      if ("error" in response) answer.reject(errorFrom(response.error));
      else if ("result" in response) answer.resolve(response.result);
    });
    return await Promise.race([answer.promise, this.#lost.promise]);
  }

  async stream(
    method: string,
    params: JsonObject,
    { signal, item }: { readonly signal: AbortSignal; item(item: JsonObject): Promise<void> },
  ): Promise<void> {
    const over = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => over.resolve(), { once: true });
    await this.#ask(method, params, (response) => {
      if ("error" in response) over.reject(errorFrom(response.error));
      else if ("result" in response) over.resolve();
      else return item(response.item).catch(over.reject);
    });
    await Promise.race([over.promise, this.#lost.promise]);
  }

  async #ask(
    method: string,
    params: JsonObject,
    listen: (response: Response) => void | Promise<void>,
  ): Promise<void> {
    const id = ++this.#lastId;
    this.#waiting.set(id, listen);
    const bytes = new TextEncoder().encode(`${JSON.stringify({ id, method, params })}\n`);
    try {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray(await this.connection.write(rest));
      }
    } catch {
      // The drive has ended the connection; why is what can still be read.
      await this.#lost.promise;
    }
  }

  async #listen(): Promise<void> {
    const lines = new LineReader();
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let count = await this.connection.read(buffer); count !== null;) {
        const text = decoder.decode(buffer.subarray(0, count), { stream: true });
        for (const response of lines.push(text).map(parseResponse)) {
          const listen = this.#waiting.get(response.id);
          // An error that answers no request is why the drive ends the connection.
          if (!listen && "error" in response) throw errorFrom(response.error);
          await listen?.(response);
        }
        count = await this.connection.read(buffer);
      }
      throw new Error("it has ended");
    } catch (error) {
      const reason = (error as Error).message;
      this.#lost.reject(new UnreachableError(`Cannot reach the drive at ${this.path}: ${reason}`));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.connection.close();
    this.#closed = true;
    return Promise.resolve();
  }
}
