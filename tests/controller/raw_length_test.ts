// How much a command composed by hand moves.

import { assertEquals } from "@std/assert";
import type { RawCommand } from "../../src/controller/raw_command.ts";
import { type BlockShape, expectedTransfer } from "../../src/controller/raw_length.ts";

function admin(opcode: number, more: Partial<RawCommand> = {}): number | "some" {
  return expectedTransfer({ queue: "admin", opcode, ...more }).data;
}

function io(opcode: number, more: Partial<RawCommand> = {}): number | "some" {
  return expectedTransfer({ queue: "io", opcode, nsid: 1, ...more }).data;
}

Deno.test("expectedTransfer() knows the admin commands", () => {
  const cases: readonly (readonly [number | "some", number | "some", string])[] = [
    [admin(0x06), 4096, "Identify"],
    [admin(0x02, { cdw10: 0x007f0002 }), 512, "Get Log Page"],
    [admin(0x02, { cdw10: 0xffff0007 }), 0x40000, "Get Log Page, NUMDL full"],
    [admin(0x02, { cdw10: 0x00000007, cdw11: 0xabcd0001 }), 0x40004, "Get Log Page, NUMDU"],
    [admin(0x02, { cdw10: 0xffff0007, cdw11: 0xffff }), 0x400000000, "Get Log Page, most"],
    [admin(0x0d, { cdw10: 0 }), 4096, "Namespace Management, create"],
    [admin(0x0d, { cdw10: 1 }), 0, "Namespace Management, delete"],
    [admin(0x0d, { cdw10: 2 }), "some", "Namespace Management, reserved"],
    [admin(0x11, { cdw10: 0x3ff }), 4096, "Firmware Image Download"],
    [admin(0x15), 4096, "Namespace Attachment"],
    [admin(0x19, { cdw10: 7, cdw11: 0x0201 }), 32, "Directive Send"],
    [admin(0x19, { cdw11: 0x0001 }), 0, "Directive Send, Enable Directive"],
    [admin(0x19, { cdw11: 0x0101 }), 0, "Directive Send, Release Identifier"],
    [admin(0x1a, { cdw10: 0x3ff, cdw11: 0x0001 }), 4096, "Directive Receive"],
    [admin(0x1a, { cdw11: 0x0103 }), 0, "Directive Receive, Allocate Resources"],
    [admin(0x81, { cdw11: 2048 }), 2048, "Security Send"],
    [admin(0x82, { cdw11: 0xffffffff }), 0xffffffff, "Security Receive"],
    [admin(0x86, { cdw12: 1023 }), 4096, "Get LBA Status"],
    [admin(0x1d), "some", "NVMe-MI Send"],
    [admin(0x7f, { nsid: 0x01 }), 1024, "Connect"],
    [admin(0x7f, { nsid: 0x00 }), 0, "Property Set"],
    [admin(0xc0), 0, "vendor, no data"],
    [admin(0xc1), "some", "vendor, out"],
    [admin(0xc2), "some", "vendor, in"],
    [admin(0xc3), "some", "vendor, both ways"],
  ];
  for (const [found, wanted, name] of cases) assertEquals(found, wanted, name);
  for (const opcode of [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x80, 0x84]) {
    assertEquals(admin(opcode, { cdw10: 0xffffffff }), 0, `${opcode}`);
  }
});

Deno.test("expectedTransfer() knows what features move", () => {
  const both: readonly (readonly [number, number | "some"])[] = [
    [0x02, 0],
    [0x03, 4096],
    [0x07, 0],
    [0x0c, 256],
    [0x0e, 8],
    [0x0f, 0],
    [0x13, 512],
    [0x14, 0],
    [0x15, 0],
    [0x16, 512],
    [0x81, 8],
    [0x84, 0],
    [0xc0, "some"],
    [0x60, "some"],
  ];
  for (const [fid, bytes] of both) {
    assertEquals(admin(0x09, { cdw10: fid }), bytes, `Set Features ${fid}`);
    assertEquals(admin(0x0a, { cdw10: fid }), bytes, `Get Features ${fid}`);
    assertEquals(admin(0x0a, { cdw10: fid | 0x300 }), 0, `capabilities of ${fid}`);
  }
  assertEquals(admin(0x0a, { cdw10: 0x81, cdw11: 1 }), 16);
  assertEquals(admin(0x09, { cdw10: 0x80000081, cdw11: 1 }), 16);
  assertEquals([admin(0x09, { cdw10: 0x0d }), admin(0x0a, { cdw10: 0x0d })], [0, 4096]);
  assertEquals([admin(0x09, { cdw10: 0x21 }), admin(0x0a, { cdw10: 0x21 })], [0, 8]);
  assertEquals(admin(0x09, { cdw10: 0x1e, cdw11: 0x00050001 }), 5);
  assertEquals(admin(0x0a, { cdw10: 0x1e, cdw11: 0x00050001 }), 10);
});

