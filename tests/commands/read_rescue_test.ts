// nvmectl read --skip-errors: the output and its map, from one run to the next.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { parseWords } from "../../src/cli/parse.ts";
import { read } from "../../src/commands/read.ts";
import {
  DeadlineError,
  InterruptedError,
  OutputError,
  UnreachableError,
  UsageError,
} from "../../src/errors.ts";
import { type BlockDrive, blockDrive, observed } from "../support/block_drive.ts";
import {
  FakeClock,
  type FakeContext,
  fakeContext,
  runCommand,
  type Surroundings,
} from "../support/context.ts";

const WORDS = ["--out", "a", "--skip-errors"];

function text(context: FakeContext, path = "a.map"): string {
  return new TextDecoder().decode(context.written.get(path));
}

/** The map's data lines. */
function lines(context: FakeContext, path?: string): readonly string[] {
  return text(context, path).trim().split("\n").slice(5);
}

/** Runs it and keeps the context, also when it fails. */
function started(
  around: Surroundings,
  words: readonly string[] = WORDS,
): { readonly context: FakeContext; readonly run: () => Promise<unknown> } {
  const verb = read as unknown as Command;
  const context = fakeContext(around);
  return { context, run: () => verb.run(context, parseWords(verb, words)) };
}

function left(context: FakeContext): Record<string, Uint8Array> {
  return Object.fromEntries(context.written);
}

Deno.test("read --skip-errors saves the rest, zero in place of what is lost, and exits 1", async () => {
  const bad = [3, 40, 41];
  const made = blockDrive({ bad, metadataBytes: 8 });
  const { context, report, text: said } = await runCommand(
    read,
    [...WORDS, "--metadata-out", "m", "--map", "my.map"],
    { drive: made.drive },
  );
  assertEquals(report.exit, 1);
  assertEquals(context.written.get("a"), made.data(0, 64, bad));
  assertEquals(context.written.get("m"), made.metadata(0, 64, bad));
  assertEquals(lines(context, "my.map"), [
    "0x00000000  0x00000600  +",
    "0x00000600  0x00000200  -",
    "0x00000800  0x00004800  +",
    "0x00005000  0x00000400  -",
    "0x00005400  0x00002C00  +",
  ]);
  assert(/^0x00008000 {5}\+ {15}1$/m.test(text(context, "my.map")));
  assertEquals(report.json["blocks_read"], 61);
  assertEquals(report.json["blocks_unreadable"], 3);
  assertEquals(report.json["unreadable"], [{ lba: 3, blocks: 1 }, { lba: 40, blocks: 2 }]);
  assertEquals(report.json["map"], "my.map");
  assert(/Unreadable +3\n/.test(said) && /40 +41 +2\n/.test(said), said);
});

Deno.test("read --skip-errors of a drive without errors exits 0", async () => {
  const made = blockDrive();
  const { context, report } = await runCommand(read, [...WORDS, "--lba", "8"], {
    drive: made.drive,
  });
  assertEquals(report.exit, 0);
  assertEquals(context.written.get("a"), made.data(8, 56));
  assertEquals(lines(context), ["0x00001000  0x00007000  +"]);
});

Deno.test("read --skip-errors shows some of many ranges, and JSON has all", async () => {
  const bad = Array.from({ length: 30 }, (_, at) => 2 * at);
  const { report, text: said } = await runCommand(read, WORDS, {
    drive: blockDrive({ bad }).drive,
  });
  assertEquals((report.json["unreadable"] as unknown[]).length, 30);
  assert(said.includes("and 10 more ranges, which the map has"), said);
});

