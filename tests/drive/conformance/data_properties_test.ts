// Data written is data read: random commands about blocks on every preset, against a model.

import { assert, assertEquals } from "@std/assert";
import { type OptionalCommand, presetNames } from "../../../src/drive/mod.ts";
import { SmartLog } from "../../../src/spec/log/smart.ts";
import { type Answer, Bench, personality } from "../bench.ts";
import { DataModel, type Expected } from "./data_model.ts";
import { dwords } from "./row.ts";
import { Seeded, withSeed } from "./seeded.ts";

/** Blocks that the commands are about, and bytes in each. */
const BLOCKS = 48;
const BYTES = 512;
const STEPS = 400;
const FUA = 0x4000_0000;
const CACHE = 0x06;
const DEALLOCATE = 0x0200_0000;

/** One drive, what it should hold, and what was seen of its counters. */
class Run {
  readonly bench: Bench;
  readonly model = new DataModel();
  #smart: Record<string, number | bigint> = {};
  #errors = 0n;

  constructor(readonly preset: string, readonly random: Seeded) {
    this.bench = new Bench(preset, random.seed);
    this.model.caching = personality(preset).writeCache;
  }

  range(most = 8): { readonly lba: number; readonly count: number } {
    const lba = this.random.below(BLOCKS - most);
    return { lba, count: 1 + this.random.below(most) };
  }

  io(
    opcode: number,
    lba: number,
    count: number,
    more: Parameters<Bench["io"]>[1] & { bits?: number },
  ) {
    const { bits = 0, ...rest } = more;
    return this.bench.io(opcode, {
      nsid: 1,
      cdw10: lba,
      cdw12: (bits | (count - 1)) >>> 0,
      ...rest,
    });
  }

