// nvmectl lba-status on virtual drives.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { lbaStatus } from "../../src/commands/lba_status.ts";
import { InterruptedError, StatusError, UsageError } from "../../src/errors.ts";
import { runCommand, virtualDrive } from "../support/context.ts";

function damaged() {
  const { drive, transport } = virtualDrive();
  const media = drive.store.find(1)?.media;
  media?.damage(100, 8, "found");
  media?.damage(200, 2, "written");
  media?.damage(300, 4, "latent");
  return transport;
}

Deno.test("lba-status shows what the drive knows, and its exit status says whether that is bad", async () => {
  const { text, report } = await runCommand(lbaStatus, [], { drive: damaged() });
  assertEquals(report.exit, 1);
  assertMatch(text, /^ +100 +8 +reading may fail$/m);
  assertMatch(text, /^ +200 +2 +reading may fail, written by Write Uncorrectable$/m);
  assertMatch(text, /^Found +10 blocks \(5.12 kB\)$/m);
  assertEquals(report.json["found_blocks"], 10);
  assertEquals(report.json["ranges"], [
    {
      start: 100,
      blocks: 8,
      unrecovered: true,
      written_uncorrectable: false,
      text: "reading may fail",
    },
    {
      start: 200,
      blocks: 2,
      unrecovered: true,
      written_uncorrectable: true,
      text: "reading may fail, written by Write Uncorrectable",
    },
  ]);
  const clean = await runCommand(lbaStatus, [], { drive: virtualDrive().transport });
  assertEquals(clean.report.exit, 0);
  assertMatch(clean.text, /^Looked at +1,953,525,168 blocks from 0 on$/m);
});

Deno.test("lba-status --action scan finds what nobody knew of, in the part that is named", async () => {
  const words = ["--lba", "0x12c", "--blocks", "3", "--action", "scan"];
  const { report, context } = await runCommand(lbaStatus, words, { drive: damaged() });
  assertEquals(report.json["found_blocks"], 3);
  assertEquals(report.json["action"], {
    value: 0x10,
    text: "a scan for blocks that may be unrecoverable",
  });
  assertEquals(context.updates.at(-1)?.fraction, 1);
});

Deno.test("lba-status refuses blocks that the namespace does not have", async () => {
  await assertRejects(
    () => runCommand(lbaStatus, ["--lba", "1953525168"], { drive: damaged() }),
    UsageError,
    "namespace 1 has 1953525168",
  );
});

Deno.test("lba-status for an action that the drive does not have is its refusal", async () => {
  await assertRejects(
    () => runCommand(lbaStatus, ["--action", "allocated"], { drive: damaged() }),
    StatusError,
    "Cannot get the LBA status of namespace 1",
  );
});

Deno.test("an interrupted lba-status says that nothing has changed", async () => {
  const stop = new AbortController();
  stop.abort(new InterruptedError("Interrupted by SIGINT", 130));
  const error = await assertRejects(
    () => runCommand(lbaStatus, [], { drive: damaged(), signal: stop.signal }),
    InterruptedError,
  );
  assertStringIncludes(error.message, "nothing of the drive has changed");
});
