// Tests the pure parts of the benchmarks: statistics, parsing, the document.

import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { parseArguments, UsageError } from "../../scripts/bench/arguments.ts";
import { readUsage } from "../../scripts/bench/child.ts";
import { fieldReads, floorOf } from "../../scripts/bench/decode.ts";
import { COMMANDS, type Face, floorFace, run } from "../../scripts/bench/direct.ts";
import { describeMachine, machineText } from "../../scripts/bench/machine.ts";
import {
  type Comparison,
  formatMiB,
  formatMs,
  formatRatio,
  formatSection,
  formatTable,
  formatWhole,
  judge,
  mergeDocument,
  type Section,
  verdict,
} from "../../scripts/bench/report.ts";
import { floorLoop, ringLoop } from "../../scripts/bench/ring.ts";
import {
  measurePairs,
  medianInterval,
  quantile,
  ratios,
  spread,
} from "../../scripts/bench/statistics.ts";
import { temperaturesByNvmeCli, temperaturesByNvmectl } from "../../scripts/bench/sweep.ts";
import { readsPerSecond } from "../../scripts/bench/target.ts";
import { transferMs } from "../../scripts/bench/telemetry.ts";
import {
  array,
  ascii,
  at,
  bit,
  bits,
  reserved,
  struct,
  u128,
  u16,
  u24,
  u32,
  u48,
  u64,
  u8,
} from "../../src/layout/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { SmartLog } from "../../src/spec/log/smart.ts";
import { Bench } from "../drive/bench.ts";
import { SMART_IMAGE } from "../golden/log/images.ts";

Deno.test("quantile() interpolates between the two nearest, in any order", () => {
  assertEquals(quantile([3, 1, 2], 0.5), 2);
  assertEquals(quantile([4, 1, 3, 2], 0.5), 2.5);
  assertEquals(quantile([10, 20, 30, 40, 50], 0.25), 20);
  assertEquals(quantile([10, 20], 0.75), 17.5);
  assertEquals(quantile([7], 0.25), 7);
  assertThrows(() => quantile([], 0.5), RangeError, "no measurements");
});

Deno.test("spread() is not moved by one outlier", () => {
  const { median, low, high } = spread([1, 2, 3, 4, 1000]);
  assertEquals({ median, low, high }, { median: 3, low: 2, high: 4 });
});

Deno.test("medianInterval() has the ranks of the sign test, and all of the range when few", () => {
  const forty = Array.from({ length: 40 }, (_, at) => at + 1);
  assertEquals(medianInterval(forty), [14, 27]);
  assertEquals(medianInterval([3, 1, 2]), [1, 3]);
});

Deno.test("verdict() is unclear while the median may lie on either side of the aim", () => {
  const at = (from: number, to: number) => spread([from, (from + to) / 2, to]);
  assertEquals(verdict(at(0.8, 1), 1), "met");
  assertEquals(verdict(at(0.8, 1.01), 1), "unclear");
  assertEquals(verdict(at(1.01, 1.2), 1), "missed");
  assertEquals(verdict(at(5, 6), Infinity), "met");
});

Deno.test("an aim can be one of time instead of the ratio", () => {
  const ratio = spread([9, 9, 9]);
  const comparison = { what: "it", ours: "50 ns", reference: "5 ns", ratio };
  assertEquals(judge(comparison), undefined);
  assertEquals(judge({ ...comparison, aim: 3 }), "missed");
  const absolute = { value: spread([50, 50, 50]), unit: "ns" };
  assertEquals(judge({ ...comparison, aim: 60, absolute }), "met");
  assertEquals(judge({ ...comparison, aim: 40, absolute }), "missed");
  const table = formatTable({
    title: "",
    method: "",
    commands: [],
    heads: ["ours", "floor"],
    comparisons: [{ ...comparison, aim: 60, absolute }],
  });
  assertMatch(table, /9\.00 \(9\.00 to 9\.00\) \| 60 ns: met \|/);
});

