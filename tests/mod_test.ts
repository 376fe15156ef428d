// The library face gives a program what the verbs have.

import { assertEquals } from "@std/assert";
import {
  Drive,
  identifyController,
  judge,
  openTarget,
  readLog,
  SmartPage,
  wrap,
} from "../src/mod.ts";

Deno.test("mod.ts lets a program ask a drive, with a layer of its own around every command", async () => {
  const seen: number[] = [];
  const { transport } = await openTarget("virtual:warning");
  await using drive = new Drive(wrap(transport, {
    submit(command, next) {
      seen.push(command.opcode);
      return next(command);
    },
  }));
  const { value } = await readLog(drive, SmartPage);
  const { verdict } = judge(value, await identifyController(drive));
  assertEquals(verdict, "warning");
  assertEquals(seen, [0x06, 0x02]);
});
