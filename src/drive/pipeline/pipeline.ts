// The life of a command: fetch, decode, execute, data, writeback.
//
// The stages share nothing but the Exchange, and the loop in `#advance` is the only place that goes
// from one to the next. That is where taps attach: a tap `nvme:admin:decode` is called there after
// the decode stage of an admin command, with the Exchange, before the next stage runs. Each verdict
// is something the loop can do already: continue is going on; claim sets `refusal` or `outcome` and
// goes to writeback; delay, defer and waiting for data leave the loop and call `#advance` again;
// drop leaves it for good; mutate changes the Exchange. Commands know nothing of it.

import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine, OutstandingCommands } from "../machine.ts";
import { recordError } from "../model/errors.ts";
import { settleEvents } from "../model/events.ts";
import { settle } from "../model/settle.ts";
import { IN_NSID, inDword, Refusal, type RefusalStatus, refuse } from "../refusal.ts";
import { type Exchange, exchangeKey, type Submission } from "./exchange.ts";
import { done, type Handler, type Outcome } from "./handler.ts";
import { statusField } from "./status_field.ts";

/** The commands of a drive, by opcode. */
export interface CommandTables {
  readonly admin: ReadonlyMap<number, Handler>;
  readonly io: ReadonlyMap<number, Handler>;
}

/** The stages by name, in their order. */
export const STAGES = ["fetch", "decode", "execute", "data", "writeback"] as const;

/** Whether the next stage may run now, or is started again by whoever was waited for. */
type Progress = "go on" | "wait";

const WRITEBACK = STAGES.indexOf("writeback");

/** Carries commands through the stages. One per drive: all faces submit to the same one. */
export class Pipeline implements OutstandingCommands {
  readonly #machine: Machine;
  readonly #tables: CommandTables;
  readonly #outstanding = new Map<number, Exchange>();
  /** Asynchronous Event Requests, oldest first. */
  #asyncEvents: readonly Exchange[] = [];

  constructor(machine: Machine, tables: CommandTables) {
    this.#machine = machine;
    this.#tables = tables;
  }

  /** Starts a command. Its port hears of the completion, usually before this returns. */
  submit(submission: Submission): void {
    this.#advance({ ...submission, next: 0, outstanding: false, outcome: done() });
  }

  find(sqid: number, cid: number): Exchange | undefined {
    return this.#outstanding.get(exchangeKey(sqid, cid));
  }

  get asyncEvents(): readonly Exchange[] {
    return this.#asyncEvents;
  }

  finish(exchange: Exchange, outcome: Outcome | RefusalStatus): void {
    if ("kind" in outcome) exchange.outcome = outcome;
    else exchange.refusal = new Refusal(outcome);
    exchange.next = WRITEBACK;
    this.#asyncEvents = this.#asyncEvents.filter((other) => other !== exchange);
    this.#advance(exchange);
  }

  /** Forgets the commands under way, or some of them; they do not complete any more. */
  drop(which: (exchange: Exchange) => boolean = () => true): void {
    for (const [key, exchange] of [...this.#outstanding].filter(([, other]) => which(other))) {
      this.#outstanding.delete(key);
      this.#asyncEvents = this.#asyncEvents.filter((other) => other !== exchange);
      exchange.outstanding = false;
      exchange.port.drop();
    }
  }

  #advance(exchange: Exchange): void {
    while (exchange.next < STAGES.length) {
      const stage = exchange.next++;
      let progress: Progress = "go on";
      try {
        progress = this.#run(stage, exchange);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        exchange.refusal = error;
        exchange.next = WRITEBACK;
      }
      if (progress === "wait") return;
    }
  }

