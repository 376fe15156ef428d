// An association: a host has a controller, through one admin queue and some I/O queues, for as long
// as it lets itself be heard of.

import type { VirtualController } from "../../controller.ts";
import { currentValue } from "../../feature/feature.ts";
import { featureOf } from "../../feature/table.ts";
import { recordError } from "../../model/errors.ts";
import { statusField } from "../../pipeline/status_field.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import { SHST } from "../../../spec/registers.ts";
import type { Disconnect } from "../../tap/verdict.ts";

/** One connection of an association. */
export interface Member {
  /** Ends the connection; it leaves the association first. */
  end(how: Omit<Disconnect, "kind">): void;
}

/** Who has the controller. */
export interface HostIdentity {
  readonly hostNqn: string;
  /** 16 bytes as hexadecimal digits. */
  readonly hostId: string;
}

/** What an association goes by. */
export interface AssociationOptions extends HostIdentity {
  /** Keep Alive Timeouts without a command until the host is given up. */
  readonly keepAlives: number;
  /** The timeout of a host that gave none, in milliseconds; 0 for never. */
  readonly defaultTimeoutMs: number;
  readonly after: (ms: number, action: () => void) => () => void;
  /** Told when the controller is free again. */
  readonly ended: () => void;
}

const KEEP_ALIVE_TIMER = 0x0f;
/** In the error log: of no command in particular [BASE-2.1 §5.1.12.1.2, Fig. 205]. */
const NOBODY = { sqid: 0xffff, entry: { cid: 0xffff, nsid: 0, opcode: 0 } };
const ADMIN_QUEUE = 0;

/** A host and its controller [BASE-2.1 §3.3.2.1]. */
export class Association {
  readonly controller: VirtualController;
  readonly hostNqn: string;
  readonly hostId: string;
  readonly #options: AssociationOptions;
  readonly #members = new Map<number, Member>();
  readonly #stops: readonly (() => void)[];
  #accepting = false;
  #over = false;
  #heardAt: number;
  #timeoutMs = 0;
  #cancel: (() => void) | undefined;

  constructor(controller: VirtualController, options: AssociationOptions) {
    this.controller = controller;
    this.hostNqn = options.hostNqn;
    this.hostId = options.hostId;
    this.#options = options;
    this.#heardAt = controller.now();
    this.#stops = [
      controller.registers.onReset(() => this.#wasReset()),
      controller.keepsQueues(() => [...this.#members.keys()].some((qid) => qid !== ADMIN_QUEUE)),
    ];
  }

  /** Commands other than those of the fabric are processed: the controller is enabled and well. */
  get accepting(): boolean {
    const { registers } = this.controller;
    this.#accepting ||= registers.ready && registers.shutdownStatus === SHST.normal;
    return this.#accepting && !registers.fatal;
  }

  /** The registers may say something else than before. */
  configured(): void {
    this.#accepting = false;
  }

  /** The host is there: whatever it sends restarts the timer [BASE-2.1 §3.9.4]. */
  heard(): void {
    this.#heardAt = this.controller.now();
  }

  /** When the host last sent something, in milliseconds since 1970. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Whether the queue exists. */
  has(qid: number): boolean {
    return this.#members.has(qid);
  }

  /** A queue has been created. */
  join(qid: number, member: Member): void {
    this.#members.set(qid, member);
    this.heard();
    if (qid === ADMIN_QUEUE) this.watch();
  }

  /** A queue is gone, and its commands with it; without its admin queue, so is the association. */
  leave(qid: number, member: Member): void {
    if (this.#members.get(qid) !== member) return;
    this.#members.delete(qid);
    this.controller.abandonAll((exchange) => exchange.sqid === qid);
    if (qid === ADMIN_QUEUE) this.end();
  }

  /**
   * Looks at the Keep Alive Timer, which Connect and Set Features set [BASE-2.1 §5.1.25.1.8]. A
   * timer that runs is not touched while its timeout is the same.
   */
  watch(): void {
    const timeoutMs = this.#timeout();
    if (timeoutMs === this.#timeoutMs || this.#over) return;
    this.#timeoutMs = timeoutMs;
    this.#arm();
  }

  /** Ends it: the controller is reset, and free for the next host. */
  end(how: Omit<Disconnect, "kind"> = {}): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    for (const stop of this.#stops) stop();
    const members = [...this.#members.values()];
    this.#members.clear();
    this.controller.reset();
    for (const member of members) member.end(how);
    this.#options.ended();
  }

  /** A Controller Level Reset deletes the I/O queues [BASE-2.1 §3.7.2]. */
  #wasReset(): void {
    this.#accepting = false;
    for (const [qid, member] of [...this.#members]) {
      if (qid === ADMIN_QUEUE) continue;
      this.#members.delete(qid);
      member.end({});
    }
    this.watch();
  }

  #timeout(): number {
    const { controller } = this;
    const feature = featureOf(controller.personality, KEEP_ALIVE_TIMER);
    const own = feature?.kind === "word" ? currentValue(controller, feature) : 0;
    return own === 0 ? this.#options.defaultTimeoutMs : own * this.#options.keepAlives;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#timeoutMs === 0) return;
    const left = this.#heardAt + this.#timeoutMs - this.controller.now();
    this.#cancel = this.#options.after(Math.max(1, left), () => {
      if (this.controller.now() - this.#heardAt < this.#timeoutMs) this.#arm();
      else this.#expire();
    });
  }

  /** The host has fallen silent [BASE-2.1 §3.9.3]. */
  #expire(): void {
    const status = statusField(GENERIC.keepAliveExpired);
    recordError(this.controller, NOBODY, { status, blame: {} });
    this.end();
  }
}
