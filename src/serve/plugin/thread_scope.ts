// What is taken from a plug-in's thread before the plug-in comes: whatever leads out of it past
// the taps. Permissions keep it from files and sockets; this keeps it from the program's output,
// from speaking to the drive in its own words, and from threads of its own.

import { Worker as NodeWorker } from "node:worker_threads";
import type { FromThread, ToThread } from "./messages.ts";

/** What a Worker's global object has beyond a program's. */
interface ThreadScope {
  postMessage(message: FromThread): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToThread>) => void): void;
}

/** The way to the drive. */
export interface Line {
  post(message: FromThread): void;
  /** Told what the drive says. */
  listen(heard: (message: ToThread) => void): void;
}

const GONE = ["Deno", "postMessage", "onmessage", "close", "Worker", "process", "BroadcastChannel"];

/** Closes the thread; the line is the only way left. */
export function closeThread(): Line {
  const scope = self as unknown as ThreadScope;
  const post = scope.postMessage.bind(scope);
  const listen = scope.addEventListener.bind(scope);
  // These are the thread's own copies of the program's; node:process and node:fs write to them.
  for (const stream of [Deno.stdin, Deno.stdout, Deno.stderr]) stream.close();
  // A module's class stays reachable; without its base class nothing can be made of it.
  Object.setPrototypeOf(NodeWorker, Refused);
  Object.freeze(NodeWorker);
  for (const name of GONE) Reflect.deleteProperty(globalThis, name);
  return {
    post,
    listen: (heard) =>
      listen("message", (event) => {
        // Nor is a plug-in to see what the drive says, or to say it instead of the drive.
        event.stopImmediatePropagation();
        if (event.isTrusted !== false) heard(event.data);
      }),
  };
}

class Refused {
  constructor() {
    throw new TypeError("a plug-in has no threads of its own");
  }
}
