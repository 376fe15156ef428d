// Tests of Abort: how many at a time. What it aborts is tested with what waits.

import { assertEquals } from "@std/assert";
import { Bench, OK } from "../bench.ts";

const ABORT = 0x08;
const LIMIT_EXCEEDED = "01h/03h";

Deno.test("More Aborts at a time than the drive takes are refused", async () => {
  const bench = new Bench();
  const { taps } = bench.drive;
  // A plug-in keeps them from completing.
  const keep = taps.attach("nvme:admin:execute", ({ kind }) => {
    if (kind === "command") return { kind: "delay", ms: 1_000 };
  });
  const held = Array.from({ length: 4 }, () => bench.admin(ABORT, { cdw10: 0xfff0_0000 }));
  keep();
  assertEquals((await bench.admin(ABORT, { cdw10: 0xfff0_0000 })).status, LIMIT_EXCEEDED);
  bench.advance(1_000);
  const answers = await Promise.all(held);
  assertEquals(answers.map(({ status, dw0 }) => [status, dw0]), Array(4).fill([OK, 1]));
  assertEquals((await bench.admin(ABORT, { cdw10: 0xfff0_0000 })).status, OK);
});