Deno.test("read --skip-errors ended by Ctrl-C goes on where it was", async () => {
  const bad = [100];
  const made = blockDrive({ blocks: 256, bad });
  const abort = new AbortController();
  let count = 0;
  const stopping = observed(made.transport, ({ queue }) => {
    if (queue === "io" && ++count === 4) abort.abort(new InterruptedError("SIGINT"));
    return undefined;
  });
  const first = started({ drive: stopping, signal: abort.signal });
  const error = await assertRejects(
    first.run,
    InterruptedError,
    "Interrupted: 64 of 256 blocks were read, 192 are left",
  );
  assertEquals(error.next, "the same command goes on from a.map");
  assertEquals(lines(first.context), ["0x00000000  0x00008000  +", "0x00008000  0x00018000  ?"]);
  const rest = observed(made.transport);
  const second = await runCommand(read, WORDS, { drive: rest, files: left(first.context) });
  assertEquals(second.context.written.get("a"), made.data(0, 256, bad));
  assertEquals(rest.commands.find(({ queue }) => queue === "io")?.cdw10, 64);
  const third = observed(made.transport);
  const again = await runCommand(read, WORDS, { drive: third, files: left(second.context) });
  assertEquals([again.report.exit, again.report.json["blocks_unreadable"]], [1, 1]);
  // The one that was bad has another chance; nothing else is read again.
  assertEquals(
    third.commands.filter(({ queue }) => queue === "io").map(({ cdw10, cdw12 }) => [cdw10, cdw12]),
    [[100, 0]],
  );
});

Deno.test("read --skip-errors keeps the map when the drive goes away, and says so", async () => {
  const made = blockDrive({ blocks: 256 });
  let count = 0;
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io" && ++count > 3) throw new UnreachableError("gone", { code: "ENODEV" });
    return undefined;
  });
  const { context, run } = started({ drive: transport });
  await assertRejects(run, UnreachableError, "gone");
  assertEquals(lines(context), ["0x00000000  0x00006000  +", "0x00006000  0x0001A000  ?"]);
  assertEquals(context.notices, [
    "what was read is kept: the same command goes on from a.map",
  ]);
});

Deno.test("read --skip-errors saves the map now and then, for a power cut", async () => {
  const made = blockDrive({ blocks: 256 });
  const clock = new FakeClock();
  const seen = new Set<string>();
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io") {
      clock.time += 4000;
      seen.add(lines(context)[0] ?? "");
    }
    return undefined;
  });
  const { context, run } = started({ drive: transport, clock });
  await run();
  assert(seen.size >= 4, [...seen].join("; "));
});

Deno.test("read --skip-errors refuses files that do not belong together, and touches none", async () => {
  const made = blockDrive({ blocks: 64 });
  const { context } = await runCommand(read, WORDS, { drive: made.drive });
  const files = left(context);
  const { a = new Uint8Array(0), "a.map": map = new Uint8Array(0) } = files;
  const other = blockDrive({ blocks: 64, serial: "OTHER" });
  const cases: readonly (readonly [Surroundings, readonly string[], string])[] = [
    [{ drive: other.drive, files }, WORDS, 'serial "VIRTUAL0001", and now it is "OTHER"'],
    [{ drive: made.drive, files }, [...WORDS, "--blocks", "32"], "blocks 64, and now it is 32"],
    [{ drive: made.drive, files }, [...WORDS, "--lba", "1", "--blocks", "63"], 'lba "0"'],
    [{ drive: made.drive, files: { a } }, WORDS, "there is no map a.map"],
    [{ drive: made.drive, files: { "a.map": map } }, WORDS, "which is not there"],
    [
      { drive: made.drive, files: { a: new Uint8Array(0), "a.map": map } },
      WORDS,
      "which is empty",
    ],
    [{ drive: made.drive, files: { a: a.slice(1), "a.map": map } }, WORDS, "it has 32,767 bytes"],
    [{ drive: made.drive, files: { "a.map": new Uint8Array(10) } }, WORDS, "not a map"],
  ];
  for (const [around, words, says] of cases) {
    const { context, run } = started(around, words);
    const error = await assertRejects(run, UsageError, says);
    assertEquals([error.exitCode, context.written.size], [2, 0], says);
  }
});

