// Features have a default, a saved and a current value, and resets and power cycles do to them what
// the specification says [BASE-2.1 §4.4], on every preset.

import { assertEquals } from "@std/assert";
import { presetNames } from "../../../src/drive/mod.ts";
import { Bench, personality } from "../bench.ts";
import { type Seeded, withSeed } from "./seeded.ts";

const GET = 0x0a;
const SET = 0x09;
const SAVE = 0x8000_0000;
const OK = "00h/00h";
const NOT_SAVEABLE = "01h/0Dh";
const INVALID_FIELD = "00h/02h";
const STEPS = 120;
const LIVES = 2;

/** What becomes of the current value in a reset. */
type Kept = "saved" | "persistent" | "default";

/** A feature whose value is dword 11, and values that every drive with it takes. */
interface FeatureRow {
  readonly fid: number;
  readonly kept: Kept;
  /** Namespaces have it: with several controllers, a reset of one leaves it alone (Fig. 125). */
  readonly ofNamespace?: true;
  /** In dword 11: what selects one of several values. */
  readonly select?: number;
  readonly values: readonly number[];
}

const ROWS: readonly FeatureRow[] = [
  { fid: 0x01, kept: "saved", values: [0, 0x0102_0307, 0xffff_ff00] },
  { fid: 0x02, kept: "saved", values: [0] },
  { fid: 0x04, kept: "saved", values: [0x140, 0x150] },
  { fid: 0x04, kept: "saved", select: 0x10_0000, values: [0, 0x110] },
  { fid: 0x05, kept: "saved", ofNamespace: true, values: [0, 100, 0xffff] },
  { fid: 0x06, kept: "saved", values: [0, 1] },
  { fid: 0x07, kept: "default", values: [0x0003_0003, 0x0000_0000] },
  { fid: 0x08, kept: "saved", values: [0, 0x1234] },
  { fid: 0x0a, kept: "saved", values: [0, 1] },
  { fid: 0x0b, kept: "saved", values: [0, 0x0f, 0x05] },
  { fid: 0x0f, kept: "default", values: [0, 5_000, 120_000] },
  { fid: 0x10, kept: "persistent", values: [0, 0x0140_0150] },
  { fid: 0x11, kept: "saved", values: [0, 1] },
  { fid: 0x17, kept: "persistent", values: [0, 1] },
  { fid: 0x80, kept: "persistent", values: [0, 7, 0xff] },
];

interface Values {
  initial: number;
  current: number;
  saved: number | undefined;
}

class Run {
  readonly bench: Bench;
  readonly #values = new Map<FeatureRow, Values>();
  readonly #selects: boolean;
  readonly #controllers: number;

  constructor(readonly preset: string, readonly random: Seeded) {
    this.bench = new Bench(preset, random.seed);
    this.#selects = personality(preset).savesFeatures;
    this.#controllers = personality(preset).controllers ?? 1;
  }

  get rows(): readonly FeatureRow[] {
    return [...this.#values.keys()];
  }

  /** Learns which features there are, and what they begin with. */
  async begin(): Promise<void> {
    for (const row of ROWS) {
      const current = await this.#get(row, 0);
      if (current === undefined) continue;
      const initial = this.#selects ? await this.#get(row, 1) ?? 0 : current;
      const saved = this.#selects ? await this.#get(row, 2) ?? 0 : initial;
      assertEquals(current, saved, "a drive begins with what is saved");
      this.#values.set(row, { initial, current, saved: saved === initial ? undefined : saved });
    }
  }

  async set(row: FeatureRow, value: number, save: boolean): Promise<void> {
    const { status } = await this.bench.admin(SET, {
      cdw10: (row.fid | (save ? SAVE : 0)) >>> 0,
      cdw11: ((row.select ?? 0) | value) >>> 0,
      nsid: row.ofNamespace ? 1 : 0,
    });
    const expected = !save || (this.#selects && row.kept === "saved")
      ? OK
      : this.#selects
      ? NOT_SAVEABLE
      : INVALID_FIELD;
    assertEquals(status, expected, `feature ${row.fid}`);
    const values = this.#values.get(row);
    if (status !== OK || !values) return;
    values.current = value;
    if (save) values.saved = value;
  }

  reset(kind: "controller" | "subsystem" | "power"): void {
    if (kind === "controller") this.bench.drive.first.reset();
    else if (kind === "subsystem") this.bench.drive.resetSubsystem();
    else this.bench.drive.powercut();
    for (const [row, values] of this.#values) {
      const stays = row.ofNamespace && kind === "controller" && this.#controllers > 1;
      if (row.kept !== "persistent" && !stays) values.current = values.saved ?? values.initial;
    }
  }

  async check(row: FeatureRow): Promise<void> {
    const { initial, current, saved } = this.#values.get(row) ?? {};
    const label = `feature ${row.fid.toString(16)}h`;
    assertEquals(await this.#get(row, 0), current, label);
    if (!this.#selects) return;
    assertEquals(await this.#get(row, 1), initial, `${label}, default`);
    assertEquals(await this.#get(row, 2), saved ?? initial, `${label}, saved`);
  }

  /** A value; undefined where the drive does not have the feature. */
  async #get(row: FeatureRow, select: number): Promise<number | undefined> {
    const { status, dw0 } = await this.bench.admin(GET, {
      cdw10: row.fid | (select << 8),
      cdw11: row.select ?? 0,
      nsid: row.ofNamespace ? 1 : 0,
    });
    return status === OK ? dw0 : undefined;
  }
}

for (const [index, preset] of presetNames().entries()) {
  Deno.test(`virtual:${preset} keeps its features as they were set, saved or made`, async () => {
    for (let life = 0; life < LIVES; life++) {
      await withSeed(0xfea7_0000 + index * LIVES + life, async (random) => {
        const run = new Run(preset, random);
        await run.begin();
        for (let step = 0; step < STEPS; step++) {
          const row = random.pick(run.rows);
          if (random.once(8)) run.reset(random.pick(["controller", "subsystem", "power"]));
          else await run.set(row, random.pick(row.values), random.once(3));
          await run.check(row);
          await run.check(random.pick(run.rows));
        }
      });
    }
  });
}
