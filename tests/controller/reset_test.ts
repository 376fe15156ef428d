// Resets and rescans over transports that have them, and those that have not.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { identifyController } from "../../src/controller/identify.ts";
import { rescanDrive, resetDrive } from "../../src/controller/reset.ts";
import { UnreachableError, UnsupportedError } from "../../src/errors.ts";
import { openVirtual } from "../../src/open/virtual.ts";
import { scriptedTransport } from "../support/scripted.ts";

Deno.test("a reset forgets what was known of the drive: it is identified anew", async () => {
  const { transport } = await openVirtual("");
  let identified = 0;
  await using drive = new Drive({
    ...transport,
    submit(command) {
      if (command.opcode === 0x06) identified++;
      return transport.submit(command);
    },
  });
  await identifyController(drive);
  await identifyController(drive);
  assertEquals(identified, 1);
  await resetDrive(drive, "controller");
  await identifyController(drive);
  assertEquals(identified, 2);
});

Deno.test("a reset that fails is an error, and nothing known before is trusted", async () => {
  const drive = new Drive({
    ...scriptedTransport([]),
    reset: () => Promise.reject(new UnreachableError("Cannot reset it: gone")),
  });
  await drive.once("fact", () => Promise.resolve(1));
  await assertRejects(() => resetDrive(drive, "subsystem"), UnreachableError, "gone");
  assertEquals(await drive.once("fact", () => Promise.resolve(2)), 2);
});

Deno.test("a transport without a reset is refused by name", async () => {
  const drive = new Drive(scriptedTransport([]));
  const error = await assertRejects(() => resetDrive(drive, "controller"), UnsupportedError);
  assertStringIncludes(error.message, "Cannot reset the controller at");
});

Deno.test("a rescan says whether there was anybody to do it", async () => {
  const log: string[] = [];
  assertEquals(await rescanDrive(new Drive(scriptedTransport([]))), false);
  const kernel = { ...scriptedTransport([]), rescan: () => void log.push("rescan") };
  assertEquals(await rescanDrive(new Drive(kernel)), true);
  assertEquals(log, ["rescan"]);
});