  #run(stage: number, exchange: Exchange): Progress {
    switch (STAGES[stage]) {
      case "fetch":
        return this.#fetch(exchange);
      case "decode":
        return this.#decode(exchange);
      case "execute":
        return this.#execute(exchange);
      case "data":
        return this.#data(exchange);
      default:
        return this.#writeback(exchange);
    }
  }

  #fetch(exchange: Exchange): Progress {
    settle(this.#machine);
    const key = exchangeKey(exchange.sqid, exchange.entry.cid);
    if (this.#outstanding.has(key)) refuse(GENERIC.commandIdConflict, { location: 0x02 });
    this.#outstanding.set(key, exchange);
    exchange.outstanding = true;
    return "go on";
  }

  #decode(exchange: Exchange): Progress {
    const { queue, entry } = exchange;
    const handler = this.#tables[queue].get(entry.opcode);
    if (!handler || handler.supported?.(this.#machine.personality) === false) {
      refuse(GENERIC.invalidOpcode, { location: inDword(0) });
    }
    // FUSES is zero: no fused pair is supported.
    if (entry.flags.fuse !== 0) refuse(GENERIC.invalidField, { location: inDword(0, 8) });
    exchange.handler = handler;
    checkNsid(this.#machine, exchange, handler);
    return "go on";
  }

  #execute(exchange: Exchange): Progress {
    if (exchange.handler) exchange.outcome = exchange.handler.execute(this.#machine, exchange);
    return "go on";
  }

  #data(exchange: Exchange): Progress {
    const { outcome, port } = exchange;
    switch (outcome.kind) {
      case "send":
        return this.#waitFor(exchange, (sent) => port.send(outcome.payload, sent));
      case "receive":
        return this.#waitFor(exchange, (received) =>
          port.receive(outcome.sizes, (payload) => {
            // It may have gone away while its data was on the way.
            if (!exchange.outstanding) return;
            this.#attempt(exchange, () => exchange.outcome = outcome.apply(payload));
            received();
          }));
      case "pending":
        this.#asyncEvents = [...this.#asyncEvents, exchange];
        return "wait";
      default:
        return "go on";
    }
  }

  #writeback(exchange: Exchange): Progress {
    const { refusal, outcome, entry, queue, sqid, port } = exchange;
    if (exchange.outstanding) this.#outstanding.delete(exchangeKey(sqid, entry.cid));
    exchange.outstanding = false;
    if (refusal) {
      const status = statusField(refusal.status);
      recordError(this.#machine, exchange, { status, blame: refusal.blame });
      port.post({ status, dw0: 0, dw1: 0 });
    } else {
      const dw0 = outcome.kind === "done" || outcome.kind === "send" ? outcome.dw0 : 0;
      port.post({ status: 0, dw0, dw1: outcome.kind === "done" ? outcome.dw1 : 0 });
    }
    // What an admin command changed may be an event that a host waits for.
    if (queue === "admin") settleEvents(this.#machine);
    return "go on";
  }

  /** Starts a transfer; the command goes on at once, or when the transfer says that it is over. */
  #waitFor(exchange: Exchange, start: (over: () => void) => void): Progress {
    let progress: Progress = "wait";
    let started = false;
    start(() => {
      progress = "go on";
      if (started && exchange.outstanding) this.#advance(exchange);
    });
    started = true;
    return progress;
  }

  #attempt(exchange: Exchange, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      exchange.refusal = error;
    }
  }
}

/** The rules of the namespace identifier that hold for all commands [BASE-2.1 §4.1, Fig. 92]. */
function checkNsid({ namespaces }: Machine, exchange: Exchange, { nsid: rule }: Handler): void {
  const { nsid } = exchange.entry;
  if (rule === "own") return;
  const kind = namespaces.kindOf(nsid);
  if (rule === "unused") {
    if (kind !== "zero") refuse(GENERIC.invalidField, { location: IN_NSID });
    return;
  }
  if (kind === "broadcast" && rule === "active-or-all") return;
  if (kind === "zero" || kind === "invalid") {
    refuse(GENERIC.invalidNamespace, { location: IN_NSID });
  }
  const namespace = namespaces.find(nsid);
  if (kind !== "active" || !namespace) refuse(GENERIC.invalidField, { location: IN_NSID });
  exchange.namespace = namespace;
}
