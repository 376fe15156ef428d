// pcapng blocks, byte by byte.

import { assert, assertEquals } from "@std/assert";
import { toHex } from "../../src/layout/mod.ts";
import { interfaceBlock, packetBlock, sectionBlock } from "../../src/trace/pcapng_blocks.ts";
import { readBlocks, readOptions } from "./pcapng_reader.ts";

Deno.test("sectionBlock() writes a little-endian section of unknown length", () => {
  assertEquals(
    toHex(sectionBlock("nvmectl")),
    "0a0d0d0a" + "2c000000" + "4d3c2b1a" + "0100" + "0000" + "ffffffffffffffff" +
      "0400" + "0700" + "6e766d6563746c00" + "00000000" + "2c000000",
  );
});

Deno.test("interfaceBlock() writes raw IP with nanosecond timestamps", () => {
  assertEquals(
    toHex(interfaceBlock("nvme0")),
    "01000000" + "2c000000" + "6500" + "0000" + "00000000" +
      "0200" + "0500" + "6e766d6530000000" + "0900" + "0100" + "09000000" +
      "00000000" + "2c000000",
  );
});

Deno.test("packetBlock() writes time, bytes padded to dwords, comment and direction", () => {
  const bytes = packetBlock({
    interfaceId: 1,
    timeNs: 0x1234_5678_9abc_def0n,
    direction: "outbound",
    bytes: Uint8Array.of(1, 2, 3, 4, 5),
    comment: "abc",
  });
  assertEquals(
    toHex(bytes),
    "06000000" + "3c000000" + "01000000" + "78563412" + "f0debc9a" + "05000000" + "05000000" +
      "0102030405000000" + "0100" + "0300" + "61626300" + "0200" + "0400" + "02000000" +
      "00000000" + "3c000000",
  );
});

Deno.test("packetBlock() cuts a comment that no option can hold, between characters", () => {
  const block = packetBlock({
    interfaceId: 0,
    timeNs: 0n,
    direction: "inbound",
    bytes: new Uint8Array(),
    comment: "€".repeat(50_000),
  });
  const [first] = readBlocks(block);
  assert(first);
  const comment = readOptions(first[1], 20).get(1);
  assert(comment && comment.length > 65_000 && comment.length < 65_536);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(comment);
  assertEquals(text, "€".repeat(text.length));
});
