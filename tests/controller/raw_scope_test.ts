// Whose data a command composed by hand puts at stake.

import { assertEquals } from "@std/assert";
import { formatScope, isFormat, scopeOf } from "../../src/controller/raw_scope.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";

Deno.test("scopeOf() takes a defined I/O command for its namespace's alone", () => {
  assertEquals(scopeOf({ queue: "io", opcode: 0x01, nsid: 1 }), [1]);
  assertEquals(scopeOf({ queue: "io", opcode: 0x01, nsid: 0xffffffff }), "all");
  assertEquals(scopeOf({ queue: "io", opcode: 0x91, nsid: 1 }), "all");
});

Deno.test("scopeOf() takes an admin command for everybody's, namespace management apart", () => {
  assertEquals(scopeOf({ queue: "admin", opcode: 0x84, nsid: 1 }), "all");
  assertEquals(scopeOf({ queue: "admin", opcode: 0x81, nsid: 1 }), "all");
  assertEquals(scopeOf({ queue: "admin", opcode: 0x15, nsid: 2, cdw10: 1 }), [2]);
  assertEquals(scopeOf({ queue: "admin", opcode: 0x0d, nsid: 2, cdw10: 1 }), [2]);
  assertEquals(scopeOf({ queue: "admin", opcode: 0x0d, nsid: 0xffffffff, cdw10: 1 }), "all");
});

Deno.test("scopeOf() knows that creating a namespace loses nobody's data", () => {
  assertEquals(scopeOf({ queue: "admin", opcode: 0x0d, cdw10: 0 }), []);
});

Deno.test("formatScope() follows FNA: a format or a secure erase may be one of all", () => {
  const scope = (bits: number, cdw10: number, nsid = 1): unknown => {
    const controller = IdentifyController.decode(IdentifyController.encode({ fna: bits }));
    return formatScope({ queue: "admin", opcode: 0x80, nsid, cdw10 }, controller);
  };
  assertEquals(scope(0b00, 0x200), [1]);
  assertEquals(scope(0b01, 0), "all");
  assertEquals(scope(0b10, 0), [1]);
  assertEquals(scope(0b10, 0x200), "all");
  assertEquals(scope(0b00, 0, 0xffffffff), "all");
  assertEquals(scope(0b00, 0, 0), "all");
});

Deno.test("isFormat() is about the admin queue", () => {
  assertEquals(isFormat({ queue: "admin", opcode: 0x80 }), true);
  assertEquals(isFormat({ queue: "io", opcode: 0x80 }), false);
});
