// What of a drive can be used before all of its code is loaded.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { VirtualDrive } from "../../src/drive/drive.ts";
import { directTransport } from "../../src/drive/face/direct.ts";
import { preset } from "../../src/drive/presets.ts";
import { hasRest, theRest } from "../../src/drive/rest.ts";

Deno.test("a reset through the direct face brings the rest of the drive, and is entered", async () => {
  const personality = preset("");
  assert(personality);
  const drive = new VirtualDrive({ personality, now: () => 0, seed: 1 });
  assertEquals(hasRest(), false);
  assertThrows(() => theRest(), Error, "loaded before it is used");
  // Nobody can have injected anything yet, which is no fault of the program.
  assertEquals(drive.injections.can(0x0e), false);
  drive.injections.clear();

  await directTransport(drive, "virtual:").reset?.("controller");
  assert(hasRest());
  assertEquals(drive.state.persistentEvents.events.length > 0, true);
  assert(drive.plugins.loaded.length === 0);
  assertEquals(drive.first.registers.enabled, false);
});
