// A target on the bench: one drive, its clock in hand, and hosts that connect through memory.

import { VirtualDrive } from "../../../../src/drive/mod.ts";
import type { TcpLimits } from "../../../../src/drive/face/tcp/limits.ts";
import { TcpTarget } from "../../../../src/drive/face/tcp/target.ts";
import type { Personality } from "../../../../src/drive/mod.ts";
import { TcpHost, type Terms } from "../../../support/tcp_host.ts";
import { personality, START } from "../../bench.ts";

/** A target, and a clock that stands still unless it is moved. */
export class TcpBench {
  time = START;
  readonly drive: VirtualDrive;
  readonly target: TcpTarget;
  readonly nqn: string;
  #timers: { readonly at: number; readonly action: () => void }[] = [];

  constructor(changes: Partial<Personality> = {}, limits: Partial<TcpLimits> = {}) {
    const world = {
      now: () => this.time,
      after: (ms: number, action: () => void) => {
        const timer = { at: this.time + ms, action };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
    };
    this.drive = this.newDrive({ ...world, changes });
    this.target = new TcpTarget({ ...world, limits });
    this.nqn = this.target.add({ drive: this.drive });
  }

  /** Another drive with the same clock. */
  newDrive(
    { now, after, changes = {} }: Pick<VirtualDrive, "now" | "after"> & {
      readonly changes?: Partial<Personality>;
    } = this.drive,
  ): VirtualDrive {
    return new VirtualDrive({
      personality: { ...personality(""), ...changes },
      now,
      after,
      seed: 1,
    });
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Moves the clock; what was to happen until then happens, in its order. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until)
        .toSorted((one, other) => one.at - other.at);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.action();
    }
    this.time = until;
    this.target.settle();
  }

  /** A connection that has said nothing yet. */
  dial(): TcpHost {
    return new TcpHost(this.target);
  }

  /** A host whose controller is ready. */
  host(terms: Terms & { readonly kato?: number } = {}): Promise<TcpHost> {
    return this.dial().start(this.nqn, terms);
  }

  /** An I/O queue of a host that has a controller. */
  async ioQueue(
    admin: TcpHost,
    options: Parameters<TcpHost["connect"]>[1] & { readonly terms?: Terms } = {},
  ): Promise<TcpHost> {
    const host = this.dial();
    host.initialize(options.terms);
    const { status } = await host.connect(this.nqn, {
      qid: 1,
      entries: 128,
      cntlid: admin.cntlid,
      ...options,
    });
    if (status !== "00h/00h") throw new Error(`Cannot connect the I/O queue: ${status}`);
    return host;
  }
}
