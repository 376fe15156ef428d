// nvmectl health.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { health } from "../../src/commands/health.ts";
import { InterruptedError, UnreachableError, UsageError } from "../../src/errors.ts";
import type { Topology } from "../../src/host/topology.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { SMART_IMAGE } from "../golden/log/images.ts";
import { FakeClock, runCommand, virtualDrive } from "../support/context.ts";
import { type Scripted, scriptedTransport } from "../support/scripted.ts";
import { controller } from "../support/topology.ts";

/** A drive that answers with these SMART pages, one after another. */
function drive(...pages: readonly Uint8Array[]): Scripted {
  const identity = { sn: "S1", mn: "EXAMPLE", fr: "1.0", wctemp: 343, cctemp: 353 };
  return scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 0x01 }, data: IdentifyController.encode(identity) },
    ...pages.map((data) => ({
      expect: { opcode: 0x02, cdw10: 0x007f0002, nsid: 0xffffffff },
      data,
    })),
  ]);
}

/** The golden page without its media errors, and with some bytes changed. */
function page(changes: Readonly<Record<number, readonly number[]>> = {}): Uint8Array {
  const bytes = new Uint8Array(SMART_IMAGE);
  bytes.fill(0, 160, 176);
  for (const [at, values] of Object.entries(changes)) bytes.set(values, Number(at));
  return bytes;
}

function machine(...names: readonly string[]): Topology {
  return { subsystems: [], controllers: names.map((name) => controller(name)), namespaces: [] };
}

Deno.test("health of a good drive says so, then shows the page, and exits 0", async () => {
  const { report, text } = await runCommand(health, [], { drive: drive(page()) });
  assertEquals(report.exit, 0);
  const [first, second, third, fourth] = text.split("\n");
  assertEquals(first, "/dev/nvme9  EXAMPLE  serial S1  firmware 1.0");
  assertEquals(second, "GOOD: the drive reports nothing wrong");
  assertEquals([third, fourth], ["", "SMART / Health Information"]);
  assertStringIncludes(text, "Composite temperature            37 °C (310 K)");
});

Deno.test("health exits 1 for a warning, a critical drive and an impossible page", async () => {
  for (
    const [bytes, verdict, words] of [
      [page({ 5: [95] }), "warning", "WARNING: the drive works, but needs attention\n  - 95 %"],
      [
        page({ 0: [0x08] }),
        "critical",
        "CRITICAL: save what is on it and replace it\n  - the drive",
      ],
      [new Uint8Array(512), "impossible", "IMPOSSIBLE: what the drive reports cannot be true"],
    ] as const
  ) {
    const { report, text } = await runCommand(health, [], { drive: drive(bytes) });
    assertEquals([report.exit, report.json["verdict"]], [1, verdict]);
    assertStringIncludes(text, words);
  }
});

Deno.test("an overheated drive is to be cooled, not replaced, unless it has worse", async () => {
  const hot = { 0: [0x02, 0x61, 0x01] };
  const { text } = await runCommand(health, [], { drive: drive(page(hot)) });
  assertStringIncludes(text, "CRITICAL: its temperature endangers it; see to its cooling first");
  const worse = await runCommand(health, [], { drive: drive(page({ 0: [0x0a] })) });
  assertStringIncludes(worse.text, "CRITICAL: save what is on it and replace it");
});

Deno.test("health as JSON has the drive, the verdict, its reasons and the page", async () => {
  const { report } = await runCommand(health, ["-o", "json"], { drive: drive(page({ 5: [95] })) });
  const { smart, ...rest } = report.json;
  assertEquals(rest, {
    device: "/dev/nvme9",
    model: "EXAMPLE",
    serial: "S1",
    firmware: "1.0",
    verdict: "warning",
    reasons: [{ severity: "warning", text: "95 % of the rated life is used" }],
  });
  const values = smart as Record<string, unknown>;
  assertEquals(values["percentage_used"], 95);
  assertEquals(values["composite_temperature_celsius"], 37);
  assertEquals(values["data_units_written_s"], "170141183460469231731687303715884105727");
});