Deno.test("ratios() divides within a pair, so that a slow moment cancels", () => {
  const pairs = [1, 10, 100].map((load) => ({ ours: 3 * load, reference: 2 * load }));
  assertEquals(ratios(pairs, (ms) => ms), {
    median: 1.5,
    low: 1.5,
    high: 1.5,
    between: [1.5, 1.5],
  });
});

Deno.test("measurePairs() alternates who is first and drops the first pairs", async () => {
  const order: string[] = [];
  const run = (name: string) => () => {
    order.push(name);
    return order.length;
  };
  const pairs = await measurePairs({ pairs: 3, dropped: 1 }, run("ours"), run("reference"));
  assertEquals(order, ["ours", "reference", "reference", "ours", "ours", "reference"]);
  assertEquals(pairs, [{ ours: 4, reference: 3 }, { ours: 5, reference: 6 }]);
});

Deno.test("parseArguments() takes names in any order and runs them in its own", () => {
  assertEquals(parseArguments([]), {
    help: false,
    write: false,
    names: ["startup", "sweep", "decode", "direct", "ring", "polled", "target", "telemetry"],
  });
  assertEquals(parseArguments(["decode", "--write", "startup"]), {
    help: false,
    write: true,
    names: ["startup", "decode"],
  });
  assertEquals(parseArguments(["--help"]).help, true);
  assertThrows(() => parseArguments(["start"]), UsageError, '"start"');
  assertThrows(() => parseArguments(["--wri"]), UsageError, '"--wri"');
});

Deno.test("readUsage() reads the times and the peak of struct rusage", () => {
  const usage = new Uint8Array(144);
  const view = new DataView(usage.buffer);
  view.setBigInt64(0, 1n, true); // user: 1 s
  view.setBigInt64(8, 250_000n, true); // and 250,000 µs
  view.setBigInt64(24, 4_000n, true); // system: 4,000 µs
  view.setBigInt64(32, 62_316n, true);
  assertEquals(readUsage(usage), { processorMs: 1254, residentKiB: 62_316 });
});

Deno.test("describeMachine() names processor, cores, memory, kernel, and no host", () => {
  const cpuinfo = [
    "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu hypervisor lm\n",
    "processor\t: 1\nmodel name\t: AMD EPYC 7B13\nflags\t\t: fpu hypervisor lm\n",
  ].join("\n");
  const machine = describeMachine(cpuinfo, "MemTotal:       16384000 kB\nMemFree: 1 kB\n", {
    kernel: "6.1.0-18-amd64",
    architecture: "x86_64",
  });
  assertEquals(
    machineText(machine),
    "AMD EPYC 7B13, 2 cores, 16 GiB of memory, Linux 6.1.0-18-amd64, itself a virtual machine",
  );
});

Deno.test("describeMachine() falls back to the architecture where no model has a name", () => {
  const machine = describeMachine("processor\t: 0\nBogoMIPS\t: 50.00\n", "MemTotal: 1048576 kB\n", {
    kernel: "6.6.1",
    architecture: "aarch64",
  });
  assertEquals(
    machineText(machine),
    "aarch64 processor, 1 core, 1 GiB of memory, Linux 6.6.1",
  );
});

Deno.test("numbers are written with units and separators", () => {
  assertEquals(formatMs(28.84), "28.8 ms");
  assertEquals(formatMs(2140), "2.14 s");
  assertEquals(formatMiB(62_316), "60.9 MiB");
  assertEquals(formatWhole(999.6), "1,000");
  assertEquals(formatWhole(1_024_328), "1,024,328");
  assertEquals(
    formatRatio({ median: 1.234, low: 1, high: 1.5, between: [1, 2] }),
    "1.23 (1.00 to 1.50)",
  );
});

function comparison(median: number, aim?: number): Comparison {
  const ratio = { median, low: 1, high: 2, between: [median, median] } as const;
  return {
    what: "wall time",
    ours: "3 ms",
    reference: "2 ms",
    ratio,
    ...(aim === undefined ? {} : { aim }),
  };
}

function section(title: string, ...comparisons: readonly Comparison[]): Section {
  return {
    title,
    method: "How.",
    commands: [["nvmectl", "nvmectl health"], ["floor", "hello"]],
    comparisons,
    heads: ["nvmectl", "floor"],
  };
}

