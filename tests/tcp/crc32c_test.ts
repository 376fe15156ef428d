// CRC32C against the published vectors, and against the definition, bit by bit.

import { assertEquals } from "@std/assert";
import { crc32c, updateCrc32c } from "../../src/tcp/crc32c.ts";

/** The definition: one bit after the other. */
function slowly(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~sum >>> 0;
}

// The iSCSI Read (10) command of RFC 3720, appendix B.4: bytes that are not zero, by offset.
const READ_COMMAND = { 0: 0x01, 1: 0xc0, 16: 0x14, 22: 0x04, 27: 0x14, 31: 0x18, 32: 0x28, 40: 2 };

// RFC 3720, appendix B.4, with the sums as numbers; the last is the usual check value.
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ["32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["0 to 31", Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ["31 down to 0", Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  [
    "an iSCSI command",
    Uint8Array.from({ length: 48, ...READ_COMMAND }, (byte) => byte ?? 0),
    0xd9963a56,
  ],
  ["the digits 1 to 9", new TextEncoder().encode("123456789"), 0xe3069283],
];

for (const [name, bytes, sum] of VECTORS) {
  Deno.test(`crc32c() of ${name} is as published`, () => {
    assertEquals(crc32c(bytes).toString(16), sum.toString(16));
    assertEquals(slowly(bytes), sum);
  });
}

Deno.test("crc32c() agrees with the definition at every length, start and end", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, at) => at * 167 + 13);
  for (let start = 0; start < 16; start++) {
    for (let end = start; end <= bytes.length; end++) {
      const expected = slowly(bytes.subarray(start, end));
      assertEquals(crc32c(bytes, start, end), expected);
      assertEquals(crc32c(bytes.subarray(start, end)), expected);
    }
  }
});

Deno.test("updateCrc32c() goes on where the sum before it ended", () => {
  const bytes = Uint8Array.from({ length: 61 }, (_, at) => at * 89 + 7);
  const whole = crc32c(bytes);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(updateCrc32c(crc32c(bytes, 0, cut), bytes, cut), whole);
  }
});

Deno.test("crc32c() of nothing is 0", () => {
  assertEquals(crc32c(new Uint8Array()), 0);
  assertEquals(updateCrc32c(0x12345678, new Uint8Array()), 0x12345678);
});