Deno.test("health raw is the page as the drive sent it", async () => {
  const bytes = page();
  const { report } = await runCommand(health, ["-o", "raw"], { drive: drive(bytes) });
  assertEquals(report.raw, bytes);
});

Deno.test("health -v shows fields that only matter sometimes", async () => {
  const { text } = await runCommand(health, ["-v"], { drive: drive(page()) });
  assertStringIncludes(text, "controller_busy_time");
});

Deno.test("health of a virtual drive is what its name says", async () => {
  for (
    const [name, verdict] of [
      ["", "good"],
      ["warning", "warning"],
      ["critical", "critical"],
      ["zero", "impossible"],
      ["impossible", "impossible"],
      ["hostile", undefined],
      ["old", undefined],
    ] as const
  ) {
    const { report } = await runCommand(health, [], { drive: virtualDrive(name).transport });
    if (verdict) assertEquals(report.json["verdict"], verdict, name);
    assertEquals(report.exit, report.json["verdict"] === "good" ? 0 : 1, name);
  }
});

Deno.test("health asks for nothing but Identify and the page", async () => {
  const transport = drive(page());
  await runCommand(health, [], { drive: transport });
  transport.done();
});

Deno.test("health --all shows every drive, and exits 0 when all are good", async () => {
  const { report, text } = await runCommand(health, ["--all"], {
    topology: machine("nvme0", "nvme1"),
    others: { "/dev/nvme0": drive(page()), "/dev/nvme1": drive(page()) },
  });
  assertEquals(report.exit, 0);
  assertEquals((report.json["drives"] as readonly unknown[]).length, 2);
  assertEquals(text.match(/^GOOD/gm)?.length, 2);
});

Deno.test("health --all goes on after a drive that cannot be asked, and exits 4", async () => {
  const dead = new UnreachableError("Cannot open /dev/nvme0: the drive is gone", { next: "dmesg" });
  const { report, text } = await runCommand(health, ["--all"], {
    topology: machine("nvme0", "nvme1"),
    others: { "/dev/nvme0": dead, "/dev/nvme1": drive(page()) },
  });
  assertEquals(report.exit, 4);
  const [first, second] = report.json["drives"] as readonly Record<string, unknown>[];
  assertEquals(first, {
    device: "/dev/nvme0",
    error: "Cannot open /dev/nvme0: the drive is gone",
    next: "dmesg",
  });
  assertEquals(second?.["verdict"], "good");
  assertStringIncludes(
    text,
    "/dev/nvme0\nCannot open /dev/nvme0: the drive is gone\nNext: dmesg\n",
  );
});

Deno.test("health --all exits 1 where one drive is bad, whatever the others are", async () => {
  const dead = new UnreachableError("Cannot open it: gone");
  for (const names of [["nvme0", "nvme1"], ["nvme1", "nvme0"]]) {
    const { report } = await runCommand(health, ["--all"], {
      topology: machine(...names),
      others: { "/dev/nvme0": dead, "/dev/nvme1": drive(page({ 5: [95] })) },
    });
    assertEquals(report.exit, 1, names.join());
  }
});

Deno.test("health --all does not take a fault of its own for a dead drive", async () => {
  await assertRejects(
    () =>
      runCommand(health, ["--all"], {
        topology: machine("nvme0"),
        others: { "/dev/nvme0": new TypeError("fault") },
      }),
    TypeError,
  );
});

Deno.test("health --all on a machine without drives says so, and that is no failure", async () => {
  const { report, text } = await runCommand(health, ["--all"]);
  assertEquals([report.exit, report.json["drives"]], [0, []]);
  assertStringIncludes(text, "The kernel shows no NVMe drive");
});

