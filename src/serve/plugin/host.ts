// Plug-in files: each runs in a thread of its own without any permission. The drive asks it over
// messages; where a tap needs its answer at once, the drive stands still until it comes, but not
// for long.

import { UsageError } from "../../errors.ts";
import type { Plugin, PluginTaps } from "../../drive/plugin/plugin.ts";
import { findTap } from "../../drive/tap/names.ts";
import type { CommandTap, Decided, TapContext, Verdict } from "../../drive/tap/verdict.ts";
import {
  ANSWER,
  decodeAnswer,
  type FromThread,
  type PlainContext,
  type ToThread,
} from "./messages.ts";

/** How long a plug-in may take. */
export interface Budgets {
  /** For `setup`. */
  readonly setupMs: number;
  /** For a verdict about a command. */
  readonly callMs: number;
  /** For a verdict at a register, media or PDU tap: the drive stands still meanwhile. */
  readonly atOnceMs: number;
}

/** Long enough for a slow machine, short enough for a host that waits. */
export const BUDGETS: Budgets = { setupMs: 5000, callMs: 1000, atOnceMs: 250 };

// A compiled binary holds this module only if it was built with `--include`: nothing imports it.
const THREAD = new URL("./plugin_thread.ts", import.meta.url);

/**
 * A plug-in out of a file's text: JavaScript, or TypeScript where the name ends in `.ts`.
 *
 * @throws UsageError for another kind of file, and for TypeScript that cannot be read
 */
export async function pluginFrom(
  { path, source }: { readonly path: string; readonly source: string },
  budgets: Budgets = BUDGETS,
  thread: URL = THREAD,
): Promise<Plugin> {
  if (/\.m?js$/.test(path)) return new ThreadedPlugin(source, budgets, thread);
  if (/\.m?ts$/.test(path)) {
    const { toJavaScript } = await import("./typescript.ts");
    return new ThreadedPlugin(await toJavaScript(path, source), budgets, thread);
  }
  throw new UsageError(`Cannot load ${path}: a plug-in's file ends in .js or .ts`);
}

class ThreadedPlugin implements Plugin {
  readonly #calls = new Map<number, (message: FromThread) => void>();
  readonly #deferred = new Map<number, CommandTap["complete"]>();
  readonly #timers = new Map<number, () => void>();
  readonly #answer = new SharedArrayBuffer(ANSWER.headerBytes + ANSWER.bytes);
  #thread: Worker | undefined;
  #taps: PluginTaps | undefined;
  #ready = Promise.withResolvers<void>();
  #lastCall = 0;

  constructor(
    private readonly source: string,
    private readonly budgets: Budgets,
    private readonly url: URL,
  ) {}

  async setup(taps: PluginTaps): Promise<void> {
    this.#taps = taps;
    const options = { type: "module", name: "plug-in", deno: { permissions: "none" } };
    // `deno` is an option of Deno's alone, which the types of workers do not know.
    const thread = new Worker(this.url, options as WorkerOptions);
    this.#thread = thread;
    thread.onmessage = ({ data }: MessageEvent<FromThread>) => this.#heard(data);
    thread.onerror = (event) => {
      event.preventDefault();
      this.#ready.reject(new Error(event.message));
      taps.log(`its thread ended: ${event.message}`);
    };
    const seed = Math.floor(taps.random() * 2 ** 32);
    this.#tell({ kind: "load", source: this.source, seed, now: taps.now(), answer: this.#answer });
    const late = setTimeout(
      () => this.#ready.reject(new Error(`setup took more than ${this.budgets.setupMs} ms`)),
      this.budgets.setupMs,
    );
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(late);
    }
  }

  teardown(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    // What it was asked is not waited for any more.
    for (const answer of this.#calls.values()) answer({ kind: "gone" });
    const end = (): void => {
      clearTimeout(late);
      thread.terminate();
    };
    const late = setTimeout(end, this.budgets.atOnceMs);
    thread.onmessage = ({ data }: MessageEvent<FromThread>) => {
      if (data.kind === "gone") end();
    };
    thread.postMessage({ kind: "teardown" } satisfies ToThread);
  }

  #tell(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  #heard(message: FromThread): void {
    switch (message.kind) {
      case "ready":
        return this.#ready.resolve();
      case "failed":
        return this.#ready.reject(new Error(message.message));
      case "attach":
        return this.#attach(message);
      case "detach":
        return this.#taps?.detach(message.tap);
      case "after":
        return this.#after(message.timer, message.ms);
      case "cancel":
        this.#timers.get(message.timer)?.();
        return void this.#timers.delete(message.timer);
      case "complete": {
        const complete = this.#deferred.get(message.call);
        this.#deferred.delete(message.call);
        return complete?.(message.claim ?? undefined);
      }
      case "log":
        return this.#taps?.log(message.message);
      case "verdict":
      case "threw":
        return this.#calls.get(message.call)?.(message);
    }
  }

  #attach({ tap, attachment, options }: Extract<FromThread, { kind: "attach" }>): void {
    const own = { ...options, budgetMs: this.budgets.callMs };
    const kind = findTap(tap)?.kind;
    const ask = (context: TapContext): Verdict | Promise<Verdict> => {
      if (context.kind === "command") return this.#askLater(attachment, context);
      if (kind !== "event") return this.#askAtOnce(attachment, context);
      this.#tell({ kind: "call", call: 0, attachment, context: plain(context), atOnce: false });
      return undefined;
    };
    this.#taps?.attach(tap, ask, own);
  }

  #askLater(attachment: number, context: CommandTap): Promise<Verdict> {
    const call = ++this.#lastCall;
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    this.#calls.set(call, (message) => {
      this.#calls.delete(call);
      if (message.kind === "verdict") {
        if (message.verdict?.kind === "defer") this.#deferred.set(call, context.complete);
        resolve(message.verdict ?? undefined);
      } else if (message.kind === "threw") reject(new Thrown(message.message));
      else resolve(undefined);
    });
    this.#tell({ kind: "call", call, attachment, context: plain(context), atOnce: false });
    return promise;
  }

  #askAtOnce(attachment: number, context: TapContext): Decided | undefined {
    const header = new Int32Array(this.#answer, 0, 2);
    Atomics.store(header, ANSWER.there, 0);
    this.#tell({ kind: "call", call: 0, attachment, context: plain(context), atOnce: true });
    if (Atomics.wait(header, ANSWER.there, 0, this.budgets.atOnceMs) === "timed-out") {
      throw new Thrown(`gave no answer within ${this.budgets.atOnceMs} ms`);
    }
    const bytes = new Uint8Array(this.#answer, ANSWER.headerBytes, header[ANSWER.length]);
    // A decoder takes no shared memory.
    const answer = decodeAnswer(new TextDecoder().decode(bytes.slice()));
    if ("threw" in answer) throw new Thrown(answer.threw);
    return answer.verdict ?? undefined;
  }

  #after(timer: number, ms: number): void {
    const cancel = this.#taps?.after(ms, () => {
      this.#timers.delete(timer);
      this.#tell({ kind: "timer", timer, now: this.#taps?.now() ?? 0 });
    });
    if (cancel) this.#timers.set(timer, cancel);
  }
}

/** What a plug-in threw; its message says it all. */
class Thrown extends Error {
  override name = "plug-in";
}

/** The context without its functions, which cannot cross to another thread. */
function plain(context: TapContext): PlainContext {
  const entries = Object.entries(context).filter(([name]) => name !== "complete");
  // Arrays are often cut from larger ones, which would cross as a whole.
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Uint8Array ? value.slice() : value]),
  ) as unknown as PlainContext;
}
