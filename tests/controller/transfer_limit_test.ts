// How much data one command is asked to move.

import { assertEquals } from "@std/assert";
import { transferLimit } from "../../src/controller/transfer_limit.ts";

Deno.test("a command moves what MDTS allows, and never more than every kernel takes", () => {
  assertEquals(transferLimit({ mdts: 1 }), 8192);
  assertEquals(transferLimit({ mdts: 5 }), 128 * 1024);
  assertEquals(transferLimit({ mdts: 9 }), 256 * 1024);
  assertEquals(transferLimit({ mdts: 255 }), 256 * 1024);
  assertEquals(transferLimit({ mdts: 0 }), 256 * 1024, "no limit of the drive's own");
});
