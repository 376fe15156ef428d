// The Lua plug-in's tables are ours; whether Wireshark takes it is tested in tests/e2e.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { adminOpcode, ioOpcode } from "../../src/spec/opcode.ts";
import { REGISTER_LIST } from "../../src/spec/registers.ts";
import { wiresharkPlugin } from "../../src/trace/wireshark.ts";

/** The rows of one of the plug-in's tables. */
function rows(name: string): ReadonlyMap<number, string> {
  const [, body = ""] = new RegExp(`^local ${name} = \\{\n(.*?)\n\\}$`, "ms")
    .exec(wiresharkPlugin()) ?? [];
  return new Map(
    body.split("\n").map((line) => {
      const [, key = "", value = ""] = /^ {2}\[(0x[0-9a-f]+)\] = (".*"),$/.exec(line) ?? [];
      return [Number(key), JSON.parse(value)];
    }),
  );
}

Deno.test("wiresharkPlugin() names every command that we know, and no other", () => {
  const opcodes = Array.from({ length: 256 }, (_, opcode) => opcode);
  for (const [name, infoOf] of [["ADMIN", adminOpcode], ["IO", ioOpcode]] as const) {
    const table = rows(name);
    for (const opcode of opcodes) {
      const info = infoOf(opcode);
      assertEquals(table.get(opcode), info.known ? info.name : undefined, `${name} ${opcode}`);
    }
  }
});

Deno.test("wiresharkPlugin() knows where the vendors' commands begin", () => {
  assertStringIncludes(wiresharkPlugin(), "local ADMIN_VENDOR = 0xc0 ");
  assertStringIncludes(wiresharkPlugin(), "local IO_VENDOR = 0x80 ");
});

Deno.test("wiresharkPlugin() names both halves of wide registers", () => {
  const table = rows("REGISTERS");
  for (const { offset, width, name } of REGISTER_LIST) {
    assert(table.get(offset)?.startsWith(`${name} `), name);
    if (width === 8) assert(table.get(offset + 4)?.endsWith("upper half"), name);
  }
});

Deno.test("wiresharkPlugin() is plain ASCII and ends in a line break", () => {
  assert(/^[\n\x20-\x7e]*\n$/.test(wiresharkPlugin()));
});
