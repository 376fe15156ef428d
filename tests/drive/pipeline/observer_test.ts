// Observers come and go without each other's knowledge.

import { assertEquals } from "@std/assert";
import type { CommandObserver } from "../../../src/drive/pipeline/observer.ts";
import { Observers } from "../../../src/drive/pipeline/observer.ts";
import { Bench } from "../bench.ts";

function recording(seen: string[], name: string): CommandObserver {
  return {
    fetched: () => void seen.push(`${name} fetched`),
    received: () => void seen.push(`${name} received`),
    sent: () => void seen.push(`${name} sent`),
    completed: () => void seen.push(`${name} completed`),
    dropped: (_exchange, reason) => void seen.push(`${name} dropped: ${reason}`),
  };
}

Deno.test("without observers there is nobody to ask", () => {
  const observers = new Observers();
  assertEquals(observers.all, undefined);
  const leave = observers.add(recording([], "a"));
  leave();
  leave();
  assertEquals(observers.all, undefined);
});

Deno.test("observers are told in the order in which they came", async () => {
  const bench = new Bench();
  const seen: string[] = [];
  const leave = bench.drive.first.observe(recording(seen, "a"));
  bench.drive.first.observe(recording(seen, "b"));
  await bench.identify(0x01);
  leave();
  await bench.io(0x01, { nsid: 1, direction: "out", out: new Uint8Array(512) });
  assertEquals(seen, [
    "a fetched",
    "b fetched",
    "a sent",
    "b sent",
    "a completed",
    "b completed",
    "b fetched",
    "b received",
    "b completed",
  ]);
});

Deno.test("one that is added twice is told twice, and leaves once", async () => {
  const bench = new Bench();
  const seen: string[] = [];
  const observer = recording(seen, "a");
  const leave = bench.drive.first.observe(observer);
  bench.drive.first.observe(observer);
  await bench.admin(0x18);
  assertEquals(seen.length, 4);
  leave();
  await bench.admin(0x18);
  assertEquals(seen.length, 6);
});

Deno.test("observers hear why a command goes away", async () => {
  const bench = new Bench();
  const seen: string[] = [];
  const { first } = bench.drive;
  first.observe(recording(seen, "a"));
  const one = bench.admin(0x0c).catch(() => undefined);
  first.reset();
  const other = bench.admin(0x0c).catch(() => undefined);
  first.abandonAll(({ sqid }) => sqid === 0);
  await Promise.all([one, other]);
  assertEquals(seen, ["a fetched", "a dropped: reset", "a fetched", "a dropped: abandoned"]);
});
