// A polling driver's view of a drive in tests: a virtual one with its clock in hand, and registers
// that say whatever a test wants.

import { type Personality, registerBacking, type VirtualBacking } from "../../../src/drive/mod.ts";
import { variant } from "../../../src/drive/personality.ts";
import { HostMemory } from "../../../src/drive/face/register/host_memory.ts";
import type { RegisterTap } from "../../../src/drive/tap/verdict.ts";
import { type RegisterName, REGISTERS } from "../../../src/spec/registers.ts";
import type { Backing, ConfigSpace } from "../../../src/transport/polled/backing.ts";
import type { PollClock } from "../../../src/transport/polled/poll_clock.ts";
import { Bench, personality } from "../../drive/bench.ts";

/** One access to a register or to configuration space. */
export type Access = readonly [kind: "read" | "write", offset: number, value: number];

/** Time that passes only in pauses, a little even in one of no time. */
export class StepClock implements PollClock {
  time = 1000;
  readonly pauses: number[] = [];
  readonly #passed: (ms: number) => void;

  constructor(passed: (ms: number) => void = () => {}) {
    this.#passed = passed;
  }

  now(): number {
    return this.time;
  }

  react(): Promise<void> {
    return Promise.resolve();
  }

  pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    const step = Math.max(ms, 0.01);
    this.time += step;
    this.#passed(step);
    return Promise.resolve();
  }
}

/** A virtual drive on a bus, whose clock goes on in the pauses of whoever polls. */
export class Rig {
  readonly bench: Bench;
  readonly backing: VirtualBacking;
  readonly clock: StepClock;
  /** Accesses to BAR0, in their order. */
  readonly accesses: Access[] = [];

  constructor(changes: Parameters<typeof variant>[1] | Personality = {}) {
    this.bench = new Bench(variant(personality(""), changes));
    const inner = registerBacking(this.bench.drive, "virtual:");
    // The drive's clock counts whole milliseconds.
    let behind = 0;
    this.clock = new StepClock((ms) => {
      behind += ms;
      this.bench.advance(Math.floor(behind));
      behind -= Math.floor(behind);
      inner.settle();
    });
    this.backing = { ...inner, bar0: this.#watched(inner.bar0) };
  }

  /** Changes what a register reads as; of one with two dwords each is changed by itself. */
  rewrite(name: RegisterName, change: (value: bigint) => bigint): () => void {
    const { offset: start, width } = REGISTERS[name];
    return this.bench.drive.taps.attach("nvme:regread:writeback", (context) => {
      const { offset, value } = context as RegisterTap;
      if (offset < start || offset >= start + width) return undefined;
      const shift = BigInt(8 * (offset - start));
      return { kind: "mutate", value: BigInt.asUintN(32, change(value << shift) >> shift) };
    });
  }

  /** What was written to a register, in order. */
  writes(name: RegisterName): readonly number[] {
    const at = REGISTERS[name].offset;
    return this.accesses.flatMap(([kind, offset, value]) =>
      kind === "write" && offset === at ? [value] : []
    );
  }

  #watched(bar0: VirtualBacking["bar0"]): VirtualBacking["bar0"] {
    const { accesses } = this;
    return {
      ...bar0,
      read32(offset) {
        const value = bar0.read32(offset);
        accesses.push(["read", offset, value]);
        return value;
      },
      write32(offset, value) {
        accesses.push(["write", offset, value]);
        bar0.write32(offset, value);
      },
    };
  }
}

/** A device of which a test says what each register reads as. */
export interface ScriptedDevice extends Backing {
  /** Dwords by their offset behind BAR0; those not here read as zero. Writes change them. */
  readonly registers: Map<number, number>;
  /** Words by their offset in configuration space. */
  readonly words: Map<number, number>;
  readonly accesses: Access[];
}

/** A device that does nothing but remember. */
export function scriptedDevice({ length = 0x4000 } = {}): ScriptedDevice {
  const registers = new Map<number, number>();
  const words = new Map<number, number>();
  const accesses: Access[] = [];
  const config: ConfigSpace = {
    read: (offset) => words.get(offset) ?? 0,
    write: (offset, _width, value) => void words.set(offset, value),
  };
  const close = (): void => {};
  return {
    target: "0000:01:00.0",
    registers,
    words,
    accesses,
    config,
    bar0: {
      length,
      read32(offset) {
        const value = registers.get(offset) ?? 0;
        accesses.push(["read", offset, value]);
        return value;
      },
      write32(offset, value) {
        accesses.push(["write", offset, value]);
        registers.set(offset, value);
      },
      read64: () => fail("a 64-bit read"),
      write64: () => fail("a 64-bit write"),
    },
    dma: new HostMemory(),
    close,
    [Symbol.dispose]: close,
  };
}

function fail(what: string): never {
  throw new Error(`Cannot take ${what}: need two accesses of 32 bits`);
}
