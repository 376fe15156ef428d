// Tests of the guard's CRC.

import { assertEquals } from "@std/assert";
import { crc16 } from "../../../src/drive/nvm/crc16.ts";

Deno.test("crc16() gives the check value of CRC-16/T10-DIF", () => {
  assertEquals(crc16(new TextEncoder().encode("123456789")), 0xd0db);
});

Deno.test("crc16() continues from where it was", () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, at) => at & 0xff);
  assertEquals(crc16(bytes.slice(100), crc16(bytes.slice(0, 100))), crc16(bytes));
  assertEquals(crc16(new Uint8Array(512)), 0);
});
