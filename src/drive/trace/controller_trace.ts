// One controller's commands and register accesses, turned into events of a trace.

import {
  type CommandEvent,
  type CompletionEvent,
  type RegisterEvent,
  tracedPayload,
  type TraceSink,
} from "../../trace/trace.ts";
import type { Exchange, Result } from "../pipeline/exchange.ts";
import type { CommandObserver, DropReason } from "../pipeline/observer.ts";
import type { RegisterObserver } from "../registers.ts";
import { propertyOffset, tracedCommand } from "./traced_command.ts";

/** A plug-in may want a completion more than once; so many of them are shown. */
const COPIES_SHOWN = 16;

const REASONS: Readonly<Record<DropReason, string>> = {
  reset: "no completion: the controller was reset",
  abandoned: "no completion: its queue has gone",
  "plug-in": "no completion: a plug-in made it vanish",
};
const WITHHELD = "no completion: a plug-in withheld it";

/** Calls `write` with what every event has; `index` is that of an event of which this is a part. */
export type Emit = (
  write: (base: Pick<RegisterEvent, "index" | "timeNs" | "device">) => void,
  index?: number,
) => void;

/** What is known of a command since it was fetched. */
interface Seen extends Pick<CommandEvent, "index" | "sqid" | "cid" | "command"> {
  readonly issuedNs: bigint;
  /** Its data from the host has been shown. */
  received?: boolean;
  /** What went to the host. */
  sent?: ReturnType<typeof tracedPayload>;
  /** It has been said that it vanished. */
  vanished?: boolean;
}

/** Watches one controller. */
export class ControllerTrace implements CommandObserver {
  readonly #sink: TraceSink;
  readonly #emit: Emit;
  readonly #seen = new WeakMap<Exchange, Seen>();
  /** Commands that access registers, under way. */
  readonly #properties = new Set<Exchange>();

  constructor(sink: TraceSink, emit: Emit) {
    this.#sink = sink;
    this.#emit = emit;
  }

  /** Registers were read or written. */
  readonly accessed: RegisterObserver = (access, offset, width, value) => {
    const byCommand = [...this.#properties].some(({ entry }) => propertyOffset(entry) === offset);
    this.#emit((base) =>
      this.#sink.register({
        ...base,
        kind: "register",
        access,
        offset,
        width,
        value,
        ...(byCommand ? { byCommand } : {}),
      })
    );
  };

  fetched(exchange: Exchange): void {
    const { sqid, entry: { cid } } = exchange;
    const { command, prps } = tracedCommand(exchange);
    if (propertyOffset(exchange.entry) !== undefined) this.#properties.add(exchange);
    this.#emit((base) => {
      this.#seen.set(exchange, { index: base.index, issuedNs: base.timeNs, sqid, cid, command });
      const own = { sqid, cid, command, ...(prps ? { prps } : {}) };
      this.#sink.command({ ...base, ...own, kind: "command" });
    });
  }

  received(exchange: Exchange): void {
    const seen = this.#seen.get(exchange);
    const bytes = exchange.payload?.data;
    if (!seen || seen.received || !bytes || bytes.length === 0) return;
    seen.received = true;
    this.#emit((base) =>
      this.#sink.data?.({
        ...base,
        ...identity(seen),
        kind: "data",
        ...tracedPayload(seen.command.queue, seen.command.opcode, bytes),
      }), seen.index);
  }

  sent(exchange: Exchange): void {
    const seen = this.#seen.get(exchange);
    const bytes = exchange.payload?.data;
    if (!seen || !bytes || bytes.length === 0) return;
    const { queue, opcode } = seen.command;
    seen.sent = tracedPayload(queue, opcode, bytes.subarray(0, exchange.port.hostBytes));
  }

  completed(exchange: Exchange): void {
    this.#properties.delete(exchange);
    const seen = this.#seen.get(exchange);
    const { result, notes = [] } = exchange;
    if (!seen || !result) return;
    const copies = Math.min(result.copies ?? 1, COPIES_SHOWN);
    if (copies <= 0) return this.#failed(seen, WITHHELD, notes);
    for (let copy = 0; copy < copies; copy++) {
      const withData = copy === 0 ? seen.sent : undefined;
      const remarks = [...notes, ...withData?.notes ?? [], ...remarksOn(seen, result)];
      const posted = postedAs(seen, result);
      const phase = exchange.port.phase?.(copy);
      this.#emit((base) =>
        this.#sink.completion({
          ...base,
          ...identity(seen),
          kind: "completion",
          issuedNs: seen.issuedNs,
          completion: completionOf(result),
          ...(posted ? { posted } : {}),
          ...(phase === undefined ? {} : { phase }),
          ...(withData ? { data: withData.data } : {}),
          ...(remarks.length > 0 ? { notes: remarks } : {}),
        })
      );
    }
  }

  dropped(exchange: Exchange, reason: DropReason): void {
    this.#properties.delete(exchange);
    const seen = this.#seen.get(exchange);
    if (!seen || seen.vanished) return;
    seen.vanished = true;
    this.#failed(seen, REASONS[reason], exchange.notes ?? []);
  }

  #failed(seen: Seen, message: string, notes: readonly string[]): void {
    this.#emit((base) =>
      this.#sink.completion({
        ...base,
        ...identity(seen),
        kind: "failure",
        issuedNs: seen.issuedNs,
        error: { name: "Dropped", message },
        ...(notes.length > 0 ? { notes } : {}),
      })
    );
  }
}

function identity({ sqid, cid, command }: Seen): Pick<Seen, "sqid" | "cid" | "command"> {
  return { sqid, cid, command };
}

function completionOf({ status, dw0, dw1 }: Result): CompletionEvent["completion"] {
  return { status: status & 0x7fff, result: BigInt(dw1 >>> 0) << 32n | BigInt(dw0 >>> 0) };
}

/** The identifiers in the completion, where a plug-in made them wrong. */
function postedAs(seen: Seen, result: Result): CompletionEvent["posted"] {
  const sqid = (result.sqid ?? seen.sqid) & 0xffff;
  const cid = (result.cid ?? seen.cid) & 0xffff;
  return sqid === seen.sqid && cid === seen.cid ? undefined : { sqid, cid };
}

function remarksOn(seen: Seen, result: Result): readonly string[] {
  const { copies = 1 } = result;
  return [
    ...(postedAs(seen, result)
      ? [`answers SQ=${seen.sqid} CID=${seen.cid.toString(16).padStart(4, "0")}`]
      : []),
    ...(copies > 1 ? [`posted ${copies} times`] : []),
  ];
}
