// The polled driver on a virtual drive's register face, for tests: the drive's clock in hand, and
// everything that goes over the bus counted.

import { nextTick } from "node:process";
import { setImmediate } from "node:timers";
import { registerBacking, type VirtualBacking } from "../../src/drive/mod.ts";
import { type Personality, variant } from "../../src/drive/personality.ts";
import type { CommandTap, TapCallback, Verdict } from "../../src/drive/tap/verdict.ts";
import type { TapName } from "../../src/drive/tap/names.ts";
import { DOORBELL_BASE, REGISTERS } from "../../src/spec/registers.ts";
import type { Backing, DmaMemory } from "../../src/transport/polled/backing.ts";
import { PolledDriver, type PolledDriverOptions } from "../../src/transport/polled/driver.ts";
import type { PollClock } from "../../src/transport/polled/poll_clock.ts";
import type { Command, Completion, Feed } from "../../src/transport/transport.ts";
import { Bench, personality } from "../drive/bench.ts";

/** Identify Controller, Get Log Page, Abort; Flush, Write, Read. */
export const OPCODE = {
  identify: 0x06,
  getLogPage: 0x02,
  abort: 0x08,
  flush: 0x00,
  write: 0x01,
  read: 0x02,
} as const;

/** Milliseconds that pass in a pause, however short it is meant to be. */
const STEP_MS = 10;

/** Time that passes in pauses only. A pause is a turn of the event loop, as a real one is. */
class PausingClock implements PollClock {
  time = 1000;
  pauses = 0;
  /** How often somebody looked at it. */
  looks = 0;
  readonly #passed: (ms: number) => void;

  constructor(passed: (ms: number) => void) {
    this.#passed = passed;
  }

  now(): number {
    this.looks++;
    return this.time;
  }

  react(): Promise<void> {
    return new Promise((resolve) => nextTick(resolve));
  }

