// Tests of Keep Alive.

import { assertEquals } from "@std/assert";
import { Bench, INVALID_FIELD, INVALID_OPCODE, OK } from "../bench.ts";

Deno.test("Keep Alive succeeds where the drive has it, and is about no namespace", async () => {
  const bench = new Bench();
  assertEquals((await bench.admin(0x18)).status, OK);
  await bench.refuses("admin", 0x18, { nsid: 1 }, { status: INVALID_FIELD, byte: 4 });
  await new Bench("old").refuses("admin", 0x18, {}, { status: INVALID_OPCODE, byte: 0 });
});
