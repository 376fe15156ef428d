// Little-endian numbers in byte arrays, against DataView.

import { assertEquals } from "@std/assert";
import { byteAt, getU32, putU16, putU32 } from "../../src/tcp/bytes.ts";

Deno.test("putU16() and putU32() write what DataView writes, at any offset", () => {
  for (const value of [0, 1, 0x1234, 0x80000000, 0xfedcba98, 0xffffffff]) {
    for (let at = 0; at < 4; at++) {
      const expected = new DataView(new ArrayBuffer(12));
      expected.setUint32(at, value, true);
      expected.setUint16(at + 4, value & 0xffff, true);
      const bytes = new Uint8Array(12);
      putU32(bytes, at, value);
      putU16(bytes, at + 4, value);
      assertEquals(bytes, new Uint8Array(expected.buffer));
      assertEquals(getU32(bytes, at), value);
    }
  }
});

Deno.test("byteAt() is 0 beyond the end", () => {
  assertEquals([byteAt(Uint8Array.of(7), 0), byteAt(Uint8Array.of(7), 1)], [7, 0]);
});
