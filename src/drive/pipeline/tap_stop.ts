// Where a command stops at a tap: what callbacks see of it, and what their verdicts make of it.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { decodeStatus, encodeStatus } from "../../spec/status/status.ts";
import type { Machine } from "../machine.ts";
import { checkClaim } from "../tap/check_verdict.ts";
import { consult, type Outcome as Verdict } from "../tap/consult.ts";
import type { Attachment } from "../tap/taps.ts";
import type { Claim, CommandTap, Mutate, TapCompletion } from "../tap/verdict.ts";
import type { Exchange } from "./exchange.ts";
import { send } from "./handler.ts";
import { statusField } from "./status_field.ts";

const FABRICS_OPCODE = ADMIN_COMMANDS.fabrics.opcode;

/** How the pipeline goes on after a stop. */
export interface Continuations {
  /** Runs the stage that `exchange.next` names; not called when nobody took time. */
  resume(): void;
  /** Data was fetched from the host because somebody wanted to see it. */
  received(): void;
  /** The command vanishes. */
  lose(writeback: boolean): void;
}

/** A command that a callback may defer; it may also complete it before it says so. */
interface Deferral {
  waiting: boolean;
  early?: () => void;
}

/** The stops of one controller. */
export class TapStop {
  constructor(readonly machine: Machine) {}

  /** Asks everyone at the tap; "wait" when the command goes on later, or never. */
  ask(
    exchange: Exchange,
    attachments: readonly Attachment[],
    continuations: Continuations,
  ): "go on" | "wait" {
    let progress: "go on" | "wait" = "wait";
    let asked = false;
    const goOn = (): void => {
      progress = "go on";
      if (asked) continuations.resume();
    };
    this.#prefetch(exchange, attachments, continuations, () => {
      this.#consult(exchange, attachments, { ...continuations, resume: goOn });
    });
    asked = true;
    return progress;
  }

  /** Gets the host's data now if somebody wants to see it before the drive needs it. */
  #prefetch(
    exchange: Exchange,
    attachments: readonly Attachment[],
    { received }: Continuations,
    then: () => void,
  ): void {
    const { port, entry, payload } = exchange;
    const bytes = port.hostBytes ?? 0;
    const toDrive = directionBits(entry) === 1;
    if (payload || !toDrive || bytes === 0 || !attachments.some(({ data }) => data)) return then();
    port.receive({ data: bytes, metadata: 0 }, (fetched) => {
      if (!exchange.outstanding) return;
      exchange.payload = fetched;
      exchange.prefetched = true;
      received();
      then();
    });
  }

  #consult(
    exchange: Exchange,
    attachments: readonly Attachment[],
    continuations: Continuations,
  ): void {
    const { drive } = this.machine;
    const next = exchange.next;
    const deferral: Deferral = { waiting: false };
    consult({
      taps: drive.taps,
      attachments,
      after: (ms, action) => drive.after(ms, action),
      describe: (attachment) =>
        this.#describe(exchange, attachment, { ...continuations, deferral }),
      mutate: (change) => mutate(exchange, change),
      note: (text) => exchange.notes = [...exchange.notes ?? [], text],
      // A reset, or an Abort, may have come in between.
      alive: () => exchange.next === next && (exchange.outstanding || next === "writeback"),
      settled: (verdict) => {
        if (verdict.kind !== "defer") return this.#settle(exchange, verdict, continuations);
        deferral.waiting = true;
        deferral.early?.();
      },
    });
  }

  #settle(
    exchange: Exchange,
    verdict: Exclude<Verdict, { readonly kind: "defer" }>,
    { resume, lose }: Continuations,
  ): void {
    const writeback = exchange.next === "post";
    switch (verdict.kind) {
      case "continue":
        return resume();
      case "claim":
        claim(exchange, verdict, writeback);
        return resume();
      case "disconnect":
        lose(writeback);
        exchange.port.disconnect?.(verdict);
        return;
      case "drop":
        return lose(writeback);
    }
  }

  #describe(
    exchange: Exchange,
    attachment: Attachment,
    { resume, deferral }: Continuations & { readonly deferral: Deferral },
  ): CommandTap {
    const { entry, queue, sqid, payload, next } = exchange;
    delete deferral.early;
    const complete: CommandTap["complete"] = (own) => {
      // Only while it is where it was deferred.
      if (exchange.next !== next || !(exchange.outstanding || next === "writeback")) return;
      const checked = checkClaim(own);
      if (typeof checked === "string") this.machine.drive.taps.fault(attachment, checked);
      else if (checked) claim(exchange, checked, next === "post");
      resume();
    };
    return {
      kind: "command",
      tap: attachment.tap,
      device: this.machine.drive.device,
      controller: this.machine.controller.id,
      now: this.machine.now(),
      queue,
      sqid,
      cid: entry.cid,
      command: entry,
      completion: completionOf(exchange),
      ...(payload ? { data: payload.data, metadata: payload.metadata } : {}),
      direction: directionOf(exchange),
      complete: (own) => {
        if (deferral.waiting) complete(own);
        else deferral.early ??= () => complete(own);
      },
    };
  }
}

function directionOf({ outcome, entry }: Exchange): CommandTap["direction"] {
  if (outcome.kind === "send") return "to-host";
  if (outcome.kind === "receive") return "to-drive";
  const directions = ["none", "to-drive", "to-host", "none"] as const;
  return directions[directionBits(entry)] ?? "none";
}

/** Fabrics commands say by their command type, byte 4, which way data goes [BASE-2.1 §6]. */
function directionBits({ opcode, nsid }: Exchange["entry"]): number {
  return (opcode === FABRICS_OPCODE ? nsid : opcode) & 0x3;
}

/** The completion as things stand. */
function completionOf({ result, refusal, outcome }: Exchange): TapCompletion {
  if (result) return result;
  if (refusal) {
    const { dw0 = 0, unlogged = false } = refusal.blame;
    return { status: statusField(refusal.status, unlogged), dw0, dw1: 0 };
  }
  const dw0 = outcome.kind === "done" || outcome.kind === "send" ? outcome.dw0 : 0;
  return { status: 0, dw0, dw1: outcome.kind === "done" ? outcome.dw1 : 0 };
}

function claim(
  exchange: Exchange,
  { status = 0, dw0 = 0, dw1 = 0, data }: Claim,
  last: boolean,
): void {
  const field = typeof status === "number" ? status & 0x7fff : encodeStatus(status);
  exchange.result = { status: field, dw0: dw0 >>> 0, dw1: dw1 >>> 0 };
  if (last) return;
  delete exchange.refusal;
  if (data && decodeStatus(field).code === 0) {
    exchange.outcome = send(data);
    exchange.next = "data";
  } else exchange.next = "writeback";
}

function mutate(exchange: Exchange, { command, completion, data, metadata }: Mutate): void {
  // The identifier names the command everywhere; a wrong one belongs in the completion.
  if (command) exchange.entry = { ...exchange.entry, ...command, cid: exchange.entry.cid };
  if (completion && exchange.next === "post") {
    exchange.result = { ...completionOf(exchange), ...completion };
  }
  if (data || metadata) {
    const before = exchange.payload ?? { data: new Uint8Array(0), metadata: new Uint8Array(0) };
    exchange.payload = { data: data ?? before.data, metadata: metadata ?? before.metadata };
  }
}
