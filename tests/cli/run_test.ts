// One invocation against a world in memory: what goes where, and with which exit status.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { escapeHostile } from "../../src/cli/render.ts";
import { type Command, command } from "../../src/cli/command.ts";
import type { Guard } from "../../src/cli/confirm.ts";
import { integer, toggle } from "../../src/cli/flags.ts";
import { heading, paragraph } from "../../src/cli/report.ts";
import { run, type World } from "../../src/cli/run.ts";
import { identifyController } from "../../src/controller/identify.ts";
import {
  EXIT,
  InterruptedError,
  SafetyError,
  UnreachableError,
  UsageError,
} from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { FakeClock } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";
import { memorySecrets } from "../support/memory_secrets.ts";
import { type MemoryOptions, type MemoryStreams, memoryStreams } from "../support/streams.ts";

const MODEL = "EXAMPLE\x1b[2J";
const SERIAL = "S1234";
const FORMAT = { queue: "admin", opcode: 0x80, nsid: 1, cdw10: 0x201, slow: true } as const;

/** A verb that does whatever a test wants. */
function verb(does: Command["run"], more: Partial<Command> = {}): Command {
  return command({
    name: "probe",
    group: "Look",
    summary: "Probe",
    effect: "read",
    target: "drive",
    flags: { fast: toggle("Fast"), count: integer("Count", { max: 9 }) },
    formats: ["table", "json", "raw", "ndjson"],
    examples: [],
    run: does,
    ...more,
  }) as unknown as Command;
}

const health = verb(async (context) => {
  const { mn } = await identifyController(await context.openDrive());
  return {
    json: { model: mn, verdict: "warning" },
    blocks: [heading(mn), paragraph("worn")],
    raw: Uint8Array.of(0, 0xff, 0x0a),
    exit: EXIT.bad,
  };
});

const format = verb(async (context) => {
  const drive = await context.openDrive();
  await identifyController(drive);
  {
    using _claim = await context.confirm({ drive, action: "Format it", namespaces: [1] });
    using data = drive.transport.allocate(16);
    await drive.execute({ ...FORMAT, direction: "out", data }, "format it");
    await drive.transport.rescan?.();
  }
  return { json: { formatted: true }, blocks: [paragraph("formatted")] };
}, { name: "format", effect: "destroy" });

/** A drive that answers Identify and Format, and tells when it is closed or looked at again. */
function fakeDrive(target: string, log: string[]): Transport {
  const page = IdentifyController.encode({ sn: SERIAL, mn: MODEL, tnvmcap: 10n ** 12n });
  const script = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 1 }, data: page },
    { expect: FORMAT },
  ], { target });
  return {
    ...script,
    submit: (asked) => {
      log.push(`submit ${asked.opcode.toString(16)}`);
      return script.submit(asked);
    },
    rescan: () => void log.push("rescan"),
    [Symbol.asyncDispose]() {
      log.push(`close ${target}`);
      return Promise.resolve();
    },
  };
}

interface Outcome {
  readonly exit: number;
  readonly streams: MemoryStreams;
  readonly log: readonly string[];
  readonly opened: readonly (string | undefined)[];
  json(): Record<string, unknown>;
  errorJson(): Record<string, unknown>;
}

interface Surroundings extends MemoryOptions {
  readonly command?: Command;
  readonly guard?: Guard;
  readonly world?: Partial<World>;
}

