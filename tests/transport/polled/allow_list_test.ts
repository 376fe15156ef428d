// What may leave our own driver by itself: every opcode of both queues, one by one.

import { assertEquals } from "@std/assert";
import {
  isDriversOwn,
  isReadOnly,
  type Permission,
  permissionOf,
} from "../../../src/transport/polled/allow_list.ts";
import type { Queue } from "../../../src/transport/transport.ts";

const OPCODES = Array.from({ length: 256 }, (_, opcode) => opcode);

function opcodesThatAre(permission: Permission, queue: Queue): readonly number[] {
  return OPCODES.filter((opcode) => permissionOf({ queue, opcode, cdw10: 1 }) === permission);
}

Deno.test("these commands go freely, and no others", () => {
  assertEquals(opcodesThatAre("free", "admin"), [0x02, 0x06, 0x08, 0x0a, 0x14, 0x18, 0x82, 0x86]);
  assertEquals(opcodesThatAre("free", "io"), [0x02, 0x05, 0x0c]);
});

Deno.test("these commands are the driver's alone, whoever allows them", () => {
  const never = [0x00, 0x01, 0x04, 0x05, 0x0c, 0x45, 0x7c, 0x7f];
  assertEquals(opcodesThatAre("never", "admin"), never);
  assertEquals(opcodesThatAre("never", "io"), [0x7f]);
});

Deno.test("what could change the media needs to be allowed", () => {
  for (const opcode of [0x0d, 0x10, 0x11, 0x15, 0x19, 0x1a, 0x1d, 0x80, 0x81, 0x84, 0xc0]) {
    assertEquals(isReadOnly({ queue: "admin", opcode }), false, opcode.toString(16));
  }
  for (const opcode of [0x00, 0x01, 0x04, 0x08, 0x09, 0x0d, 0x0e, 0x19, 0x79, 0x7d, 0x80, 0xff]) {
    assertEquals(isReadOnly({ queue: "io", opcode }), false, opcode.toString(16));
  }
});

Deno.test("a self-test that does more than test, or that only the vendor knows, is asked about", () => {
  const free = Array.from({ length: 16 }, (_, cdw10) => cdw10)
    .filter((cdw10) => isReadOnly({ queue: "admin", opcode: 0x14, cdw10 }));
  assertEquals(free, [0x1, 0x2, 0xf]);
  assertEquals(isReadOnly({ queue: "admin", opcode: 0x14 }), false);
});

Deno.test("what security protocols tell everybody goes freely, a step of a conversation does not", () => {
  const permission = (cdw10: number) => permissionOf({ queue: "admin", opcode: 0x82, cdw10 });
  assertEquals([0, 0x0100_0100].map(permission), ["free", "free"]);
  for (const cdw10 of [0x0000_0100, 0x0100_0000, 0x0107_fe00, 0x0200_0100, 0xea00_0100]) {
    assertEquals(permission(cdw10), "ask", cdw10.toString(16));
  }
});

Deno.test("an opcode that is none needs to be allowed", () => {
  for (const opcode of [-1, 256, 0x102, NaN]) {
    assertEquals(permissionOf({ queue: "io", opcode }), "ask");
    assertEquals(permissionOf({ queue: "admin", opcode }), "ask");
  }
});

Deno.test("features that share queues and memory with the drive cannot be set from outside", () => {
  for (let fid = 0; fid < 256; fid++) {
    for (const cdw10 of [fid, (fid | 0x8000_0000) >>> 0]) {
      const expected = fid === 0x07 || fid === 0x0d ? "never" : "ask";
      assertEquals(permissionOf({ queue: "admin", opcode: 0x09, cdw10 }), expected);
    }
  }
});

Deno.test("the driver itself manages queues, identifies and aborts, and nothing else", () => {
  const own = OPCODES.filter((opcode) => isDriversOwn({ queue: "admin", opcode, cdw10: 7 }));
  assertEquals(own, [0x00, 0x01, 0x04, 0x05, 0x06, 0x08, 0x09]);
  assertEquals(OPCODES.filter((opcode) => isDriversOwn({ queue: "io", opcode })), []);
  // A saved number of queues would outlive the driver.
  assertEquals(isDriversOwn({ queue: "admin", opcode: 0x09, cdw10: 0x8000_0007 }), false);
  assertEquals(isDriversOwn({ queue: "admin", opcode: 0x09, cdw10: 2 }), false);
});
