// nvmectl read: what it leaves on the file system, what it says, and how it ends.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { read } from "../../src/commands/read.ts";
import { InterruptedError, OutputError, StatusError, UsageError } from "../../src/errors.ts";
import { blockDrive, observed } from "../support/block_drive.ts";
import { FakeClock, fakeContext, runCommand, type Surroundings } from "../support/context.ts";
import { parseWords } from "../../src/cli/parse.ts";
import type { Command } from "../../src/cli/command.ts";

function full(path: string, most: number): Surroundings["refuseFile"] {
  return (written, length) => {
    if (written === path && length > most) throw new Error("No space left on device");
  };
}

Deno.test("read saves the blocks that were asked for, and says what it did", async () => {
  const { drive, data } = blockDrive({ blocks: 64 });
  const { report, context, text } = await runCommand(
    read,
    ["--nsid", "1", "--lba", "3", "--blocks", "0x11", "--out", "a.bin"],
    { drive },
  );
  assertEquals(context.written.get("a.bin"), data(3, 17));
  assertEquals([...context.written.keys()], ["a.bin"]);
  assertEquals(report.exit, 0);
  assert(/Blocks +3 to 19, 512 B\n/.test(text), text);
  assertEquals(report.json, {
    device: "virtual:blocks",
    nsid: 1,
    lba: 3,
    blocks: 17,
    block_bytes: 512,
    metadata_bytes: 0,
    metadata_layout: "none",
    out: "a.bin",
    metadata_out: null,
    map: null,
    blocks_read: 17,
    blocks_unreadable: 0,
    unreadable: [],
  });
});

Deno.test("read takes data and metadata apart, whichever layout the namespace has", async () => {
  for (const inline of [false, true]) {
    const made = blockDrive({ dataBytes: 4096, metadataBytes: 16, inline, blocks: 9 });
    const { context, report } = await runCommand(
      read,
      ["--out", "d", "--metadata-out", "m"],
      { drive: made.drive },
    );
    assertEquals(context.written.get("d"), made.data(0, 9));
    assertEquals(context.written.get("m"), made.metadata(0, 9));
    assertEquals(report.json["metadata_layout"], inline ? "extended" : "separate");
  }
});

Deno.test("read -o raw streams the data, and the result adds nothing to it", async () => {
  const { drive, data } = blockDrive({ blocks: 64 });
  const { context, report } = await runCommand(read, ["-o", "raw"], { drive });
  const streamed = context.emitted.map(({ raw }) => raw?.length);
  assertEquals(streamed, [8192, 8192, 8192, 8192]);
  assertEquals(report.raw, new Uint8Array(0));
  assertEquals(context.written.size, 0);
  const piped = blockDrive({ blocks: 16, mdts: 0 });
  const whole = await runCommand(read, ["-o", "raw"], { drive: piped.drive });
  assertEquals(whole.context.emitted[0]?.raw, data(0, 16));
});

Deno.test("read refuses what makes no sense before it asks the drive", async () => {
  const cases: readonly (readonly [readonly string[], string, Surroundings?])[] = [
    [[], "nothing says where they go"],
    [["-o", "json"], "nothing says where they go"],
    [["-o", "raw", "--out", "a"], "-o raw with --out"],
    [["-o", "raw", "--skip-errors"], "-o raw with --skip-errors"],
    [["-o", "raw"], "Cannot write blocks to a terminal", { onTerminal: true }],
    [["--out", "a", "--map", "m"], "Cannot use --map"],
    [["--out", "a", "--metadata-out", "a"], "two files to one place"],
    [["--out", "a", "--map", "a", "--skip-errors"], "two files to one place"],
    [["--out", "a", "--blocks", "-1"], "--blocks"],
    [["--out", "a", "--nsid", "0"], "--nsid"],
  ];
  for (const [words, says, around = {}] of cases) {
    await assertRejects(() => runCommand(read, words, around), UsageError, says);
  }
});

Deno.test("read refuses --metadata-out where there is no metadata", async () => {
  const { drive } = blockDrive();
  await assertRejects(
    () => runCommand(read, ["--out", "a", "--metadata-out", "m"], { drive }),
    UsageError,
    "have none",
  );
});