Deno.test("formatTable() lines its columns up and says whether an aim is met", () => {
  assertEquals(
    formatTable(section("A", comparison(1.5, 1.5), comparison(1.51, 1.5), comparison(9))),
    [
      "|           | nvmectl | floor | ratio               | aim         |",
      "| --------- | ------- | ----- | ------------------- | ----------- |",
      "| wall time | 3 ms    | 2 ms  | 1.50 (1.00 to 2.00) | 1.5: met    |",
      "| wall time | 3 ms    | 2 ms  | 1.51 (1.00 to 2.00) | 1.5: missed |",
      "| wall time | 3 ms    | 2 ms  | 9.00 (1.00 to 2.00) |             |",
    ].join("\n"),
  );
});

Deno.test("formatSection() has the commands beside the numbers, and the machine", () => {
  const text = formatSection(section("Start-up", comparison(2)), {
    command: "bench startup",
    machine: "a machine",
    load: 1.25,
  });
  assert(text.startsWith("## Start-up\n\nHow.\n"));
  assertMatch(text, /^- nvmectl: `nvmectl health`$/m);
  assertMatch(text, /^- floor: `hello`$/m);
  assertMatch(text, /^- repeat it: `bench startup`$/m);
  assertMatch(text, /^- machine: a machine; load average before: 1\.3$/m);
});

