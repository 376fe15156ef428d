// How far something long has come: a bar that is redrawn, or lines that are not.

import { assertEquals } from "@std/assert";
import { progressOn } from "../../src/cli/progress.ts";
import { FakeClock } from "../support/context.ts";
import { memoryOutput } from "../support/streams.ts";

const CLEAR = "\r\x1b[K";

Deno.test("on a terminal a bar is drawn over itself and wiped at the end", () => {
  const output = memoryOutput({ terminal: true, columns: 100 });
  {
    using progress = progressOn(output, new FakeClock(), "Short self-test");
    progress.update({ fraction: 0.5, remainingMs: 60_000, text: "segment 3" });
    progress.update({ fraction: 1 });
  }
  assertEquals(output.text().split(CLEAR), [
    "",
    `Short self-test  [${"#".repeat(15)}${".".repeat(15)}] 50 %, about 1 min left, segment 3`,
    `Short self-test  [${"#".repeat(30)}] 100 %`,
    "",
  ]);
});

Deno.test("a bar whose end is not known says how long it has been running", async () => {
  const output = memoryOutput({ terminal: true });
  const clock = new FakeClock();
  using progress = progressOn(output, clock, "Format");
  await clock.sleep(5000);
  progress.update({ text: "the drive is busy" });
  assertEquals(output.text(), `${CLEAR}Format  running for 5 s, the drive is busy`);
});

Deno.test("a bar never wraps to a second line", () => {
  const output = memoryOutput({ terminal: true, columns: 20 });
  progressOn(output, new FakeClock(), "Extended self-test").update({ fraction: 0.1 });
  assertEquals(output.text().slice(CLEAR.length).length, 19);
});

Deno.test("a display that was never updated leaves the terminal alone", () => {
  const output = memoryOutput({ terminal: true });
  progressOn(output, new FakeClock(), "Format")[Symbol.dispose]();
  assertEquals(output.text(), "");
});

Deno.test("what a drive says cannot move the cursor out of the bar", () => {
  const output = memoryOutput({ terminal: true });
  progressOn(output, new FakeClock(), "A\nB").update({ text: "\x1b[2J" });
  assertEquals(output.text(), `${CLEAR}A\\u{a}B  running for 0 ms, \\u{1b}[2J`);
});

Deno.test("piped, a line is written for each tenth and each new text, and none in between", () => {
  const output = memoryOutput();
  using progress = progressOn(output, new FakeClock(), "Self-test");
  for (let percent = 0; percent <= 20; percent++) progress.update({ fraction: percent / 100 });
  progress.update({ fraction: 0.2, text: "segment 2" });
  progress.update({ fraction: 0.21, text: "segment 2" });
  assertEquals(output.text().split("\n"), [
    "Self-test: 0 %",
    "Self-test: 10 %",
    "Self-test: 20 %",
    "Self-test: 20 %, segment 2",
    "",
  ]);
});

Deno.test("piped, something whose end is not known is said once", () => {
  const output = memoryOutput();
  const progress = progressOn(output, new FakeClock(), "Format");
  progress.update({});
  progress.update({});
  progress.update({ text: "still at it" });
  progress[Symbol.dispose]();
  assertEquals(output.text(), "Format\nFormat: still at it\n");
});

Deno.test("a drive that counts past its end is shown at the end", () => {
  const bar = memoryOutput({ terminal: true });
  progressOn(bar, new FakeClock(), "T").update({ fraction: 1.27 });
  assertEquals(bar.text(), `${CLEAR}T  [${"#".repeat(30)}] 100 %`);
  const lines = memoryOutput();
  progressOn(lines, new FakeClock(), "T").update({ fraction: -0.5 });
  assertEquals(lines.text(), "T: 0 %\n");
});
