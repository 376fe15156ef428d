// From a status code to its meaning, and from words to status codes.

import { assert, assertEquals } from "@std/assert";
import { parseCitation } from "../../../src/spec/references.ts";
import {
  allStatuses,
  formatStatusCode,
  statusesByName,
  statusInfo,
  statusMeanings,
  statusTypeName,
} from "../../../src/spec/status/status.ts";

const nameOf = (...query: Parameters<typeof statusInfo>): string => statusInfo(...query).name;

Deno.test("statusInfo() describes every type and code there can be", () => {
  for (let type = 0; type <= 7; type++) {
    for (let code = 0; code <= 0xff; code++) {
      const info = statusInfo(type, code);
      assertEquals([info.type, info.code], [type, code]);
      assert(info.name !== "" && info.meaning !== "");
      parseCitation(info.cite);
      assertEquals(info.known, statusMeanings(type, code).length > 0);
    }
  }
});

Deno.test("statusInfo() describes numbers that no status can have", () => {
  assertEquals(nameOf(0, 0x10a), "unknown status");
  assertEquals(nameOf(9, 0), "unknown status");
});

Deno.test("statusInfo() knows the ranges that have no names", () => {
  for (const type of [0, 1, 2, 3]) {
    assertEquals(nameOf(type, 0xc0), "vendor specific status");
    assertEquals(nameOf(type, 0xff), "vendor specific status");
  }
  assertEquals(nameOf(7, 0x00), "vendor specific status");
  assertEquals(nameOf(1, 0x70), "directive specific status");
  assertEquals(nameOf(0, 0x70), "unknown status");
  assertEquals(nameOf(4, 0xc0), "unknown status");
});

Deno.test("statusInfo() takes a code shared with fabrics by the command that was sent", () => {
  assertEquals(nameOf(1, 0x80), "Conflicting Attributes");
  assertEquals(nameOf(1, 0x80, { queue: "io" }), "Conflicting Attributes");
  assertEquals(nameOf(1, 0x80, { queue: "fabrics" }), "Incompatible Format");
  assertEquals(nameOf(1, 0x84, { queue: "io", opcode: 0x18 }), "Invalid Command ID");
  assertEquals(nameOf(1, 0x84, { queue: "admin", opcode: 0x7f }), "Connect Invalid Host");
});

Deno.test("statusInfo() gives a Fabrics command none of the I/O commands' codes", () => {
  assertEquals(nameOf(1, 0x86, { queue: "fabrics" }), "unknown status");
  assertEquals(nameOf(1, 0xb8, { queue: "fabrics" }), "transport specific status");
  assertEquals(nameOf(1, 0xc0, { queue: "fabrics" }), "vendor specific status");
  assertEquals(nameOf(0, 0x82, { queue: "fabrics" }), "Namespace Not Ready");
  assertEquals(nameOf(1, 0x09, { queue: "fabrics" }), "Invalid Log Page");
});

Deno.test("statusInfo() takes 90h and 91h for the fabric's unless a program was handled", () => {
  assertEquals(nameOf(1, 0x90), "Discover Restart");
  assertEquals(nameOf(1, 0x90, { queue: "admin", opcode: 0x02 }), "Discover Restart");
  assertEquals(nameOf(1, 0x91, { queue: "io" }), "Authentication Required");
  assertEquals(nameOf(1, 0x90, { queue: "admin", opcode: 0x85 }), "Invalid Program Type");
  assertEquals(nameOf(1, 0x91, { commandSet: "cp" }), "Maximum Memory Ranges Exceeded");
  assertEquals(nameOf(1, 0x91, { queue: "admin", opcode: 0x89 }), "Maximum Memory Ranges Exceeded");
});

Deno.test("statusInfo() names zone statuses whatever the command set", () => {
  assertEquals(nameOf(1, 0xbc), "Zone Invalid Write");
  assertEquals(nameOf(1, 0xbc, { queue: "io", commandSet: "zns" }), "Zone Invalid Write");
  assertEquals(
    nameOf(1, 0xb6, { queue: "io", commandSet: "nvm" }),
    "Invalid Zone Operation Request",
  );
});

Deno.test("statusInfo() has only notices, not errors, for a commit that needs a reset", () => {
  for (const code of [0x0b, 0x10, 0x11, 0x12]) {
    for (const context of [{}, { queue: "admin", opcode: 0x10 } as const]) {
      assertEquals(statusInfo(1, code, context).outcome, "reset-required", `${code}`);
    }
  }
  const others = [...allStatuses()].filter(({ outcome }) => outcome !== "error");
  assertEquals(others.map(formatStatusCode), [
    "00h/00h",
    "01h/0Bh",
    "01h/10h",
    "01h/11h",
    "01h/12h",
    "01h/9Ch",
  ]);
});

Deno.test("statusInfo() has an error for a sanitize that waiting firmware keeps back", () => {
  for (const code of [0x0b, 0x10, 0x11]) {
    const info = statusInfo(1, code, { queue: "admin", opcode: 0x84 });
    assertEquals(info.outcome, "error");
    assert(info.meaning.startsWith("Nothing was erased"));
    assertEquals(parseCitation(info.cite).figure, 374);
  }
});

Deno.test("statusInfo() does not take an I/O opcode for an admin command's", () => {
  assertEquals(statusInfo(1, 0x10, { queue: "io", opcode: 0x84 }).outcome, "reset-required");
});

Deno.test("statusInfo() tells overlapping LBA ranges from overlapping firmware parts", () => {
  assert(statusInfo(1, 0x14).meaning.includes("firmware"));
  assert(statusInfo(1, 0x14, { queue: "admin", opcode: 0x09 }).meaning.includes("LBA"));
});

Deno.test("statusMeanings() gives both meanings of a shared code", () => {
  assertEquals(statusMeanings(1, 0x81).map(({ name }) => name), [
    "Invalid Protection Information",
    "Controller Busy",
  ]);
  assertEquals(statusMeanings(0, 0x17), []);
});

Deno.test("statusesByName() finds words in any order, the closest name first", () => {
  const names = (text: string): readonly string[] => statusesByName(text).map(({ name }) => name);
  assertEquals(names("format invalid").slice(0, 2), [
    "Invalid Namespace or Format",
    "Invalid Format",
  ]);
  assertEquals(names("invalid format")[0], "Invalid Format");
  assertEquals(names("WRITE-PROTECTED"), ["Namespace is Write Protected"]);
  assertEquals(names("i/o command set not enabled"), ["I/O Command Set Not Enabled"]);
  assertEquals(names("sanitize").at(0), "Sanitize Failed");
});

Deno.test("statusesByName() finds nothing for no words and for words that no name has", () => {
  assertEquals(statusesByName(""), []);
  assertEquals(statusesByName("  / "), []);
  assertEquals(statusesByName("no such thing at all"), []);
});

Deno.test("statusTypeName() names all eight types", () => {
  assertEquals(Array.from({ length: 8 }, (_, type) => statusTypeName(type)), [
    "Generic Command Status",
    "Command Specific Status",
    "Media and Data Integrity Errors",
    "Path Related Status",
    "Reserved",
    "Reserved",
    "Reserved",
    "Vendor Specific",
  ]);
});
