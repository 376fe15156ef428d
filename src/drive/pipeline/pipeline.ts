// The life of a command: fetch, decode, execute, data, writeback.
//
// The stages share nothing but the Exchange, and `#advance` is the only place that goes from one to
// the next. Behind each stage stands its tap (`nvme:io:decode`): whoever is attached there is asked
// before the command goes on, also when the stage refused the command. Commands know nothing of it.

import { NvmectlError } from "../../errors.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine, OutstandingCommands } from "../machine.ts";
import { StorageFailure } from "../media/block_store.ts";
import { checkAna } from "../model/ana.ts";
import { recordError } from "../model/errors.ts";
import { settleAllEvents, settleEvents } from "../model/events.ts";
import { settle } from "../model/settle.ts";
import { IN_NSID, inDword, Refusal, type RefusalStatus, refuse } from "../refusal.ts";
import { hasRest, theRest } from "../rest.ts";
import { type Exchange, exchangeKey, type Submission } from "./exchange.ts";
import { done, type Handler, type Outcome } from "./handler.ts";
import { type DropReason, Observers } from "./observer.ts";
import { checkRestrictions } from "./restrictions.ts";
import { type Stage, tapOf } from "./stage.ts";
import { statusField } from "./status_field.ts";
import type { TapStop } from "./tap_stop.ts";

/** The commands of a drive, by opcode. */
export interface CommandTables {
  readonly admin: ReadonlyMap<number, Handler>;
  readonly io: ReadonlyMap<number, Handler>;
}

/** Admin commands that change nothing that a drive remembers without power. */
const READING: ReadonlySet<number> = new Set(
  [
    ADMIN_COMMANDS.getLogPage,
    ADMIN_COMMANDS.identify,
    ADMIN_COMMANDS.abort,
    ADMIN_COMMANDS.getFeatures,
    ADMIN_COMMANDS.asyncEventRequest,
    ADMIN_COMMANDS.keepAlive,
    // Connections and controller registers are gone with the power.
    ADMIN_COMMANDS.fabrics,
  ].map(({ opcode }) => opcode),
);

/** Whether the next stage may run now, or is started again by whoever was waited for. */
type Progress = "go on" | "wait";

/** Carries commands through the stages. One per controller: all faces submit to the same one. */
export class Pipeline implements OutstandingCommands {
  readonly observers = new Observers();
  readonly #machine: Machine;
  readonly #tables: () => CommandTables;
  #taps: TapStop | undefined;
  readonly #outstanding = new Map<number, Exchange>();
  /** Asynchronous Event Requests, oldest first. */
  #asyncEvents: readonly Exchange[] = [];

  constructor(machine: Machine, tables: () => CommandTables) {
    this.#machine = machine;
    this.#tables = tables;
  }

  /** Starts a command. Its port hears of the completion, usually before this returns. */
  submit(submission: Submission): void {
    this.#advance({ ...submission, next: "fetch", outstanding: false, outcome: done() });
  }

  find(sqid: number, cid: number): Exchange | undefined {
    return this.#outstanding.get(exchangeKey(sqid, cid));
  }