  /** The answer is as expected, down to the block in the error log. */
  async check(what: string, answer: Answer, expected: Expected): Promise<void> {
    assertEquals(answer.status, expected.status, what);
    if (expected.range !== undefined) assertEquals(answer.dw0, expected.range, what);
    if (expected.lba === undefined) return;
    const { lba, errorCount } = await this.bench.lastError();
    assertEquals(lba, BigInt(expected.lba), what);
    assert(errorCount > this.#errors, "entries of the error log count up");
    this.#errors = errorCount;
  }

  /** Nothing that SMART counts ever goes down. */
  async checkCounters(): Promise<void> {
    if (personality(this.preset).fixedSmart) return;
    const { data } = await this.bench.log(0x02, SmartLog.size);
    const {
      dataUnitsRead,
      dataUnitsWritten,
      hostReadCommands,
      hostWriteCommands,
      controllerBusyTime,
      powerCycles,
      powerOnHours,
      unsafeShutdowns,
      mediaErrors,
      errorLogEntries,
      percentageUsed,
    } = SmartLog.decode(data);
    const counters = {
      dataUnitsRead,
      dataUnitsWritten,
      hostReadCommands,
      hostWriteCommands,
      controllerBusyTime,
      powerCycles,
      powerOnHours,
      unsafeShutdowns,
      mediaErrors,
      errorLogEntries,
      percentageUsed,
    };
    for (const [name, value] of Object.entries(counters)) {
      assert(value >= (this.#smart[name] ?? 0), `${name}: ${value} after ${this.#smart[name]}`);
    }
    this.#smart = counters;
  }
}

/** A command, or what happens to the drive; none where the drive does not have the command. */
interface Step {
  readonly needs?: OptionalCommand;
  readonly often: number;
  run(run: Run): Promise<void>;
}

const STEPS_OF: Readonly<Record<string, Step>> = {
  write: {
    often: 8,
    async run(run) {
      const { lba, count } = run.range();
      const fua = run.random.once(4);
      const content = 1 + run.random.below(255);
      const out = new Uint8Array(count * BYTES).fill(content);
      const answer = await run.io(0x01, lba, count, { out, bits: fua ? FUA : 0 });
      for (let at = lba; at < lba + count; at++) run.model.write(at, content, fua);
      await run.check("write", answer, { status: "00h/00h" });
    },
  },
  read: {
    often: 8,
    async run(run) {
      const { lba, count } = run.range();
      const fua = run.random.once(4);
      const expected = run.model.read(lba, count, fua);
      const answer = await run.io(0x02, lba, count, { length: count * BYTES, bits: fua ? FUA : 0 });
      await run.check("read", answer, expected);
      if (answer.status === "00h/00h") checkData(run, lba, answer.data);
    },
  },
  zeroes: {
    needs: "write-zeroes",
    often: 2,
    async run(run) {
      const { lba, count } = run.range();
      const bits = run.random.once(2) ? DEALLOCATE : 0;
      const answer = await run.io(0x08, lba, count, { bits });
      run.model.change(lba, count, 0);
      await run.check("write zeroes", answer, { status: "00h/00h" });
    },
  },
  deallocate: {
    needs: "dataset-management",
    often: 2,
    async run(run) {
      const ranges = Array.from({ length: 1 + run.random.below(3) }, () => run.range());
      const out = dwords(...ranges.flatMap(({ lba, count }) => [0, count, lba, 0]));
      const answer = await run.bench.io(0x09, { nsid: 1, cdw10: ranges.length - 1, cdw11: 4, out });
      for (const { lba, count } of ranges) run.model.change(lba, count, 0);
      await run.check("deallocate", answer, { status: "00h/00h" });
    },
  },
  damage: {
    needs: "write-uncorrectable",
    often: 2,
    async run(run) {
      const { lba, count } = run.range(2);
      const answer = await run.io(0x04, lba, count, {});
      run.model.change(lba, count, "damaged");
      await run.check("write uncorrectable", answer, { status: "00h/00h" });
    },
  },
  compare: {
    needs: "compare",
    often: 2,
    async run(run) {
      const { lba, count } = run.range(2);
      const known = run.model.current(lba);
      const content = known === "damaged" || run.random.once(3) ? run.random.below(256) : known;
      const out = new Uint8Array(count * BYTES).fill(content);
      const expected = run.model.compare(lba, count, content);
      await run.check("compare", await run.io(0x05, lba, count, { out }), expected);
    },
  },
  verify: {
    needs: "verify",
    often: 2,
    async run(run) {
      const { lba, count } = run.range();
      await run.check("verify", await run.io(0x0c, lba, count, {}), run.model.read(lba, count));
    },
  },
  copy: {
    needs: "copy",
    often: 3,
    async run(run) {
      const ranges = Array.from({ length: 1 + run.random.below(3) }, () => run.range(4));
      const to = run.random.below(BLOCKS - 12);
      const fua = run.random.once(4);
      const out = dwords(...ranges.flatMap(({ lba, count }) => [0, 0, lba, 0, count - 1, 0, 0, 0]));
      const expected = run.model.copy(ranges, to, fua);
      const bits = fua ? FUA : 0;
      await run.check("copy", await run.io(0x19, to, ranges.length, { out, bits }), expected);
    },
  },
  flush: {
    often: 2,
    async run(run) {
      const nsid = run.random.once(2) ? 1 : 0xffffffff;
      run.model.flush();
      await run.check("flush", await run.bench.io(0x00, { nsid }), { status: "00h/00h" });
    },
  },
  cache: {
    often: 1,
    async run(run) {
      if (!personality(run.preset).writeCache) return;
      const on = run.random.once(2);
      run.model.setCaching(on);
      const answer = await run.bench.admin(0x09, { cdw10: CACHE, cdw11: on ? 1 : 0 });
      await run.check("volatile write cache", answer, { status: "00h/00h" });
    },
  },
  powercut: { often: 1, run: powercut },
  time: {
    often: 2,
    async run(run) {
      run.bench.advance(run.random.below(100_000));
      await run.checkCounters();
    },
  },
};

/** Every block is whole, and is one that may have survived; what is not safe may be gone. */
async function powercut(run: Run): Promise<void> {
  const partly = run.random.once(2);
  const unsafe = run.model.unsafe;
  const lost = run.bench.drive.powercut({ cached: partly ? "partly-lost" : "lost" });
  assert(lost <= unsafe && (partly || lost === unsafe), `${lost} of ${unsafe} blocks are lost`);
  for (let lba = 0; lba < BLOCKS; lba++) {
    const { status, data } = await run.io(0x02, lba, 1, { length: BYTES });
    const content = status === "00h/00h" ? data[0] ?? 0 : "damaged";
    assert(data.every((byte) => byte === data[0]), `block ${lba} is torn`);
    const survivors = run.model.survivors(lba);
    const fine = partly ? survivors.includes(content) : content === survivors[0];
    assert(fine, `block ${lba} holds ${content}, which is none of ${survivors}`);
    run.model.found(lba, content);
  }
  // The feature is not saved, so that it has its default value again.
  run.model.caching = personality(run.preset).writeCache;
}

function checkData(run: Run, lba: number, data: Uint8Array): void {
  for (let at = 0; at < data.length / BYTES; at++) {
    const block = data.subarray(at * BYTES, (at + 1) * BYTES);
    const content = run.model.current(lba + at);
    assert(block.every((byte) => byte === content), `block ${lba + at} is not ${content}`);
  }
}

for (const [index, preset] of presetNames().entries()) {
  // Its media are read-only.
  if (preset === "critical") continue;
  Deno.test(`virtual:${preset} reads what was written, whatever happens`, async () => {
    const { commands } = personality(preset);
    const steps = Object.values(STEPS_OF)
      .filter(({ needs }) => !needs || commands.includes(needs))
      .flatMap((step) => Array.from({ length: step.often }, () => step));
    for (let life = 0; life < 3; life++) {
      await withSeed(0xda7a_0000 + 3 * index + life, async (random) => {
        const run = new Run(preset, random);
        for (let step = 0; step < STEPS; step++) await random.pick(steps).run(run);
      });
    }
  });
}
