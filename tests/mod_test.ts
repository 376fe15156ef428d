// The library face gives a program what the verbs have.

import { assertEquals } from "@std/assert";
import { identifyController, judge, type Layer, open, readLog, SmartPage } from "../src/mod.ts";

Deno.test("mod.ts lets a program ask a drive, with a layer of its own around every command", async () => {
  const seen: number[] = [];
  const watching: Layer = {
    submit(command, next) {
      seen.push(command.opcode);
      return next(command);
    },
  };
  await using drive = await open("virtual:warning", { layers: [watching] });
  const { value } = await readLog(drive, SmartPage);
  const { verdict } = judge(value, await identifyController(drive));
  assertEquals(verdict, "warning");
  assertEquals(seen, [0x06, 0x02]);
});