Deno.test("mergeDocument() renews what was measured, keeps the rest, in the given order", () => {
  const first = mergeDocument("", new Map([["B", "## B\n\nold b"], ["C", "## C\n\nc"]]), [
    "A",
    "B",
    "C",
  ]);
  assert(first.startsWith("# Benchmarks\n\n"));
  const second = mergeDocument(first, new Map([["A", "## A\n\na"], ["B", "## B\n\nnew b"]]), [
    "A",
    "B",
    "C",
  ]);
  assert(second.endsWith("\n\n## A\n\na\n\n## B\n\nnew b\n\n## C\n\nc\n"), second);
  assertEquals(second.match(/^# /gm)?.length, 1);
  assert(!mergeDocument(second, new Map(), ["A", "B"]).includes("## C"));
});

Deno.test("temperaturesByNvmectl() leaves out drives that gave no page", () => {
  const drives = [{ smart: { composite_temperature: 323 } }, { error: "Cannot open" }];
  assertEquals(temperaturesByNvmectl(JSON.stringify({ drives })), [323]);
});

Deno.test("temperaturesByNvmeCli() takes objects apart that follow each other", () => {
  const one = (temperature: number) =>
    JSON.stringify({ temperature, nested: { thresholds: {} } }, null, 2) + "\n";
  assertEquals(temperaturesByNvmeCli(one(323) + one(324)), [323, 324]);
  assertEquals(temperaturesByNvmeCli(""), []);
});

Deno.test("fieldReads() reads each integer once, at its place, in arrays and structures too", () => {
  const inner = struct("Inner", 4, "", [at(0, 2, "c", u24, "C"), reserved(3, 3)]);
  const outer = struct("Outer", 60, "", [
    at(0, 0, "a", bits(u8, { first: bit(0, "first") }), "A"),
    reserved(1, 1),
    at(2, 5, "b", array(u16, 2), "B"),
    at(6, 13, "d", array(inner, 2), "D"),
    at(14, 17, "text", ascii(4), "Text"),
    at(18, 33, "e", u128, "E"),
    at(34, 41, "f", u64, "F"),
    at(42, 45, "g", u32, "G"),
    at(46, 51, "h", u48, "H"),
    reserved(52, 59),
  ]);
  assertEquals(fieldReads(outer, 0), [
    "view.getUint8(0)",
    "view.getUint16(2, true)",
    "view.getUint16(4, true)",
    "view.getUint16(6, true) | view.getUint8(8) << 16",
    "view.getUint16(10, true) | view.getUint8(12) << 16",
    "view.getBigUint64(18, true) | view.getBigUint64(26, true) << 64n",
    "view.getBigUint64(34, true)",
    "view.getUint32(42, true)",
    "view.getUint32(46, true) + view.getUint16(50, true) * 2 ** 32",
  ]);
});

Deno.test("floorOf() reads the same numbers as the tables", () => {
  const [copy, warning, kelvin, ...rest] = floorOf(SmartLog)(SMART_IMAGE) as readonly unknown[];
  const decoded = SmartLog.decode(SMART_IMAGE);
  assertEquals(copy, SMART_IMAGE);
  assertEquals(warning, decoded.criticalWarning.value);
  assertEquals(kelvin, decoded.compositeTemperature);
  assert(rest.includes(decoded.dataUnitsWritten));
  assertEquals(rest.at(-1), decoded.thermalTime2);
  // 23 fields, one of them eight sensors.
  assertEquals(fieldReads(SmartLog, 0).length, 30);
  assert(fieldReads(IdentifyController, 0).length > 300);
});

Deno.test("the direct benchmark's commands mean the same to a drive and to its floor", async () => {
  const drive = new Bench().transport;
  for (const face of [drive, floorFace()]) {
    const data = { bytes: new Uint8Array(4096), [Symbol.dispose]: () => {} };
    data.bytes.fill(0x5a);
    assertEquals((await face.submit(COMMANDS.write(7, data))).status, 0);
    data.bytes.fill(0);
    assertEquals((await face.submit(COMMANDS.read(8, data))).status, 0);
    assert(!data.bytes.includes(0x5a), "another place");
    assertEquals((await face.submit(COMMANDS.read(7, data))).status, 0);
    assert(data.bytes.every((byte) => byte === 0x5a), "the same place");
    data.bytes.fill(0);
    assertEquals((await face.submit(COMMANDS.identify(0, data))).status, 0);
    assert(data.bytes.some((byte) => byte !== 0), "a page");
  }
});

Deno.test("the ring benchmark's commands all come back, by the queues and by hand", () => {
  for (const batch of [1, 32]) {
    for (const loop of [ringLoop(batch), floorLoop(batch)]) {
      // More than one round of the rings, and again from where they stand then.
      for (let times = 0; times < 3; times++) assertEquals(loop(batch * 101), batch * 101);
    }
  }
});

Deno.test("a command allocates nothing on its way through the queues", () => {
  const commands = 1 << 15;
  for (const batch of [1, 32]) {
    const loop = ringLoop(batch);
    // Until the code is compiled, numbers may be objects; and the collector has its own times.
    const grown = Array.from({ length: 40 }, () => {
      const { heapUsed } = Deno.memoryUsage();
      loop(commands);
      return Math.abs(Deno.memoryUsage().heapUsed - heapUsed);
    });
    assert(Math.min(...grown) < commands, `${grown} bytes for ${commands} commands`);
  }
});

Deno.test("run() sends as many commands as it says and stops at a refused one", async () => {
  const cdw10: (number | undefined)[] = [];
  const face: Face = {
    submit(command) {
      cdw10.push(command.cdw10);
      return Promise.resolve({ status: cdw10.length > 3 ? 0x4002 : 0, result: 0n });
    },
  };
  assert(await run(face, COMMANDS.read, 3) > 0);
  assertEquals(new Set(cdw10).size, 3);
  await assertRejects(() => run(face, COMMANDS.read, 2), Error, "status 16386");
});

Deno.test("readsPerSecond() reads fio's JSON behind its notes, and refuses a run that failed", () => {
  const report = (job: object): string => `note: ramp\n${JSON.stringify({ jobs: [job] }, null, 2)}`;
  assertEquals(readsPerSecond(report({ error: 0, read: { iops: 1649.5 } })), 1649.5);
  assertThrows(() => readsPerSecond(report({ error: 5, read: { iops: 9 } })), Error, "error 5");
  assertThrows(() => readsPerSecond(report({ error: 0, read: { iops: 0 } })), Error, "error 0");
  assertThrows(() => readsPerSecond('{"jobs":[]}'), Error, "error none");
});

Deno.test("transferMs() is what the large telemetry takes beyond the small one", () => {
  assertEquals(transferMs({ large: 2400, small: 1400 }), 1000);
});