  pause(ms: number): Promise<void> {
    this.pauses++;
    const step = Math.max(STEP_MS, Math.ceil(ms));
    this.time += step;
    this.#passed(step);
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** What goes over the bus. */
export interface BusCounts {
  /** Doorbell writes by offset. */
  readonly doorbells: Map<number, number>;
  /** Register reads by offset. */
  readonly reads: Map<number, number>;
  /** What was written to CC. */
  readonly configurations: number[];
}

/** How a rig differs from one on a good drive. */
export interface RigOptions extends Partial<PolledDriverOptions> {
  /** Differences of the drive from `virtual:`. */
  readonly drive?: Parameters<typeof variant>[1] | Personality;
  /** The drive itself, if there is one already. */
  readonly bench?: Bench;
  /** The function cannot be reset. */
  readonly withoutReset?: boolean;
}

/** A drive, a bus, and a driver on it. */
export class PolledRig {
  readonly bench: Bench;
  readonly clock: PausingClock;
  readonly backing: Backing;
  readonly counts: BusCounts = { doorbells: new Map(), reads: new Map(), configurations: [] };
  /** Opcodes that arrived at the drive, as `admin 06` and `io 02`. */
  readonly commands: string[] = [];
  /** Memory that the drive reaches now. */
  readonly live = new Set<DmaMemory>();
  /** All memory that it ever reached, in order. */
  readonly allocated: DmaMemory[] = [];
  resets = 0;
  closed = 0;
  /** Nobody answers on the bus any more. */
  gone = false;
  /** The kernel wants the function back. */
  wanted = false;
  readonly #options: RigOptions;
  readonly #inner: VirtualBacking;
  /** What was given back, by pages: it is the first that is given out again. */
  readonly #freed = new Map<number, DmaMemory[]>();

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.bench = options.bench ?? new Bench(variant(personality(""), options.drive ?? {}));
    this.#inner = registerBacking(this.bench.drive, "virtual:");
    this.clock = new PausingClock((ms) => {
      this.bench.advance(ms);
      this.#inner.settle();
    });
    for (const queue of ["admin", "io"] as const) {
      this.attach(`nvme:${queue}:fetch`, ({ command }) => {
        this.commands.push(`${queue} ${command.opcode.toString(16).padStart(2, "0")}`);
      });
    }
    this.backing = this.#watched();
  }

  /** Brings the drive up. */
  open(options: Partial<PolledDriverOptions> = {}): Promise<PolledDriver> {
    const { drive: _drive, bench: _bench, withoutReset: _reset, ...rest } = this.#options;
    const { clock } = this;
    return PolledDriver.open(this.backing, { clock, hostPageBytes: 4096, ...rest, ...options });
  }

  /** Attaches a callback for commands; the function that comes back detaches it. */
  attach(tap: TapName, callback: (context: CommandTap) => Verdict): () => void {
    return this.bench.drive.taps.attach(tap, callback as TapCallback);
  }

  /** Gives a verdict about the first `count` commands with an opcode. */
  fault(tap: TapName, opcode: number, verdict: Verdict | (() => Verdict), count = 1): void {
    let left = count;
    this.attach(tap, ({ command }) => {
      if (command.opcode !== opcode || left === 0) return;
      left--;
      return typeof verdict === "function" ? verdict() : verdict;
    });
  }

  /** Doorbell writes, of all queues. */
  get doorbells(): number {
    return [...this.counts.doorbells.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Register reads. */
  get reads(): number {
    return [...this.counts.reads.values()].reduce((sum, count) => sum + count, 0);
  }

  #watched(): Backing {
    const inner = this.#inner;
    const { bar0, config } = inner;
    const counts = this.counts;
    const close = (): void => {
      this.closed++;
      inner.close();
    };
    return {
      target: inner.target,
      config: {
        read: (offset, width) => this.gone ? 2 ** (8 * width) - 1 : config.read(offset, width),
        write: (offset, width, value) => {
          if (!this.gone) config.write(offset, width, value);
        },
      },
      bar0: {
        length: bar0.length,
        read32: (offset) => {
          counts.reads.set(offset, (counts.reads.get(offset) ?? 0) + 1);
          return this.gone ? 0xffff_ffff : bar0.read32(offset);
        },
        read64: () => refuse("a 64-bit read"),
        write32: (offset, value) => {
          if (offset >= DOORBELL_BASE) {
            counts.doorbells.set(offset, (counts.doorbells.get(offset) ?? 0) + 1);
          }
          if (offset === REGISTERS.CC.offset) counts.configurations.push(value);
          if (!this.gone) bar0.write32(offset, value);
        },
        write64: () => refuse("a 64-bit write"),
      },
      dma: { allocate: (bytes) => this.#allocate(bytes) },
      ...(this.#options.withoutReset ? {} : {
        reset: () => {
          this.resets++;
          inner.reset();
        },
      }),
      asked: () => this.wanted,
      close,
      [Symbol.dispose]: close,
    };
  }

  #allocate(bytes: number): DmaMemory {
    const pages = Math.ceil(bytes / 4096);
    const used = this.#freed.get(pages)?.pop();
    const { bytes: room, iova } = used ?? this.#inner.dma.allocate(bytes);
    const own: DmaMemory = {
      bytes: room.fill(0),
      iova,
      [Symbol.dispose]: () => {
        if (!this.live.delete(own)) throw new Error("Cannot free memory twice");
        this.#freed.set(pages, [...this.#freed.get(pages) ?? [], own]);
      },
    };
    this.live.add(own);
    this.allocated.push(own);
    return own;
  }
}

/** Reads blocks of 512 bytes. */
export function readCommand(
  driver: PolledDriver,
  slba: number,
  { blocks = 8, blockBytes = 512, nsid = 1 } = {},
): Command & { readonly data: NonNullable<Command["data"]> } {
  return {
    queue: "io",
    opcode: OPCODE.read,
    nsid,
    cdw10: slba,
    cdw12: blocks - 1,
    direction: "in",
    data: driver.allocate(blocks * blockBytes),
  };
}

/** A feed of these commands, with what became of them. */
export function feedOf(commands: readonly Command[]): Feed & { readonly done: Feed["done"] } & {
  readonly completions: (readonly [Command, Completion])[];
} {
  let at = 0;
  const completions: (readonly [Command, Completion])[] = [];
  return {
    completions,
    next: () => commands[at++],
    done: (command, completion) => void completions.push([command, completion]),
  };
}

/** Fills a namespace's blocks through the drive's own door, each with its number. */
export async function writeBlocks(
  bench: Bench,
  count: number,
  { blockBytes = 512, first = 0 } = {},
): Promise<void> {
  for (let slba = first; slba < first + count; slba++) {
    const out = new Uint8Array(blockBytes);
    new Uint32Array(out.buffer).fill(slba + 1);
    await bench.io(OPCODE.write, { nsid: 1, cdw10: slba, cdw12: 0, out });
  }
}

/** The number that `writeBlocks` puts into a block. */
export function numberAt(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function refuse(what: string): never {
  throw new Error(`Cannot take ${what}: need two accesses of 32 bits`);
}
