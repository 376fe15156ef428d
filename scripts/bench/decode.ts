// Decoding: pages per second through the tables of src/spec, against straight-line code that reads
// the same fields of the same bytes and means nothing by them.

import { Struct } from "../../src/layout/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { CONTROLLER_IMAGE } from "../../tests/golden/identify/images.ts";
import { SMART_IMAGE } from "../../tests/golden/log/images.ts";
import { type Comparison, formatWhole, type Section } from "./report.ts";
import { measurePairs, ratios, spread } from "./statistics.ts";

const PLAN = { pairs: 31, dropped: 5 };
/** Pages that differ, so that no answer can be reused; results of the last ones are kept. */
const PAGES = 64;
const BATCH_MS = 40;

type Decode = (bytes: Uint8Array) => unknown;

/** Where results go, so that none of them can be left out as unused. */
const sink: unknown[] = new Array(PAGES).fill(undefined);

export const DECODE_TITLE = "Decoding";

/** Measures both pages. */
export async function decode(): Promise<Section> {
  return {
    title: DECODE_TITLE,
    method: "A page of bytes to a value with all fields, through the tables, warm. The floor is " +
      "generated code that copies the bytes and reads each field of the same table with one " +
      "`DataView` call (a 128-bit field with two) into an array: no names, no bits, no text. " +
      `${PLAN.pairs} pairs of batches of ${BATCH_MS} ms, the first ${PLAN.dropped} dropped.`,
    commands: [["nvmectl", "Struct.decode() in src/layout/struct.ts, on the tests' golden pages"]],
    heads: ["nvmectl", "floor"],
    comparisons: [
      await compare("SMART page, 512 bytes", SmartLog, SMART_IMAGE),
      await compare("Identify Controller, 4096 bytes", IdentifyController, CONTROLLER_IMAGE),
    ],
  };
}

async function compare<T extends object, I>(
  what: string,
  struct: Struct<T, I>,
  image: Uint8Array,
): Promise<Comparison> {
  const pages = variants(image);
  const batch = (run: Decode): () => number => {
    const passes = calibrate(run, pages);
    return () => nanosecondsAPage(run, pages, passes);
  };
  const pairs = await measurePairs(
    PLAN,
    batch((bytes) => struct.decode(bytes)),
    batch(floorOf(struct)),
  );
  if (sink.includes(undefined)) throw new Error(`Cannot measure ${what}: results are missing`);
  const text = (nanoseconds: number): string =>
    `${formatWhole(nanoseconds)} ns, ${formatWhole(1e9 / nanoseconds)}/s`;
  return {
    what,
    ours: text(spread(pairs.map(({ ours }) => ours)).median),
    reference: text(spread(pairs.map(({ reference }) => reference)).median),
    ratio: ratios(pairs, (nanoseconds) => nanoseconds),
  };
}

/** Copies of a page that differ in four bytes of its text or counters. */
function variants(image: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: PAGES }, (_, at) => {
    const page = image.slice();
    new DataView(page.buffer).setUint32(64, at * 0x01010101, true);
    return page;
  });
}

/** Passes over all pages that take about a batch's time; running them also warms the code. */
function calibrate(run: Decode, pages: readonly Uint8Array[]): number {
  const started = performance.now();
  let passes = 0;
  for (; performance.now() - started < 5 * BATCH_MS; passes++) decodeAll(run, pages);
  return Math.max(1, Math.round(passes / 5));
}

function nanosecondsAPage(run: Decode, pages: readonly Uint8Array[], passes: number): number {
  const started = performance.now();
  for (let pass = 0; pass < passes; pass++) decodeAll(run, pages);
  return (performance.now() - started) * 1e6 / (passes * pages.length);
}

function decodeAll(run: Decode, pages: readonly Uint8Array[]): void {
  pages.forEach((page, at) => {
    sink[at] = run(page);
  });
}

/**
 * The floor of a structure's decoding: a function that copies the bytes and reads every field once,
 * made from the table so that it misses none. Text and byte strings are in the copy already.
 */
export function floorOf(struct: Struct<object, never>): Decode {
  const reads = fieldReads(struct, 0).join(",\n");
  return new Function(
    "bytes",
    `const copy = bytes.slice(); const view = new DataView(copy.buffer); return [copy,\n${reads}];`,
  ) as Decode;
}

/** One expression over `view` for each field, those of nested structures and arrays included. */
export function fieldReads(struct: Struct<object, never>, base: number): readonly string[] {
  return struct.rows.flatMap(({ name, first, codec }) =>
    name === "" ? [] : codecReads(codec, base + first)
  );
}

interface Readable {
  readonly size: number;
  readonly type: string;
  readonly item?: Readable;
}

function codecReads(codec: Readable, at: number): readonly string[] {
  if (codec instanceof Struct) return fieldReads(codec, at);
  const { item, size, type } = codec;
  if (item !== undefined) {
    const count = size / item.size;
    return Array.from({ length: count }, (_, index) => codecReads(item, at + index * item.size))
      .flat();
  }
  return /\bu\d+\b/.test(type) ? [integerRead(size, at)] : [];
}

function integerRead(size: number, at: number): string {
  const read = (bits: number, offset: number): string => `view.getUint${bits}(${offset}, true)`;
  switch (size) {
    case 1:
      return `view.getUint8(${at})`;
    case 2:
      return read(16, at);
    case 3:
      return `${read(16, at)} | view.getUint8(${at + 2}) << 16`;
    case 4:
      return read(32, at);
    case 6:
      return `${read(32, at)} + ${read(16, at + 4)} * 2 ** 32`;
    case 7:
    case 8:
      return `view.getBigUint64(${at}, true)`;
    case 16:
      return `view.getBigUint64(${at}, true) | view.getBigUint64(${at + 8}, true) << 64n`;
    default:
      throw new Error(`Cannot read an integer of ${size} bytes: no field has that size`);
  }
}
