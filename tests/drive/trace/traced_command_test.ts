// A command of every face as a trace shows it.

import { assertEquals } from "@std/assert";
import type { Port } from "../../../src/drive/pipeline/exchange.ts";
import { done } from "../../../src/drive/pipeline/handler.ts";
import { propertyOffset, tracedCommand } from "../../../src/drive/trace/traced_command.ts";
import { SubmissionEntry } from "../../../src/spec/command.ts";

type Fields = Parameters<typeof SubmissionEntry.encode>[0];

const PORT: Port = { receive() {}, send() {}, post() {}, drop() {} };

function entry(fields: Fields): SubmissionEntry {
  return SubmissionEntry.decode(SubmissionEntry.encode(fields));
}

function traced(fields: Fields, port: Partial<Port> = {}): ReturnType<typeof tracedCommand> {
  return tracedCommand({
    queue: "io",
    sqid: 1,
    entry: entry(fields),
    port: { ...PORT, ...port },
    next: "fetch",
    outstanding: false,
    outcome: done(),
  });
}

Deno.test("tracedCommand() takes length and direction from a face that knows them", () => {
  const { command, prps } = traced({ opcode: 0x01 }, { hostBytes: 512 });
  assertEquals([command.direction, command.dataLength, prps], ["out", 512, undefined]);
  assertEquals(traced({ opcode: 0x01 }, { hostBytes: 0 }).command.direction, "none");
  assertEquals(traced({ opcode: 0x02 }, { hostBytes: 8 }).command.direction, "in");
  assertEquals(traced({ opcode: 0x83 }, { hostBytes: 8 }).command.direction, "in");
});

Deno.test("tracedCommand() shows PRPs where memory is pointed at, and no length", () => {
  const { command, prps } = traced({ opcode: 0x02, prp1: 0x1000n, prp2: 0x2000n });
  assertEquals(prps, { prp1: 0x1000n, prp2: 0x2000n });
  assertEquals([command.direction, "dataLength" in command], ["in", false]);
  assertEquals(traced({ opcode: 0x02 }).command.direction, "none");
});

Deno.test("tracedCommand() takes the length of the only SGL descriptor", () => {
  const flags = { psdt: 1 };
  const block = traced({ opcode: 0x02, flags, prp1: 0x1000n, prp2: 4096n });
  assertEquals([block.command.dataLength, block.prps], [4096, undefined]);
  assertEquals(block.command.flags, 0x40);
  const segment = traced({ opcode: 0x02, flags, prp1: 0x1000n, prp2: 0x30n << 56n | 64n });
  assertEquals("dataLength" in segment.command, false);
  assertEquals(segment.command.direction, "in");
});

Deno.test("tracedCommand() knows a Fabrics command by its type", () => {
  const connect = traced({ opcode: 0x7f, nsid: 0x01 }, { hostBytes: 1024 });
  assertEquals(connect.command.direction, "out");
  const receive = traced({ opcode: 0x7f, nsid: 0x06 }, { hostBytes: 64 });
  assertEquals(receive.command.direction, "in");
});

Deno.test("propertyOffset() is that of Property Get and Set, and of nothing else", () => {
  assertEquals(propertyOffset(entry({ opcode: 0x7f, nsid: 0x00, cdw11: 0x14 })), 0x14);
  assertEquals(propertyOffset(entry({ opcode: 0x7f, nsid: 0x04, cdw11: 0x1c })), 0x1c);
  assertEquals(propertyOffset(entry({ opcode: 0x7f, nsid: 0x01, cdw11: 0x14 })), undefined);
  assertEquals(propertyOffset(entry({ opcode: 0x06, nsid: 0x04, cdw11: 0x14 })), undefined);
});