Deno.test("health --watch --count writes each reading as it comes, and returns the last", async () => {
  const clock = new FakeClock(Date.UTC(2025, 0, 1));
  const grown = page({ 0: [0], 32: [0x28, 0xe6, 0x01], 1: [0x37, 0x01] });
  const { report, context, text } = await runCommand(
    health,
    ["--watch", "10", "--count", "3", "-o", "ndjson"],
    { drive: drive(page(), grown, page({ 5: [95] })), clock },
  );
  assertEquals(clock.sleeps, [10_000, 10_000]);
  assertEquals(
    [...context.emitted, report].map(({ json }) => [json["time"], json["verdict"]]),
    [
      ["2025-01-01T00:00:00.000Z", "good"],
      ["2025-01-01T00:00:10.000Z", "good"],
      ["2025-01-01T00:00:20.000Z", "warning"],
    ],
  );
  assertEquals(report.exit, 1, "the last reading decides");
  assertStringIncludes(text, "warning");
});

Deno.test("after the first reading in full, a line each says what has changed", async () => {
  // 1000 data units of 512,000 bytes more were read, and it is one degree warmer.
  const { context, text } = await runCommand(health, ["--watch", "10", "--count", "2"], {
    drive: drive(page(), page({ 1: [0x37, 0x01], 32: [0x28, 0xe6, 0x01] })),
  });
  assert((context.emitted[0]?.blocks.length ?? 0) > 2);
  assertEquals(
    text,
    "2025-01-01T00:00:10.000Z  good  38 °C  read +512 MB  written +0 B  media errors 0\n",
  );
});

Deno.test("a drive without a sensor has no temperature in its line", async () => {
  const { text } = await runCommand(health, ["--watch", "10", "--count", "2"], {
    drive: drive(page(), page({ 1: [0, 0] })),
  });
  assertEquals(text.includes("°C"), false);
});

Deno.test("health --watch --count 1 is one reading and no wait", async () => {
  const clock = new FakeClock();
  const { context } = await runCommand(health, ["--watch", "10", "--count", "1"], {
    drive: drive(page()),
    clock,
  });
  assertEquals([clock.sleeps, context.emitted.length], [[], 0]);
});

Deno.test("Ctrl-C ends watching with its exit status, after what was read has been written", async () => {
  for (const exit of [130, 143] as const) {
    const controller = new AbortController();
    const clock = new FakeClock();
    const inner = drive(page(), page());
    const interrupting: Transport = {
      ...inner,
      submit(command) {
        // While the second reading is under way: the wait after it finds out.
        if (inner.commands.length === 2) {
          controller.abort(new InterruptedError("Interrupted by a signal", exit));
        }
        return inner.submit(command);
      },
    };
    const error = await assertRejects(
      () =>
        runCommand(health, ["--watch", "10"], {
          drive: interrupting,
          clock,
          signal: controller.signal,
        }),
      InterruptedError,
      "Stopped watching /dev/nvme9 after 2 readings",
    );
    assertEquals(error.exitCode, exit);
    assertStringIncludes(error.next ?? "", "nothing goes on");
  }
});

Deno.test("a drive that goes away while it is watched is an error", async () => {
  const inner = drive(page());
  const gone = new UnreachableError("Cannot send a command to /dev/nvme9: the drive is gone");
  const leaving: Transport = {
    ...inner,
    submit: (command) => inner.commands.length < 2 ? inner.submit(command) : Promise.reject(gone),
  };
  const error = await assertRejects(
    () => runCommand(health, ["--watch", "10"], { drive: leaving }),
    UnreachableError,
  );
  assertEquals(error, gone);
});

Deno.test("options that contradict each other are refused before the drive is opened", async () => {
  for (
    const words of [
      ["--count", "3"],
      ["--all", "/dev/nvme0"],
      ["--all", "--watch", "5"],
      ["--watch", "5", "-o", "json"],
      ["--watch", "5", "-o", "raw"],
      ["--all", "-o", "raw"],
    ]
  ) {
    const transport = drive();
    await assertRejects(() => runCommand(health, words, { drive: transport }), UsageError);
    assertEquals(transport.commands.length, 0, words.join(" "));
  }
});

Deno.test("-o json with --watch is refused with the way that works", async () => {
  const error = await assertRejects(
    () => runCommand(health, ["--watch", "5", "-o", "json"]),
    UsageError,
    "Cannot watch with -o json: results stream",
  );
  assertStringIncludes(error.next ?? "", "ndjson");
});
