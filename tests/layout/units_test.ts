// Units as people read them, at their edges.

import { assertEquals } from "@std/assert";
import {
  byteCount,
  counted,
  formatBinaryBytes,
  formatBytes,
  formatCount,
  formatDuration,
  hours,
  kelvin,
  minutes,
} from "../../src/layout/mod.ts";

Deno.test("counted() has a noun in the number that fits", () => {
  assertEquals(counted(0, "block"), "no blocks");
  assertEquals(counted(1, "block"), "1 block");
  assertEquals(counted(1n, "entry", "entries"), "1 entry");
  assertEquals(counted(12_345n, "entry", "entries"), "12,345 entries");
});

Deno.test("formatCount() separates thousands of any size exactly", () => {
  assertEquals(formatCount(0), "0");
  assertEquals(formatCount(999), "999");
  assertEquals(formatCount(1000), "1,000");
  assertEquals(
    formatCount(2n ** 128n - 1n),
    "340,282,366,920,938,463,463,374,607,431,768,211,455",
  );
});

Deno.test("formatBytes() keeps three digits and carries into the next prefix", () => {
  assertEquals(formatBytes(0), "0 B");
  assertEquals(formatBytes(999), "999 B");
  assertEquals(formatBytes(1000), "1.00 kB");
  assertEquals(formatBytes(999_999), "1.00 MB");
  assertEquals(formatBytes(1_024_209_543_168), "1.02 TB");
  assertEquals(formatBytes(2n ** 128n * 512000n), "174224571863520 QB");
});

Deno.test("formatBinaryBytes() writes powers of two without decimals", () => {
  assertEquals(formatBinaryBytes(512), "512 B");
  assertEquals(formatBinaryBytes(4096), "4 KiB");
  assertEquals(formatBinaryBytes(1536), "1.50 KiB");
});

Deno.test("formatDuration() uses the two largest units", () => {
  assertEquals(formatDuration(0), "0 ms");
  assertEquals(formatDuration(1500), "2 s");
  assertEquals(formatDuration(65_000), "1 min 5 s");
  assertEquals(formatDuration(86_400_000), "1 day");
  assertEquals(formatDuration(90_061_000), "1 day 1 h");
  assertEquals(formatDuration(Infinity), "unknown");
});

Deno.test("units show the plain count and what it comes to", () => {
  assertEquals(kelvin.text(273), "0 °C (273 K)");
  assertEquals(kelvin.text(0), "-273 °C (0 K)");
  assertEquals(hours.text(1234), "1,234 h (51 days 10 h)");
  assertEquals(minutes.text(0), "0 min");
  assertEquals(minutes.text(5), "5 min");
  assertEquals(byteCount.text(512), "512 bytes");
});
