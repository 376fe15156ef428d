// The thread of one plug-in file: it has no permissions, no console, and only the taps to talk to.
// Loaded by host.ts; nothing imports it by name.

import { matchTaps } from "../../drive/tap/names.ts";
import { LogLimit } from "../../drive/plugin/log_limit.ts";
import { nextRandom } from "../../drive/random.ts";
import { describeThrown, isThenable } from "../../drive/tap/describe.ts";
import type { Claim, Decided } from "../../drive/tap/verdict.ts";
import { guardedCall, guardTimers } from "./guarded_call.ts";
import { ANSWER, type Answer, encodeAnswer, type ToThread } from "./messages.ts";
import { closeThread } from "./thread_scope.ts";

/** What a plug-in can have of each: attachments, timers that run. */
const MOST = 1000;
/** Messages of a plug-in that cross to the drive in each second. */
const MOST_MESSAGES = 100;
const LEFT_OUT_MS = 500;
/** Beyond what the drive waits, for it to be the one who says that it got no answer. */
const GRACE_MS = 500;

const { post, listen } = closeThread();
type Callback = (context: unknown) => unknown;

const callbacks = new Map<number, { readonly tap: string; readonly callback: Callback }>();
const timers = new Map<number, () => void>();
let last = 0;
let clock = 0;
let answer: SharedArrayBuffer | undefined;
let longestMs = { setup: 0, call: 0 };
let module: { setup?: unknown; teardown?: unknown } = {};
const randomState = { random: 0 };

const limit = new LogLimit(MOST_MESSAGES);
// The plug-in can exchange what is global; these it cannot.
const { performance, setTimeout } = globalThis;
const elapsed = performance.now.bind(performance);
guardTimers(() => longestMs.call);
let leftOutSoon = false;

function say(...words: readonly unknown[]): void {
  if (limit.passes(elapsed())) {
    const text = words.map((word) => typeof word === "string" ? word : describeThrown(word));
    return post({ kind: "log", message: text.join(" ").slice(0, 2000) });
  }
  if (leftOutSoon) return;
  leftOutSoon = true;
  setTimeout(() => {
    leftOutSoon = false;
    post({ kind: "leftOut", count: limit.takeLeftOut() });
  }, LEFT_OUT_MS);
}

// What a plug-in prints must not get into the drive's own output.
for (const [name, method] of Object.entries(console)) {
  if (typeof method === "function") Object.assign(console, { [name]: say });
}

// What the plug-in does not catch ends it, not the program.
addEventListener("error", (event) => {
  event.preventDefault();
  post({ kind: "broken", message: describeThrown(event.error ?? event.message) });
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  post({ kind: "broken", message: describeThrown(event.reason) });
});

const taps = {
  attach(pattern: string, callback: Callback, options: { priority?: number; data?: boolean } = {}) {
    if (typeof callback !== "function") throw new TypeError("attach() needs a function");
    const found = matchTaps(String(pattern));
    if (found.length === 0) throw new RangeError(`there is no tap ${pattern}`);
    if (callbacks.size + found.length > MOST) {
      throw new RangeError(`a plug-in can have ${MOST} attachments, and has ${callbacks.size}`);
    }
    const { priority, data } = options;
    for (const { name } of found) {
      const attachment = ++last;
      callbacks.set(attachment, { tap: name, callback });
      post({
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
      post({ kind: "detach", tap: name });
    }
  },
  random: () => nextRandom(randomState),
  now: () => clock,
  after(ms: number, action: () => void) {
    if (typeof action !== "function") throw new TypeError("after() needs a function");
    if (timers.size >= MOST) throw new RangeError(`a plug-in can have ${MOST} timers at a time`);
    const timer = ++last;
    timers.set(timer, action);
    post({ kind: "after", timer, ms: Number(ms) });
    return () => {
      if (timers.delete(timer)) post({ kind: "cancel", timer });
    };
  },
  log: say,
};

listen((data) => {
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
      return action && guardedCall(action, longestMs.call);
    }
    case "teardown":
      try {
        const { teardown } = module;
        if (typeof teardown === "function") guardedCall(() => teardown(), longestMs.call);
      } catch (error) {
        say(`teardown threw ${describeThrown(error)}`);
      }
      return post({ kind: "gone" });
  }
});

async function load(message: Extract<ToThread, { kind: "load" }>): Promise<void> {
  answer = message.answer;
  clock = message.now;
  randomState.random = message.seed;
  const { setupMs, callMs } = message;
  longestMs = { setup: setupMs + GRACE_MS, call: callMs + GRACE_MS };
  try {
    const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(message.source)}`;
    const loaded = await import(url);
    module = typeof loaded.setup === "function" ? loaded : loaded.default ?? {};
    const { setup } = module;
    if (typeof setup !== "function") throw new TypeError("it exports no function setup");
    await guardedCall(() => setup(taps), longestMs.setup);
    post({ kind: "ready" });
  } catch (error) {
    post({ kind: "failed", message: describeThrown(error) });
  }
}

async function answerLater({ call, attachment, context }: Extract<ToThread, { kind: "call" }>) {
  try {
    const complete = (claim?: Claim): void =>
      post({ kind: "complete", call, claim: claim ?? null });
    const callback = callbacks.get(attachment)?.callback;
    const verdict = await (callback &&
      guardedCall(() => callback({ ...context, complete }), longestMs.call));
    post({ kind: "verdict", call, verdict: (verdict ?? null) as Decided | null });
  } catch (error) {
    post({ kind: "threw", call, message: describeThrown(error) });
  }
}

function answerAtOnce({ attachment, context }: Extract<ToThread, { kind: "call" }>): void {
  let given: Answer;
  try {
    const callback = callbacks.get(attachment)?.callback;
    const verdict = callback && guardedCall(() => callback(context), longestMs.call);
    given = isThenable(verdict)
      ? { threw: "promised an answer where one is needed at once" }
      : { verdict: (verdict ?? null) as Decided | null };
  } catch (error) {
    given = { threw: describeThrown(error) };
  }
  if (!answer) return;
  let text: string;
  try {
    text = encodeAnswer(given);
  } catch (error) {
    text = encodeAnswer({ threw: `gave an answer that cannot be read: ${describeThrown(error)}` });
  }
  let bytes = new TextEncoder().encode(text);
  if (bytes.length > ANSWER.bytes) {
    bytes = new TextEncoder().encode(encodeAnswer({ threw: "gave an answer that is too long" }));
  }
  new Uint8Array(answer, ANSWER.headerBytes).set(bytes);
  const header = new Int32Array(answer, 0, 2);
  Atomics.store(header, ANSWER.length, bytes.length);
  Atomics.store(header, ANSWER.there, 1);
  Atomics.notify(header, ANSWER.there);
}