/** Runs `nvmectl WORDS` in a world of its own. */
async function nvmectl(words: string, around: Surroundings = {}): Promise<Outcome> {
  const log: string[] = [];
  const opened: (string | undefined)[] = [];
  const streams = memoryStreams(around);
  const world: World = {
    streams,
    clock: new FakeClock(),
    files: () => ({
      read: () => Promise.reject(),
      absolute: (path) => path,
      probe: () => Promise.reject(),
      write: () => Promise.reject(),
      size: () => Promise.reject(),
      stage: () => Promise.reject(),
      patch: () => Promise.reject(),
      head: () => Promise.reject(),
      reserve: () => Promise.reject(),
    }),
    open(target) {
      opened.push(target);
      const transport = fakeDrive(target ?? "/dev/nvme0", log);
      return Promise.resolve({ transport, ...(around.guard ? { guard: around.guard } : {}) });
    },
    topology: () => Promise.resolve({ subsystems: [], controllers: [], namespaces: [] }),
    controllers: () => Promise.resolve([]),
    trace({ destination }) {
      log.push(`trace to ${destination}`);
      return Promise.resolve({
        layerFor: (device) => ({
          submit: (asked, next) => {
            log.push(`traced ${device} ${asked.opcode.toString(16)}`);
            return next(asked);
          },
        }),
        close: () => void log.push("trace closed"),
      });
    },
    drives: () => Promise.reject(new Error("no virtual drives here")),
    secrets: memorySecrets(),
    keyring: () => Promise.reject(new Error("no keyrings here")),
    pci: () => Promise.reject(new Error("no PCI functions here")),
    load([name = "", ...rest]) {
      const known = around.command ?? health;
      if (name === known.name || name === "version") {
        return Promise.resolve({ command: known, rest });
      }
      return Promise.reject(new UsageError(`Cannot run ${name}: there is no such verb`));
    },
    help: (about) => Promise.resolve(`help of ${about.join(" ") || "all"}\n`),
    exitNow: (exit) => void log.push(`exit ${exit}`),
    ...around.world,
  };
  const exit = await run(words.split(" ").filter((word) => word !== ""), world);
  return {
    exit,
    streams,
    log,
    opened,
    json: () => JSON.parse(streams.out),
    errorJson: () => JSON.parse(streams.err),
  };
}

Deno.test("the result goes to stdout, nothing to stderr, and the exit status is the report's", async () => {
  const { exit, streams, opened } = await nvmectl("probe /dev/nvme3");
  assertEquals(exit, 1);
  assertEquals(streams.out, `${escapeHostile(MODEL)}\nworn\n`, "harmless also in a pipe");
  assertEquals(streams.err, "");
  assertEquals(opened, ["/dev/nvme3"]);
});

Deno.test("on a terminal the drive's strings are harmless", async () => {
  const { streams } = await nvmectl("probe", { terminal: true });
  assertEquals(streams.out, "EXAMPLE\\u{1b}[2J\nworn\n");
});

Deno.test("without a target the machine's only drive is opened", async () => {
  assertEquals((await nvmectl("probe")).opened, [undefined]);
});

Deno.test("JSON has the schema first, the facts, and the exit status", async () => {
  const { exit, streams, json } = await nvmectl("probe -o json");
  assertEquals(exit, 1);
  assertEquals(Object.entries(json()), [
    ["schema", "nvmectl.probe/1"],
    ["model", MODEL],
    ["verdict", "warning"],
    ["exit_status", 1],
  ]);
  assert(streams.out.endsWith("}\n"));
});

Deno.test("ndjson is one line", async () => {
  const { streams } = await nvmectl("probe -ondjson");
  assertEquals(streams.out.split("\n").length, 2);
  assertEquals(JSON.parse(streams.out)["exit_status"], 1);
});

Deno.test("raw is the bytes and nothing else", async () => {
  assertEquals((await nvmectl("probe -o raw")).streams.outBytes, Uint8Array.of(0, 0xff, 0x0a));
});

Deno.test("a result without a raw form says so", async () => {
  const none = verb(() => Promise.resolve({ json: {}, blocks: [] }));
  const { exit, streams } = await nvmectl("probe -o raw", { command: none });
  assertEquals(exit, 2);
  assertStringIncludes(streams.err, "Cannot write probe raw: this result has no raw form");
});

Deno.test("a failure leaves stdout empty and says what and what next on stderr", async () => {
  const lost = verb(() => {
    throw new UnreachableError("Cannot open it: gone", { next: "plug it in" });
  });
  const { exit, streams } = await nvmectl("probe", { command: lost });
  assertEquals(exit, 4);
  assertEquals(streams.out, "");
  assertEquals(streams.err, "nvmectl: Cannot open it: gone\n  Next: plug it in\n");
});

