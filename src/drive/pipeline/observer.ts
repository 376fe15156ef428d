// Who watches the commands of a controller: a trace, for instance. Any number may.

import type { Exchange } from "./exchange.ts";

/**
 * Why a command ended without a completion: the controller was reset, its queue or whoever sent it
 * has gone, a plug-in made it vanish.
 */
export type DropReason = "reset" | "abandoned" | "plug-in";

/** Someone who watches commands come and go. Called in the order of the events. */
export interface CommandObserver {
  fetched(exchange: Exchange): void;
  /** Data from the host is there, in `exchange.payload`. */
  received?(exchange: Exchange): void;
  /** Data, `exchange.payload`, is on its way to the host. */
  sent?(exchange: Exchange): void;
  /** It has its result, which is about to be posted. */
  completed(exchange: Exchange): void;
  /**
   * It ends without a completion. One that a plug-in made vanish before writeback can still be
   * reset or aborted: then it is dropped again, or completed after all.
   */
  dropped(exchange: Exchange, reason: DropReason): void;
}

/** Observers who come and go; `all` speaks to everybody, and is undefined while there is nobody. */
export class Observers {
  all: CommandObserver | undefined;
  #members: readonly CommandObserver[] = [];

  /** Adds one; the function that comes back takes it out again. */
  add(observer: CommandObserver): () => void {
    const own = bound(observer);
    this.#change([...this.#members, own]);
    return () => this.#change(this.#members.filter((other) => other !== own));
  }

  #change(members: readonly CommandObserver[]): void {
    this.#members = members;
    this.all = members.length > 1 ? together(members) : members[0];
  }
}

/** The observer under an identity of its own: one that is added twice is told twice. */
function bound(observer: CommandObserver): CommandObserver {
  return {
    fetched: (exchange) => observer.fetched(exchange),
    received: (exchange) => observer.received?.(exchange),
    sent: (exchange) => observer.sent?.(exchange),
    completed: (exchange) => observer.completed(exchange),
    dropped: (exchange, reason) => observer.dropped(exchange, reason),
  };
}

function together(members: readonly CommandObserver[]): CommandObserver {
  return {
    fetched: (exchange) => members.forEach((one) => one.fetched(exchange)),
    received: (exchange) => members.forEach((one) => one.received?.(exchange)),
    sent: (exchange) => members.forEach((one) => one.sent?.(exchange)),
    completed: (exchange) => members.forEach((one) => one.completed(exchange)),
    dropped: (exchange, reason) => members.forEach((one) => one.dropped(exchange, reason)),
  };
}
