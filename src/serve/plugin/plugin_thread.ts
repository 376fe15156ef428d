// The thread of one plug-in file: it has no permissions, no console, and only the taps to talk to.
// Loaded by host.ts; nothing imports it by name.

import { matchTaps } from "../../drive/tap/names.ts";
import { nextRandom } from "../../drive/random.ts";
import type { Claim, Decided } from "../../drive/tap/verdict.ts";
import { ANSWER, type Answer, encodeAnswer, type FromThread, type ToThread } from "./messages.ts";

/** What a Worker's global object has beyond a program's. */
interface ThreadScope {
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
  postMessage(message: FromThread): void;
}

const thread = self as unknown as ThreadScope;
type Callback = (context: unknown) => unknown;

const callbacks = new Map<number, { readonly tap: string; readonly callback: Callback }>();
const timers = new Map<number, () => void>();
let last = 0;
let clock = 0;
let answer: SharedArrayBuffer | undefined;
let module: { setup?: unknown; teardown?: unknown } = {};
const randomState = { random: 0 };

const say = (...words: readonly unknown[]): void =>
  thread.postMessage({ kind: "log", message: words.map(String).join(" ").slice(0, 2000) });
// What a plug-in prints must not get into the drive's own output.
Object.assign(console, { log: say, info: say, warn: say, error: say, debug: say });

const taps = {
  attach(pattern: string, callback: Callback, options: { priority?: number; data?: boolean } = {}) {
    if (typeof callback !== "function") throw new TypeError("attach() needs a function");
    const found = matchTaps(String(pattern));
    if (found.length === 0) throw new RangeError(`there is no tap ${pattern}`);
    const { priority, data } = options;
    for (const { name } of found) {
      const attachment = ++last;
      callbacks.set(attachment, { tap: name, callback });
      thread.postMessage({
        kind: "attach",
        attachment,
        tap: name,
        options: {
          ...(priority === undefined ? {} : { priority: Number(priority) }),
          ...(data === undefined ? {} : { data: Boolean(data) }),
        },
      });
    }
  },
  detach(pattern: string) {
    for (const { name } of matchTaps(String(pattern))) {
      for (const [key, { tap }] of callbacks) if (tap === name) callbacks.delete(key);
      thread.postMessage({ kind: "detach", tap: name });
    }
  },
  random: () => nextRandom(randomState),
  now: () => clock,
  after(ms: number, action: () => void) {
    const timer = ++last;
    timers.set(timer, action);
    thread.postMessage({ kind: "after", timer, ms: Number(ms) });
    return () => {
      if (timers.delete(timer)) thread.postMessage({ kind: "cancel", timer });
    };
  },
  log: say,
};

thread.onmessage = ({ data }) => {
  switch (data.kind) {
    case "load":
      return void load(data);
    case "call":
      clock = data.context.now;
      return data.atOnce ? answerAtOnce(data) : void answerLater(data);
    case "timer": {
      clock = data.now;
      const action = timers.get(data.timer);
      timers.delete(data.timer);
      return action?.();
    }
    case "teardown":
      if (typeof module.teardown === "function") module.teardown();
      return thread.postMessage({ kind: "gone" });
  }
};

async function load(message: Extract<ToThread, { kind: "load" }>): Promise<void> {
  answer = message.answer;
  clock = message.now;
  randomState.random = message.seed;
  try {
    const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(message.source)}`;
    const loaded = await import(url);
    module = typeof loaded.setup === "function" ? loaded : loaded.default ?? {};
    if (typeof module.setup !== "function") throw new TypeError("it exports no function setup");
    await module.setup(taps);
    thread.postMessage({ kind: "ready" });
  } catch (error) {
    thread.postMessage({ kind: "failed", message: words(error) });
  }
}

async function answerLater({ call, attachment, context }: Extract<ToThread, { kind: "call" }>) {
  try {
    const complete = (claim?: Claim): void =>
      thread.postMessage({ kind: "complete", call, claim: claim ?? null });
    const verdict = await callbacks.get(attachment)?.callback({ ...context, complete });
    thread.postMessage({ kind: "verdict", call, verdict: (verdict ?? null) as Decided | null });
  } catch (error) {
    thread.postMessage({ kind: "threw", call, message: words(error) });
  }
}

function answerAtOnce({ attachment, context }: Extract<ToThread, { kind: "call" }>): void {
  let given: Answer;
  try {
    const verdict = callbacks.get(attachment)?.callback(context);
    given = verdict instanceof Promise
      ? { threw: "promised an answer where one is needed at once" }
      : { verdict: (verdict ?? null) as Decided | null };
  } catch (error) {
    given = { threw: words(error) };
  }
  if (!answer) return;
  let bytes = new TextEncoder().encode(encodeAnswer(given));
  if (bytes.length > ANSWER.bytes) {
    bytes = new TextEncoder().encode(encodeAnswer({ threw: "gave an answer that is too long" }));
  }
  new Uint8Array(answer, ANSWER.headerBytes).set(bytes);
  const header = new Int32Array(answer, 0, 2);
  Atomics.store(header, ANSWER.length, bytes.length);
  Atomics.store(header, ANSWER.there, 1);
  Atomics.notify(header, ANSWER.there);
}

function words(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