Deno.test("a failure in JSON is JSON on stderr, however the format was asked for", async () => {
  for (
    const words of [
      "-o json",
      "-ojson",
      "-o=json",
      "-vo json",
      "--output json",
      "--output=json",
      "-o ndjson",
    ]
  ) {
    const { exit, streams, errorJson } = await nvmectl(`probe ${words} --bogus`);
    assertEquals(exit, 2, words);
    assertEquals(streams.out, "");
    assertEquals(errorJson()["schema"], "nvmectl.error/1");
    assertEquals(errorJson()["exit_status"], 2);
    assertEquals(streams.err.split("\n").length, 2, "one line");
  }
});

Deno.test("an unknown verb is a failure like any other", async () => {
  const { exit, errorJson } = await nvmectl("prope -o json");
  assertEquals(exit, 2);
  assertStringIncludes(String(errorJson()["message"]), "no such verb");
});

Deno.test("a fault of nvmectl exits 70 and never looks like the drive's", async () => {
  const broken = verb(() => Promise.reject(new TypeError("undefined is not an object")));
  const { exit, streams } = await nvmectl("probe", { command: broken });
  assertEquals(exit, 70);
  assertStringIncludes(streams.err, "this is a fault of nvmectl");
});

Deno.test("a reader that closes stdout changes nothing of what was found, and nothing is said", async () => {
  const { exit, streams, log } = await nvmectl("probe", { closed: ["stdout"] });
  assertEquals(exit, 1);
  assertEquals(streams.err, "");
  assertEquals(log.at(-1), "close /dev/nvme0");
});

Deno.test("a reader that closes stderr, or a terminal that is gone, neither stops a command nor hides its failure", async () => {
  const talkative = verb((context) => {
    context.notice("about to begin");
    context.progress("Working").update({ fraction: 0.5 });
    throw new SafetyError("Cannot do it: unsafe");
  });
  for (const around of [{ closed: ["stderr"] }, { stderrGone: true }] as const) {
    const { exit } = await nvmectl("probe", { command: talkative, ...around });
    assertEquals(exit, 5);
  }
});

Deno.test("help comes with the verb, for the verb, or for a verb's option, and exits 0", async () => {
  for (const words of ["", "help", "--help", "-h"]) {
    const { exit, streams } = await nvmectl(words);
    assertEquals([exit, streams.out], [0, "help of all\n"], words);
  }
  assertEquals((await nvmectl("help probe")).streams.out, "help of probe\n");
  const { streams, opened } = await nvmectl("probe --help /dev/nvme0 -o json");
  assertEquals(streams.out, "help of probe\n");
  assertEquals(opened, [], "and no drive is touched");
});

Deno.test("--version is the verb of that name", async () => {
  const { exit, streams } = await nvmectl("--version", {
    command: verb(() => Promise.resolve({ json: {}, blocks: [paragraph("1.0")] }), {
      name: "version",
      target: "none",
    }),
  });
  assertEquals([exit, streams.out], [0, "1.0\n"]);
});

Deno.test("steps of a stream are written as they come, in the same form as the result", async () => {
  const stream = verb(async (context) => {
    await context.emit({ json: { step: 1 }, blocks: [paragraph("one")] });
    return { json: { step: 2 }, blocks: [paragraph("two")] };
  });
  assertEquals((await nvmectl("probe", { command: stream })).streams.out, "one\ntwo\n");
  const { streams } = await nvmectl("probe -o ndjson", { command: stream });
  const steps = streams.out.trim().split("\n").map((line) => JSON.parse(line)["step"]);
  assertEquals(steps, [1, 2]);
});

Deno.test("notices and progress go to stderr, so that a pipe gets only the result", async () => {
  const talkative = verb((context) => {
    context.notice("a reset is needed");
    using progress = context.progress("Working");
    progress.update({ fraction: 0.5 });
    return Promise.resolve({ json: {}, blocks: [paragraph("done")] });
  });
  const { streams } = await nvmectl("probe", { command: talkative });
  assertEquals(streams.out, "done\n");
  assertEquals(streams.err, "nvmectl: a reset is needed\nWorking: 50 %\n");
});

