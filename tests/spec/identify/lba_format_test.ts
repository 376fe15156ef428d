// LBA formats.

import { assertEquals } from "@std/assert";
import { blockBytes, formatIndex, LbaFormat } from "../../../src/spec/identify/lba_format.ts";

function format(...octets: readonly number[]): LbaFormat {
  return LbaFormat.get(new DataView(Uint8Array.from(octets).buffer), 0);
}

Deno.test("LbaFormat reads in one line", () => {
  assertEquals(LbaFormat.text(format(0, 0, 9, 2)), "512 B, good performance");
  assertEquals(LbaFormat.text(format(8, 0, 12, 0)), "4 KiB + 8 B metadata, best performance");
  assertEquals(LbaFormat.text(format(0, 0, 12, 3)), "4 KiB, degraded performance");
  assertEquals(LbaFormat.text(format(0, 0, 0, 0)), "not available");
});

Deno.test("LbaFormat names its pieces", () => {
  assertEquals(format(8, 1, 12, 0xfd), {
    value: 0xfd0c0108,
    ms: 0x0108,
    lbads: 12,
    rp: 1,
  });
});

Deno.test("blockBytes() is zero where the format is not available", () => {
  assertEquals(blockBytes({ lbads: 9 }), 512);
  assertEquals(blockBytes({ lbads: 16 }), 65_536);
  assertEquals(blockBytes({ lbads: 0 }), 0);
});

Deno.test("formatIndex() takes four bits, and two more beyond 16 formats", () => {
  assertEquals(formatIndex(0x0f), 15);
  // Not 3 bits, as some have it.
  assertEquals(formatIndex(0x08), 8);
  // Bit 4 says how metadata travels.
  assertEquals(formatIndex(0x1f), 15);
  assertEquals(formatIndex(0x2f), 31);
  assertEquals(formatIndex(0x4f), 47);
  assertEquals(formatIndex(0x7f), 63);
  assertEquals(formatIndex(0xef), 63);
  assertEquals(formatIndex({ value: 0x61 }, 17), 49);
  assertEquals(formatIndex({ value: 0x61 }, 16), 1);
});