Deno.test("expectedTransfer() knows the I/O commands that move no blocks", () => {
  const cases: readonly (readonly [number | "some", number | "some", string])[] = [
    [io(0x09, { cdw10: 0xffffff03 }), 64, "Dataset Management"],
    [io(0x0d), 16, "Reservation Register"],
    [io(0x0e, { cdw10: 15 }), 64, "Reservation Report"],
    [io(0x11), 16, "Reservation Acquire"],
    [io(0x15), 8, "Reservation Release"],
    [io(0x12, { cdw11: 3 }), 16, "I/O Management Receive"],
    [io(0x1d, { cdw10: 0x00030001 }), 8, "I/O Management Send"],
    [io(0x19, { cdw12: 0x001 }), 64, "Copy, format 0"],
    [io(0x19, { cdw12: 0x101 }), 80, "Copy, format 1"],
    [io(0x19, { cdw12: 0x201 }), 64, "Copy, format 2"],
    [io(0x19, { cdw12: 0x301 }), 80, "Copy, format 3"],
    [io(0x79, { cdw13: 4 }), 0, "Zone Management Send, reset"],
    [io(0x79, { cdw13: 0x10 }), "some", "Zone Management Send, descriptor extension"],
    [io(0x7a, { cdw12: 1023 }), 4096, "Zone Management Receive"],
    [io(0x92), "some", "vendor"],
  ];
  for (const [found, wanted, name] of cases) assertEquals(found, wanted, name);
  for (const opcode of [0x00, 0x04, 0x08, 0x0c, 0x18]) {
    assertEquals(io(opcode, { cdw12: 0xff }), 0, `${opcode}`);
  }
});

const PRACT = 0x20000000;

Deno.test("expectedTransfer() goes by the namespace's format where blocks move", () => {
  const of = (opcode: number, cdw12: number, shape: BlockShape): readonly unknown[] => {
    const { data, metadata } = expectedTransfer({ queue: "io", opcode, cdw12 }, { shape });
    return [data, metadata];
  };
  const plain = { blockBytes: 512, metadataBytes: 0, inline: false, protectionBytes: 0 };
  const apart = { blockBytes: 4096, metadataBytes: 8, inline: false, protectionBytes: 8 };
  const inline = { ...apart, inline: true };
  for (const opcode of [0x01, 0x02, 0x05, 0x7d]) {
    assertEquals(of(opcode, 15, plain), [8192, 0]);
    assertEquals(of(opcode, 0xffff, plain), [0x2000000, 0]);
    assertEquals(of(opcode, 1, apart), [8192, 16]);
    assertEquals(of(opcode, 1, inline), [8208, 0]);
  }
  // The drive inserts and strips metadata that is nothing but protection information.
  assertEquals(of(0x02, PRACT | 1, apart), [8192, 0]);
  assertEquals(of(0x01, PRACT | 1, inline), [8192, 0]);
  assertEquals(of(0x01, PRACT | 1, { ...apart, metadataBytes: 16 }), [8192, 32]);
  assertEquals(of(0x01, PRACT | 1, { ...apart, protectionBytes: 0 }), [8192, 16]);
});

Deno.test("expectedTransfer() takes the largest usual blocks where the format is not known", () => {
  assertEquals(io(0x02, { cdw12: 1 }), 8192);
});

Deno.test("expectedTransfer() takes the size of a value where the namespace has keys", () => {
  for (const opcode of [0x01, 0x02, 0x06]) {
    const command = { queue: "io", opcode, cdw10: 12345 } as const;
    assertEquals(expectedTransfer(command, { keyValue: true }), { data: 12345, metadata: 0 });
  }
});