Deno.test("read --skip-errors that was killed before its output had its size goes on", async () => {
  const made = blockDrive({ blocks: 64 });
  const first = started({
    drive: made.drive,
    refuseFile: (path, length) => {
      if (path === "a" && length > 0) throw new Error("killed");
    },
  });
  await assertRejects(first.run, OutputError, "killed");
  assertEquals(lines(first.context), ["0x00000000  0x00008000  ?"]);
  const { context, report } = await runCommand(read, WORDS, {
    drive: made.drive,
    files: { ...left(first.context), a: new Uint8Array(0) },
  });
  assertEquals([report.exit, context.written.get("a")], [0, made.data(0, 64)]);
});

/** A disk that is full once block 32 is asked for, and what is kept free on it for the map. */
function fullDisk(
  made: BlockDrive,
  mapFits: (kept: number) => boolean,
): ReturnType<typeof started> {
  let room = Infinity;
  let kept = 0;
  return started({
    drive: observed(made.transport, ({ queue, cdw10 }) => {
      if (queue === "io" && cdw10 === 32) room = 0;
      return undefined;
    }),
    reserved: (_path, length) => kept += length,
    refuseFile(path, length) {
      const fits = path === "a.map" ? mapFits(kept) : length <= room;
      if (room === 0 && !fits) throw new Error("No space left on device");
    },
  });
}

Deno.test("read --skip-errors on a full disk has the map of all that is on it, and goes on later", async () => {
  const made = blockDrive({ blocks: 64 });
  // Where something is kept, everything else has taken the rest.
  const { context, run } = fullDisk(made, (kept) => kept === 0);
  const error = await assertRejects(run, OutputError, "Cannot write a: No space left on device");
  assertEquals(error.exitCode, 4);
  assertEquals(lines(context), ["0x00000000  0x00004000  +", "0x00004000  0x00004000  ?"]);
  assertEquals(context.notices, [
    "what was read is kept: the same command goes on from a.map",
  ]);
  const again = await runCommand(read, WORDS, { drive: made.drive, files: left(context) });
  assertEquals([again.report.exit, again.context.written.get("a")], [0, made.data(0, 64)]);
});

Deno.test("read --skip-errors on a full disk says what is read again where the map does not fit either", async () => {
  const { context, run } = fullDisk(blockDrive({ blocks: 64 }), () => false);
  await assertRejects(run, OutputError, "Cannot write a: No space left on device");
  assertEquals(lines(context), ["0x00000000  0x00008000  ?"]);
  assertEquals(context.notices, [
    "the map could not be brought up to date (Cannot write a.map: No space left on device): the " +
    "same command goes on from a.map as it was saved before, and reads 32 blocks again",
  ]);
});

Deno.test("read --skip-errors keeps nothing of the disk once it is over", async () => {
  let kept = 0;
  const most: number[] = [];
  await runCommand(read, WORDS, {
    drive: blockDrive({ bad: [3] }).drive,
    reserved(_path, length) {
      kept += length;
      most.push(kept);
    },
  });
  assertEquals([kept, Math.max(...most)], [0, 65_536]);
});

Deno.test("read --skip-errors goes on behind reads without an answer, ends after three, and says why", async () => {
  const made = blockDrive({ blocks: 256, bad: [240] });
  const hung = [5, 20, 37, 120];
  const transport = observed(made.transport, ({ queue, cdw10 = 0, cdw12 = 0 }) => {
    if (queue === "io" && hung.some((block) => cdw10 <= block && block <= cdw10 + cdw12)) {
      throw new DeadlineError("a read", 30_000, { loss: "late" });
    }
    return undefined;
  });
  const first = started({ drive: transport });
  const error = await assertRejects(first.run, UnreachableError, "3 reads one after the other");
  assertEquals(error.exitCode, 4);
  assertEquals(lines(first.context), [
    "0x00000000  0x00006000  /",
    "0x00006000  0x0001A000  ?",
  ]);
  assertEquals(first.context.notices, [
    "what was read is kept: the same command goes on from a.map",
  ]);
  const second = await runCommand(read, WORDS, { drive: transport, files: left(first.context) });
  assertEquals([second.report.exit, second.report.json["blocks_unreadable"]], [1, 5]);
  assertEquals(second.context.written.get("a"), made.data(0, 256, [...hung, 240]));
});
