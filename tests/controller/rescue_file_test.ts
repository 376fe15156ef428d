// Tests of the map of a rescue as a text file.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  formatRescueMap,
  parseRescueMap,
  type RescueIdentity,
  rescueIdentity,
} from "../../src/controller/rescue_file.ts";
import { Drive } from "../../src/controller/drive.ts";
import { resolveRange } from "../../src/controller/read_range.ts";
import { RescueMap } from "../../src/controller/rescue_map.ts";
import { UsageError } from "../../src/errors.ts";
import { virtualDrive } from "../support/context.ts";

const IDENTITY: RescueIdentity = {
  model: "M",
  serial: "S1",
  nsid: 1,
  lba: "16",
  blocks: 64,
  block_bytes: 512,
  metadata_bytes: 0,
  metadata_saved: false,
};

function someMap(): RescueMap {
  const map = RescueMap.untried(64);
  map.set(0, 32, "+");
  map.set(8, 1, "-");
  map.set(32, 8, "*");
  map.set(40, 2, "/");
  return map;
}

// What GNU ddrescue writes for the same, from its manual: bytes of the source, in hexadecimal.
const LINES = [
  "# current_pos  current_status  current_pass",
  "0x00007400     *               1",
  "#      pos        size  status",
  "0x00002000  0x00001000  +",
  "0x00003000  0x00000200  -",
  "0x00003200  0x00002E00  +",
  "0x00006000  0x00001000  *",
  "0x00007000  0x00000400  /",
  "0x00007400  0x00002C00  ?",
  "",
];

Deno.test("formatRescueMap() writes positions and sizes in bytes, as GNU ddrescue does", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "*", at: 42 });
  assertEquals(text.split("\n").slice(2), LINES);
  assert(text.startsWith("# Mapfile. Created by "));
});

Deno.test("parseRescueMap() reads back what was written", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "*", at: 42 });
  assertEquals(parseRescueMap(text, IDENTITY, "x.map").map.extents, someMap().extents);
});

Deno.test("parseRescueMap() takes what GNU ddrescue makes of such a file", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "*", at: 42 });
  const changed = text
    .replace("0x00007400     *               1", "29696 / 2  # a comment")
    .replace("0x00003000  0x00000200  -", "12288  512  -  # one block")
    .replace("0x00006000  0x00001000  *", "0x6000 0x800 +\n0x6800 0x800 -");
  const { map } = parseRescueMap(changed, IDENTITY, "x.map");
  assertEquals([map.count("+"), map.count("-"), map.count("*")], [31 + 4, 5, 0]);
});

Deno.test("parseRescueMap() refuses a map of something else and names the difference", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "?", at: 0 });
  const others: readonly (readonly [Partial<RescueIdentity>, string])[] = [
    [{ serial: "S2" }, 'serial "S1", and now it is "S2"'],
    [{ model: "N" }, 'model "M"'],
    [{ nsid: 2 }, "nsid 1, and now it is 2"],
    [{ lba: "0" }, 'lba "16", and now it is "0"'],
    [{ blocks: 65 }, "blocks 64"],
    [{ block_bytes: 4096 }, "block bytes 512"],
    [{ metadata_saved: true }, "metadata saved false, and now it is true"],
  ];
  for (const [other, says] of others) {
    const error = assertThrows(
      () => parseRescueMap(text, { ...IDENTITY, ...other }, "x.map"),
      UsageError,
      says,
    );
    assert(error.message.startsWith("Cannot go on from the map x.map: "));
  }
});

Deno.test("parseRescueMap() refuses what is no map, has gaps or overlaps, or ends elsewhere", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "?", at: 0 });
  const broken: readonly (readonly [string, string])[] = [
    [text.replace(/^# nvmectl read: .*$/m, ""), "not a map that nvmectl read wrote"],
    [text.replace(/^# nvmectl read: .*$/m, "# nvmectl read: {"), "cannot be read"],
    [text.replace(/^# nvmectl read: .*$/m, "# nvmectl read: null"), "another rescue"],
    [text.replace("0x00003000  0x00000200", "0x00003000  0x00000100"), "line 7 does not go on"],
    [text.replace("0x00003000  0x00000200", "0x00003000  0x00000400"), "line 8 does not go on"],
    [text.replace("0x00002000  0x00001000", "0x00001000  0x00001000"), "line 6 does not go on"],
    [text.replace("0x00000400  /", "0x00000400  x"), "line 10 does not go on"],
    [text.replace("0x00000400  /", "0x00000000  /"), "line 10 does not go on"],
    [text.replace(/^0x00007400 {2}.*$/m, ""), "does not end where the blocks end"],
  ];
  for (const [damaged, says] of broken) {
    assertThrows(() => parseRescueMap(damaged, IDENTITY, "x.map"), UsageError, says);
  }
});

Deno.test("a drive's own names cannot break the map or whoever looks at it", async () => {
  const drive = new Drive(virtualDrive("hostile").transport);
  const range = await resolveRange(drive, { nsid: 1, lba: 0n, blocks: 8n });
  const identity = await rescueIdentity(drive, range, false);
  const text = formatRescueMap(RescueMap.untried(8), identity, { state: "?", at: 0 });
  assert(/^[\n\x20-\x7e]*$/.test(text), "only printable ASCII");
  assertEquals(parseRescueMap(text, identity, "x").map.count("?"), 8);
});

Deno.test("parseRescueMap() says where the rescue was, and begins again where that cannot be read", () => {
  const text = formatRescueMap(someMap(), IDENTITY, { state: "-", at: 42 });
  assertEquals(parseRescueMap(text, IDENTITY, "x.map").stage, { state: "-", at: 42 });
  for (
    const [line, stage] of [
      ["29696 / 2  # a comment", { state: "/", at: 42 }],
      ["0x0000A000  +  1", { state: "+", at: 64 }],
      ["0x0000A200  +  1", { state: "?", at: 0 }],
      ["0x00000000  -  1", { state: "?", at: 0 }],
      ["0x00007400  G  1", { state: "?", at: 0 }],
      ["what is this", { state: "?", at: 0 }],
    ] as const
  ) {
    const changed = text.replace("0x00007400     -               1", line);
    assertEquals(parseRescueMap(changed, IDENTITY, "x.map").stage, stage, line);
  }
});
