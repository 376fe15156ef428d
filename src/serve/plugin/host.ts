// Plug-in files: each runs in a thread of its own without any permission. The drive asks it over
// messages; where a tap needs its answer at once, the drive stands still until it comes, but not
// for long.

import { UsageError } from "../../errors.ts";
import type { Plugin, PluginControl, PluginTaps } from "../../drive/plugin/plugin.ts";
import { describeThrown } from "../../drive/tap/describe.ts";
import { findTap } from "../../drive/tap/names.ts";
import type { CommandTap, EventTap, TapContext, Verdict } from "../../drive/tap/verdict.ts";
import { formatBinaryBytes } from "../../layout/mod.ts";
import { MemoryWatch } from "./memory_watch.ts";
import {
  ANSWER,
  decodeAnswer,
  type FromThread,
  isFromThread,
  type PlainContext,
  type ToThread,
} from "./messages.ts";

/** How long a plug-in may take, and how much. */
export interface Budgets {
  /** For `setup`. */
  readonly setupMs: number;
  /** For a verdict about a command. */
  readonly callMs: number;
  /** For a verdict at a register, media or PDU tap: the drive stands still meanwhile. */
  readonly atOnceMs: number;
  /** Of memory, all plug-ins of the process together. */
  readonly memoryBytes: number;
}

/** Long enough for a slow machine, short enough for a host that waits. */
export const BUDGETS: Budgets = {
  setupMs: 5000,
  callMs: 1000,
  atOnceMs: 250,
  memoryBytes: 512 * 2 ** 20,
};

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
  #watch: MemoryWatch | undefined;
  #taps: PluginTaps | undefined;
  #control: PluginControl | undefined;
  #ready = Promise.withResolvers<void>();
  #isReady = false;
  #lastCall = 0;

  constructor(
    private readonly source: string,
    private readonly budgets: Budgets,
    private readonly url: URL,
  ) {}

  async setup(taps: PluginTaps, control?: PluginControl): Promise<void> {
    this.#taps = taps;
    this.#control = control;
    const options = { type: "module", name: "plug-in", deno: { permissions: "none" } };
    // `deno` is an option of Deno's alone, which the types of workers do not know.
    const thread = new Worker(this.url, options as WorkerOptions);
    this.#thread = thread;
    this.#watch = new MemoryWatch((bytes) => {
      thread.terminate();
      const limit = formatBinaryBytes(bytes);
      this.#broken(`or another plug-in took more than ${limit} of memory`);
    }, this.budgets.memoryBytes);
    thread.onmessage = ({ data }: MessageEvent<unknown>) => this.#heard(data);
    thread.onerror = (event) => {
      event.preventDefault();
      this.#broken(`ended its thread: ${event.message}`);
    };
    const seed = Math.floor(taps.random() * 2 ** 32);
    const { source, budgets: { setupMs, callMs } } = this;
    const answer = this.#answer;
    this.#tell({ kind: "load", source, seed, now: taps.now(), setupMs, callMs, answer });
    const late = setTimeout(
      () => this.#ready.reject(new Error(`setup took more than ${setupMs} ms`)),
      setupMs,
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
    this.#watch?.[Symbol.dispose]();
    if (!thread) return;
    // What it was asked is not waited for any more.
    for (const answer of [...this.#calls.values()]) answer({ kind: "gone" });
    const end = (): void => {
      clearTimeout(late);
      thread.terminate();
    };
    const late = setTimeout(end, this.budgets.atOnceMs);
    thread.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isFromThread(data) && data.kind === "gone") end();
    };
    thread.onerror = (event) => event.preventDefault();
    thread.postMessage({ kind: "teardown" } satisfies ToThread);
    // What it put off goes the way it would have gone.
    const deferred = [...this.#deferred.values()];
    this.#deferred.clear();
    for (const complete of deferred) complete();
  }

  #tell(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  /** Whatever the thread says, it does not get further than to its own end. */
  #heard(message: unknown): void {
    if (!isFromThread(message)) return this.#broken("sent a message that is none");
    try {
      this.#obey(message);
    } catch (error) {
      this.#broken(`sent ${message.kind}: ${describeThrown(error)}`);
    }
  }

  /** Ends it: while it is loaded by refusing it, later by taking it out. */
  #broken(message: string): void {
    this.#ready.reject(new Error(`it ${message}`));
    if (this.#isReady) this.#control?.fail(message);
  }

  #obey(message: FromThread): void {
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
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
      case "leftOut":
        return this.#control?.leftOut(message.count);
      case "broken":
        return this.#broken(`threw ${message.message}, and did not catch it`);
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
      return context.kind === "event" ? this.#announce(attachment, context) : undefined;
    };
    this.#taps?.attach(tap, ask, own);
  }

  /** Nothing is to be decided at an event, but a thread that hangs is found out by it. */
  #announce(attachment: number, context: EventTap): void {
    const call = ++this.#lastCall;
    const { callMs } = this.budgets;
    const where = `at ${context.tap}`;
    const cancel = this.#taps?.after(callMs, () => {
      this.#calls.delete(call);
      this.#broken(`gave no answer within ${callMs} ms ${where}`);
    });
    this.#calls.set(call, (message) => {
      this.#calls.delete(call);
      cancel?.();
      if (message.kind === "threw") this.#broken(`threw ${message.message} ${where}`);
    });
    this.#tell({ kind: "call", call, attachment, context: plain(context), atOnce: false });
  }

  #askLater(attachment: number, context: CommandTap): Verdict | Promise<Verdict> {
    if (!this.#thread) return undefined;
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

  #askAtOnce(attachment: number, context: TapContext): Verdict {
    if (!this.#thread) return undefined;
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