Deno.test("the options of every verb reach the command and its drive", async () => {
  const seen: unknown[] = [];
  const look = verb(async (context, { flags }) => {
    const drive = await context.openDrive();
    seen.push(context.verbose, context.timeoutMs, context.target, drive.options, flags["count"]);
    return { json: {}, blocks: [] };
  });
  await nvmectl("probe -v --timeout 5s --count 3 nvme1", { command: look });
  assertEquals(seen, [true, 5000, "nvme1", { timeoutMs: 5000, dryRun: false }, 3]);
});

Deno.test("all drives share one trace, closed after them, and they close in the opposite order", async () => {
  const two = verb(async (context) => {
    await context.openDrive();
    await context.openOther("/dev/nvme7");
    return { json: {}, blocks: [] };
  });
  const { log } = await nvmectl("probe /dev/nvme0 --trace=x.txt", { command: two });
  assertEquals(log, [
    "trace to x.txt",
    "close /dev/nvme7",
    "close /dev/nvme0",
    "trace closed",
  ]);
});

Deno.test("what was opened is closed even when the command fails", async () => {
  const fails = verb(async (context) => {
    await context.openDrive();
    await context.openOther("/dev/nvme7");
    throw new UnreachableError("Cannot go on: the drive is gone");
  });
  const { exit, log } = await nvmectl("probe", { command: fails });
  assertEquals(exit, 4);
  assertEquals(log, ["close /dev/nvme7", "close /dev/nvme0"]);
});

Deno.test("a drive is closed when its trace cannot be written", async () => {
  const world = {
    trace: () => Promise.reject(new UsageError("Cannot write the trace to /x: read-only")),
  };
  const { exit, log } = await nvmectl("probe --trace=/x", { world });
  assertEquals(exit, 2);
  assertEquals(log, ["close /dev/nvme0"]);
});

Deno.test("--trace alone traces to stderr", async () => {
  const { log } = await nvmectl("probe --trace");
  assertEquals(log, [
    "trace to -",
    "traced /dev/nvme0 6",
    "submit 6",
    "close /dev/nvme0",
    "trace closed",
  ]);
});

Deno.test("a verb that destroys is not let at a drive that was not named", async () => {
  const { exit, log } = await nvmectl(`format --yes --serial ${SERIAL}`, { command: format });
  assertEquals(exit, 2);
  assertEquals(log, ["submit 6", "close /dev/nvme0"]);
});

Deno.test("a drive in use exits 5, and nothing but Identify was sent", async () => {
  const guard: Guard = {
    uses: () => [{ text: "/dev/nvme0n1 is mounted at /", blocking: true }],
    claim: () => ({ [Symbol.dispose]: () => {} }),
  };
  const { exit, log } = await nvmectl(`format /dev/nvme0 --yes --serial ${SERIAL}`, {
    command: format,
    guard,
  });
  assertEquals(exit, 5);
  assertEquals(log, ["submit 6", "close /dev/nvme0"]);
});

Deno.test("a confirmed verb is carried out while its guard holds the namespaces", async () => {
  const held: string[] = [];
  const guard: Guard = {
    uses: () => [],
    claim() {
      held.push("claim");
      return { [Symbol.dispose]: () => void held.push("release") };
    },
  };
  const { exit, log, streams } = await nvmectl("format /dev/nvme0", {
    command: format,
    guard,
    typed: [SERIAL],
  });
  assertEquals(exit, 0);
  assertEquals(log, ["submit 6", "submit 80", "rescan", "close /dev/nvme0"]);
  assertEquals(held, ["claim", "release"]);
  assertEquals(streams.out, "formatted\n");
});

Deno.test("a dry run reads, but sends and rescans nothing, and shows the commands as JSON", async () => {
  const { exit, log, json } = await nvmectl("format /dev/nvme0 --dry-run -o json --timeout 9s", {
    command: format,
  });
  assertEquals(exit, 0);
  assertEquals(log, ["submit 6", "close /dev/nvme0"]);
  const { commands, ...rest } = json();
  assertEquals(rest, {
    schema: "nvmectl.dry-run/1",
    verb: "format",
    target: "/dev/nvme0",
    refused: [],
    exit_status: 0,
  });
  const zero = "0x00000000";
  const words = { cdw2: zero, cdw3: zero, cdw11: zero, cdw12: zero, cdw13: zero, cdw14: zero };
  assertEquals(commands, [
    {
      queue: "admin",
      opcode: "0x06",
      name: "Identify",
      flags: "0x00",
      nsid: 0,
      ...words,
      cdw10: "0x00000001",
      cdw15: zero,
      data_length: 4096,
      metadata_length: 0,
      direction: "in",
      timeout_ms: 9000,
      sent: true,
    },
    {
      queue: "admin",
      opcode: "0x80",
      name: "Format NVM",
      flags: "0x00",
      nsid: 1,
      ...words,
      cdw10: "0x00000201",
      cdw15: zero,
      data_length: 16,
      metadata_length: 0,
      direction: "out",
      timeout_ms: 9000,
      sent: false,
    },
  ]);
});