  count(which: (exchange: Exchange) => boolean): number {
    return [...this.#outstanding.values()].filter(which).length;
  }

  get asyncEvents(): readonly Exchange[] {
    return this.#asyncEvents;
  }

  finish(exchange: Exchange, outcome: Outcome | RefusalStatus): void {
    if ("kind" in outcome) exchange.outcome = outcome;
    else exchange.refusal = new Refusal(outcome);
    delete exchange.held;
    exchange.next = "writeback";
    this.#asyncEvents = this.#asyncEvents.filter((other) => other !== exchange);
    this.#advance(exchange);
  }

  /** Forgets the commands under way, or some of them; they do not complete any more. */
  drop(reason: DropReason, which: (exchange: Exchange) => boolean = () => true): void {
    for (const [key, exchange] of [...this.#outstanding].filter(([, other]) => which(other))) {
      this.#outstanding.delete(key);
      this.#asyncEvents = this.#asyncEvents.filter((other) => other !== exchange);
      exchange.outstanding = false;
      exchange.next = "over";
      // One that reset the controller goes on to its end.
      if (!exchange.port.survives) this.observers.all?.dropped(exchange, reason);
      exchange.port.drop();
    }
  }

  #advance(exchange: Exchange): void {
    while (exchange.next !== "over") {
      if (this.#step(exchange) === "wait") return;
    }
  }

  /** Runs one stage and asks its tap. */
  #step(exchange: Exchange): Progress {
    switch (exchange.next) {
      case "fetch":
        this.#attempt(exchange, () => this.#fetch(exchange));
        return this.#tapped(exchange, "fetch", exchange.refusal ? "writeback" : "decode");
      case "decode":
        this.#attempt(exchange, () => this.#decode(exchange));
        return this.#tapped(exchange, "decode", exchange.refusal ? "writeback" : "execute");
      case "execute":
        this.#attempt(exchange, () => this.#execute(exchange));
        return this.#tapped(exchange, "execute", exchange.refusal ? "writeback" : "data");
      case "data":
        return this.#data(exchange);
      case "transfer":
        return this.#transfer(exchange);
      case "writeback":
        this.#writeback(exchange);
        return this.#tapped(exchange, "writeback", "post");
      default:
        this.#post(exchange);
        return "go on";
    }
  }

  /** Asks whoever is attached behind a stage; without anybody this is one property read. */
  #tapped(exchange: Exchange, stage: Stage, next: Exchange["next"]): Progress {
    exchange.next = next;
    const attachments = this.#machine.drive.taps.armed[tapOf(exchange, stage)];
    if (!attachments) return "go on";
    this.#taps ??= theRest().tapStop(this.#machine);
    const progress = this.#taps.ask(exchange, attachments, {
      resume: () => {
        delete exchange.held;
        this.#advance(exchange);
      },
      received: () => this.observers.all?.received?.(exchange),
      lose: (writeback) => this.#lose(exchange, writeback),
    });
    if (progress === "wait") exchange.held = true;
    return progress;
  }

  #fetch(exchange: Exchange): void {
    settle(this.#machine);
    const key = exchangeKey(exchange.sqid, exchange.entry.cid);
    this.observers.all?.fetched(exchange);
    if (this.#outstanding.has(key)) refuse(GENERIC.commandIdConflict, { location: 0x02 });
    this.#outstanding.set(key, exchange);
    exchange.outstanding = true;
  }

  #decode(exchange: Exchange): void {
    const { queue, entry } = exchange;
    if (exchange.port.fault) throw exchange.port.fault;
    const handler = exchange.handler ?? this.#tables()[queue].get(entry.opcode);
    if (!handler || handler.supported?.(this.#machine.personality) === false) {
      refuse(GENERIC.invalidOpcode, { location: inDword(0) });
    }
    // FUSES is zero: no fused pair is supported.
    if (entry.flags.fuse !== 0) refuse(GENERIC.invalidField, { location: inDword(0, 8) });
    exchange.handler = handler;
    checkRestrictions(this.#machine, exchange);
    checkNsid(this.#machine, exchange, handler);
    checkAna(this.#machine, exchange);
  }

  #execute(exchange: Exchange): void {
    if (!exchange.handler) return;
    exchange.outcome = exchange.handler.execute(this.#machine, exchange);
    if (exchange.port.overrun) checkRoom(exchange, exchange.port.overrun);
  }

  /** Gets the data that there is to move; the tap sees it before it is used or sent. */
  #data(exchange: Exchange): Progress {
    const { outcome, port } = exchange;
    switch (outcome.kind) {
      case "send":
        exchange.payload = outcome.payload;
        return this.#tapped(exchange, "data", "transfer");
      case "receive": {
        exchange.next = "transfer";
        const { sizes } = outcome;
        const wanted = exchange.prefetched ? { data: 0, metadata: sizes.metadata } : sizes;
        if (exchange.prefetched && sizes.metadata === 0) {
          return this.#tapped(exchange, "data", "transfer");
        }
        return this.#waitFor(exchange, (received) =>
          port.receive(wanted, (payload) => {
            // It may have gone away while its data was on the way.
            if (!exchange.outstanding) return;
            const data = exchange.prefetched ? exchange.payload?.data : undefined;
            exchange.payload = data ? { ...payload, data } : payload;
            this.observers.all?.received?.(exchange);
            received();
          }), "data");
      }
      case "pending":
        exchange.next = "writeback";
        if (outcome.waitsFor === "event") {
          this.#asyncEvents = [...this.#asyncEvents, exchange];
          // There may be something to tell already, which completes the command at once.
          settleEvents(this.#machine);
        }
        return "wait";
      default:
        exchange.next = "writeback";
        return "go on";
    }
  }

  /** Uses what has come from the host, or sends what is for it. */
  #transfer(exchange: Exchange): Progress {
    const { outcome, port, payload } = exchange;
    exchange.next = "writeback";
    if (!payload) return "go on";
    if (outcome.kind === "send") {
      return this.#waitFor(exchange, (over) =>
        port.send(payload, () => {
          this.observers.all?.sent?.(exchange);
          over();
        }));
    }
    if (outcome.kind === "receive") {
      this.#attempt(exchange, () => exchange.outcome = outcome.apply(fitted(payload, outcome)));
    }
    return "go on";
  }

  #writeback(exchange: Exchange): void {
    const { refusal, outcome } = exchange;
    if (exchange.result) {
      recordError(this.#machine, exchange, { status: exchange.result.status, blame: {} });
    } else if (refusal) {
      const { dw0 = 0, unlogged = false } = refusal.blame;
      const status = statusField(refusal.status, unlogged);
      recordError(this.#machine, exchange, { status, blame: refusal.blame });
      exchange.result = { status, dw0, dw1: 0 };
    } else {
      const dw0 = outcome.kind === "done" || outcome.kind === "send" ? outcome.dw0 : 0;
      exchange.result = { status: 0, dw0, dw1: outcome.kind === "done" ? outcome.dw1 : 0 };
      if (hasRest()) theRest().records.recordCommand(this.#machine, exchange);
    }
  }

  #post(exchange: Exchange): void {
    const { entry, queue, sqid, port } = exchange;
    if (exchange.outstanding) this.#outstanding.delete(exchangeKey(sqid, entry.cid));
    exchange.outstanding = false;
    exchange.next = "over";
    this.#keep(exchange);
    this.observers.all?.completed(exchange);
    if (exchange.result) port.post(exchange.result);
    // What an admin command changed may be an event that a host waits for.
    if (queue === "admin") settleAllEvents(this.#machine.drive);
  }

  /**
   * Has the drive's memory written. A command that changes it, and whose change cannot be kept, has
   * failed inside the drive; any other goes on, and what it counted is written another time.
   */
  #keep(exchange: Exchange): void {
    const { queue, entry, result } = exchange;
    const changes = queue === "admin" && !READING.has(entry.opcode);
    try {
      this.#machine.drive.keep?.(changes);
    } catch (error) {
      if (!(error instanceof NvmectlError)) throw error;
      if (!changes || !result || result.status !== 0) return;
      const status = statusField(GENERIC.internalError, true);
      exchange.result = { ...result, status };
    }
  }

  /** A plug-in made the command vanish: for good at writeback, else it can still be aborted. */
  #lose(exchange: Exchange, writeback: boolean): void {
    this.observers.all?.dropped(exchange, "plug-in");
    if (!writeback) return;
    this.#outstanding.delete(exchangeKey(exchange.sqid, exchange.entry.cid));
    exchange.outstanding = false;
    exchange.next = "over";
  }

  /**
   * Starts a transfer; the command goes on at once, or when the transfer says that it is over. A
   * port that finds no memory where the command points refuses it.
   */
  #waitFor(exchange: Exchange, start: (over: () => void) => void, tap?: Stage): Progress {
    let progress: Progress = "wait";
    let started = false;
    this.#attempt(exchange, () =>
      start(() => {
        progress = "go on";
        if (!started || !exchange.outstanding) return;
        if (!tap || this.#tapped(exchange, tap, exchange.next) === "go on") this.#advance(exchange);
      }));
    started = true;
    if (exchange.refusal) {
      exchange.next = "writeback";
      return "go on";
    }
    // The assignment in the callback is out of the compiler's sight.
    if ((progress as Progress) === "go on" && tap) {
      return this.#tapped(exchange, tap, exchange.next);
    }
    return progress;
  }

  /** A storage that cannot do what the command needs of it is a fault inside the drive. */
  #attempt(exchange: Exchange, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof StorageFailure) exchange.refusal = new Refusal(GENERIC.internalError);
      else if (error instanceof Refusal) exchange.refusal = error;
      else throw error;
    }
  }
}

/** Refuses what the host has no room for, or what there is no way to move. */
function checkRoom({ outcome, port: { hostBytes = 0 } }: Exchange, overrun: RefusalStatus): void {
  if (outcome.kind !== "send" && outcome.kind !== "receive") return;
  const { data, metadata } = outcome.kind === "receive" ? outcome.sizes : {
    data: outcome.payload.data.length,
    metadata: outcome.payload.metadata.length,
  };
  if (data > hostBytes) refuse(overrun);
  if (metadata > 0) refuse(GENERIC.invalidField);
}

/** Exactly as much as the command asked for: what a plug-in cut off is zero. */
function fitted(
  { data, metadata }: { readonly data: Uint8Array; readonly metadata: Uint8Array },
  { sizes }: Extract<Outcome, { readonly kind: "receive" }>,
): { readonly data: Uint8Array; readonly metadata: Uint8Array } {
  return { data: sized(data, sizes.data), metadata: sized(metadata, sizes.metadata) };
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  const whole = new Uint8Array(length);
  whole.set(bytes.subarray(0, length));
  return whole;
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
