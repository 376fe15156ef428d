// What a command makes the drive transfer, by its dwords alone.

import { assertEquals } from "@std/assert";
import { leastBytes, namedBytes } from "../../../src/transport/polled/transfer.ts";

Deno.test("reads and compares transfer their blocks, of which none is smaller than 512 bytes", () => {
  for (const opcode of [0x02, 0x05]) {
    assertEquals(leastBytes({ queue: "io", opcode }), 512);
    assertEquals(leastBytes({ queue: "io", opcode, cdw12: 0xfc00_0007 }), 4096);
    assertEquals(leastBytes({ queue: "io", opcode, cdw12: 0xffff }), 0x1_0000 * 512);
  }
});

Deno.test("Get Log Page transfers NUMD, which lies in two dwords and is 0's based", () => {
  const log = { queue: "admin", opcode: 0x02 } as const;
  assertEquals(leastBytes({ ...log, cdw10: 0x007f_0002 }), 512);
  assertEquals(leastBytes({ ...log, cdw10: 0xffff_0002 }), 0x4_0000);
  assertEquals(leastBytes({ ...log, cdw10: 0x03ff_8007, cdw11: 0xabcd_0001 }), 0x4_0000 + 4096);
});

Deno.test("Identify transfers a page, Get LBA Status what it is asked for, others do not say", () => {
  assertEquals(leastBytes({ queue: "admin", opcode: 0x06 }), 4096);
  assertEquals(leastBytes({ queue: "admin", opcode: 0x86, cdw12: 1023 }), 4096);
  assertEquals(leastBytes({ queue: "admin", opcode: 0x0a, cdw10: 0x0e }), 0);
  assertEquals(leastBytes({ queue: "io", opcode: 0x0c, cdw12: 0xffff }), 0);
});

Deno.test("PRP entries name whole pages", () => {
  const lengths = [0, 1, 4096, 4097, 8192].map(namedBytes);
  assertEquals(lengths, [0, 4096, 4096, 8192, 8192]);
});