Deno.test("a dry run as a table tells reads from what would be sent", async () => {
  const { streams } = await nvmectl("format /dev/nvme0 --dry-run", { command: format });
  assertEquals(streams.out.split("\n").map((line) => line.split(/ {2,}/)), [
    ["", "queue", "command", "nsid", "dwords", "data"],
    ["read", "admin", "0x06 Identify", "0x0", "cdw10=0x00000001", "4096 in"],
    ["WOULD SEND", "admin", "0x80 Format NVM", "0x1", "cdw10=0x00000201", "16 out"],
    [""],
  ]);
  const nothing = verb(() => Promise.resolve({ json: {}, blocks: [] }));
  const { streams: none } = await nvmectl("probe --dry-run", { command: nothing });
  assertEquals(none.out, "no command would be sent\n");
});

Deno.test("a verb without a drive says by itself what its dry run would do", async () => {
  const bind = verb(
    ({ dryRun }) =>
      Promise.resolve({ json: { schema: "nvmectl.dry-run/1", steps: [`${dryRun}`] }, blocks: [] }),
    {
      target: "none",
      flags: { dryRun: toggle("Only show it") },
    },
  );
  const { exit, json } = await nvmectl("probe --dry-run -o json", { command: bind });
  assertEquals(exit, 0);
  assertEquals(json(), { schema: "nvmectl.dry-run/1", steps: ["true"], exit_status: 0 });
});

Deno.test("a dry run of what would be refused shows the commands, says why, and exits 5", async () => {
  const guard: Guard = {
    uses: () => [{ text: "/dev/nvme0n1 is mounted at /", blocking: true }],
    claim: () => ({ [Symbol.dispose]: () => {} }),
  };
  const { exit, streams } = await nvmectl("format /dev/nvme0 --dry-run", {
    command: format,
    guard,
  });
  assertEquals(exit, 5);
  assertStringIncludes(streams.err, "IN USE    /dev/nvme0n1 is mounted at /");
  assertStringIncludes(streams.out, "As things are this would be refused");
  assertStringIncludes(streams.out, "WOULD SEND");
});

Deno.test("an interrupted run closes its drive, says so, and ends whatever it was waiting for", async () => {
  const stopped = verb(async (context) => {
    await identifyController(await context.openDrive());
    throw new InterruptedError("Interrupted by SIGTERM", EXIT.terminated);
  });
  const { exit, streams, log } = await nvmectl("probe /dev/nvme3", { command: stopped });
  assertEquals([exit, log.slice(1)], [143, ["close /dev/nvme3", "exit 143"]]);
  assertStringIncludes(streams.err, "Interrupted by SIGTERM");
});

Deno.test("where signals are listened to, what is written heeds them", async () => {
  const heard: unknown[] = [];
  const streams = memoryStreams({ typed: [] });
  const sending = {
    ...streams,
    stdout: {
      ...streams.stdout,
      send: (data: string | Uint8Array, signal: AbortSignal) => {
        heard.push([data, signal.aborted]);
        return Promise.resolve();
      },
    },
  };
  const listening = verb((context) => {
    context.signal.throwIfAborted();
    return Promise.resolve({ json: {}, blocks: [paragraph("done")] });
  });
  const { exit } = await nvmectl("probe", { command: listening, world: { streams: sending } });
  assertEquals([exit, heard], [0, [["done\n", false]]]);
  await nvmectl("probe", { world: { streams: sending } });
  assertEquals(heard.length, 1, "nobody listened");
});