Deno.test("read leaves nothing behind where a block cannot be read", async () => {
  const { drive } = blockDrive({ bad: [40], metadataBytes: 8 });
  const context = fakeContext({ drive });
  const parsed = parseWords(read as unknown as Command, ["--out", "a", "--metadata-out", "m"]);
  const error = await assertRejects(
    () => (read as unknown as Command).run(context, parsed),
    StatusError,
    "Cannot read block 40 of namespace 1",
  );
  assertEquals(error.exitCode, 3);
  assertEquals(context.written.size, 0);
});

Deno.test("read leaves nothing behind on a full disk, or where it may not write", async () => {
  for (const [path, most] of [["a", 10_000], ["a", -1], ["m", 100], ["m", -1]] as const) {
    const { drive } = blockDrive({ metadataBytes: 8 });
    const refuseFile = full(path, most);
    const context = fakeContext({ drive, ...(refuseFile ? { refuseFile } : {}) });
    const parsed = parseWords(read as unknown as Command, ["--out", "a", "--metadata-out", "m"]);
    const error = await assertRejects(
      () => (read as unknown as Command).run(context, parsed),
      OutputError,
      `Cannot write ${path}: No space left on device`,
    );
    assertEquals([error.exitCode, context.written.size], [4, 0]);
  }
});

Deno.test("read ended by Ctrl-C says what is left, and leaves nothing behind", async () => {
  const made = blockDrive({ blocks: 160 });
  const abort = new AbortController();
  let count = 0;
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io" && ++count === 3) abort.abort(new InterruptedError("SIGTERM", 143));
    return undefined;
  });
  const context = fakeContext({ drive: transport, signal: abort.signal });
  const parsed = parseWords(read as unknown as Command, ["--out", "a"]);
  const error = await assertRejects(
    () => (read as unknown as Command).run(context, parsed),
    InterruptedError,
    "Interrupted: 48 of 160 blocks were read, 112 are left; a was not written",
  );
  assertEquals([error.exitCode, context.written.size], [143, 0]);
});

Deno.test("read in a dry run asks what there is, and neither reads nor writes", async () => {
  const made = blockDrive();
  const transport = observed(made.transport);
  const { context } = await runCommand(read, ["--out", "a", "--dry-run"], { drive: transport });
  assertEquals(context.written.size, 0);
  assertEquals(transport.commands.filter(({ queue }) => queue === "io").length, 0);
});

Deno.test("read shows how far it is once that takes longer than a moment", async () => {
  const made = blockDrive({ blocks: 160 });
  const clock = new FakeClock();
  const transport = observed(made.transport, ({ queue }) => {
    if (queue === "io") clock.time += 800;
    return undefined;
  });
  const { context } = await runCommand(read, ["--out", "a"], { drive: transport, clock });
  const quick = await runCommand(read, ["--out", "a"], { drive: blockDrive().drive });
  assertEquals(quick.context.updates, []);
  assert(context.updates.length >= 8);
  assertEquals(context.updates.at(-1), { fraction: 1, remainingMs: 0 });
});

Deno.test("read -o raw to a full device says how many blocks are there, and where to go on", async () => {
  const { drive } = blockDrive({ blocks: 64 });
  const verb = read as unknown as Command;
  const context = fakeContext({ drive, format: "raw" });
  let emitted = 0;
  const emit = (): Promise<void> => {
    if (++emitted < 3) return Promise.resolve();
    const cause = new Error("No space left on device (os error 28)");
    return Promise.reject(
      new OutputError("Cannot write the result: No space left", {
        cause,
        next: "only this report",
      }),
    );
  };
  const words = ["-o", "raw", "--lba", "8", "--blocks", "50"];
  const error = await assertRejects(
    () => verb.run({ ...context, emit }, parseWords(verb, words)),
    OutputError,
  );
  assertEquals(
    [error.exitCode, error.message, error.next],
    [
      4,
      "Cannot write blocks to standard output: No space left on device (os error 28); 32 of 50 " +
      "blocks had been written, what follows them is not whole",
      "where there is room for the rest: --lba 40 begins with it",
    ],
  );
});
