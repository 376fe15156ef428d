// Tests of what a controller does with commands that come while it processes none.

import { assertEquals } from "@std/assert";
import { buildFirmwareImage } from "../../src/drive/mod.ts";
import { Bench } from "./bench.ts";

const COMMIT = 0x10;
const KEEP_ALIVE = 0x18;
const PAUSE_MS = 1_000;
/** Starts the firmware of a slot at once. */
const ACTIVATE = 3 << 3;

Deno.test("Commands that waited for firmware to start wait again when one of them starts another", async () => {
  const bench = new Bench();
  const image = buildFirmwareImage({
    revision: "2.0.0",
    activation: "withoutReset",
    pauseMs: PAUSE_MS,
  });
  await bench.admin(0x11, { cdw10: image.length / 4 - 1, out: image });
  await bench.admin(COMMIT, { cdw10: 3 });
  const order: string[] = [];
  const send = (name: string, opcode: number, cdw10 = 0): void => {
    void bench.admin(opcode, { cdw10 }).then(({ status }) => order.push(`${name} ${status}`));
  };
  send("first", COMMIT, ACTIVATE | 3);
  send("second", COMMIT, ACTIVATE | 3);
  send("waiting", KEEP_ALIVE);
  const elapse = async (ms: number): Promise<void> => {
    bench.advance(ms);
    await new Promise((resolve) => setTimeout(resolve));
  };
  await elapse(PAUSE_MS);
  assertEquals(order, ["first 00h/00h"]);
  await elapse(PAUSE_MS);
  assertEquals(order, ["first 00h/00h", "second 00h/00h", "waiting 00h/00h"]);
});
