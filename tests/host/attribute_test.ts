// Attributes of sysfs: text, numbers, flags, links, and what is not there.

import { assertEquals } from "@std/assert";
import {
  attribute,
  decimal,
  deviceNumber,
  flag,
  linkName,
  sectorBytes,
  trimmed,
} from "../../src/host/attribute.ts";
import { link, memoryView } from "./memory_view.ts";

const view = memoryView({
  "/a/serial": "  S4EWNX0R 123456    \n",
  "/a/empty": "    \n",
  "/a/hostile": new Uint8Array([0x1b, 0x5b, 0x32, 0x4a, 0xe9, 0x00, 0x20, 0x0a]),
  "/a/no_break": new Uint8Array([0x41, 0xa0, 0x0a]),
  "/a/node": "-1\n",
  "/a/size": "18446744073709551615\n",
  "/a/hidden": "1\n",
  "/a/dev": "259:12\n",
  "/a/driver": link("../../bus/pci/drivers/nvme/"),
});

Deno.test("attribute() takes the padding away on both sides and keeps what is inside", () => {
  assertEquals(attribute(view, "/a/serial"), "S4EWNX0R 123456");
});

Deno.test("attribute() keeps every byte of a hostile string as a character of its number", () => {
  assertEquals(attribute(view, "/a/hostile"), "\x1b[2J\u00e9");
  assertEquals(attribute(view, "/a/no_break"), "A\u00a0");
});

Deno.test("attribute() counts an empty file as missing", () => {
  assertEquals(attribute(view, "/a/empty"), undefined);
  assertEquals(attribute(view, "/a/nope"), undefined);
});

Deno.test("decimal() reads negative numbers, and refuses text and what is too large", () => {
  assertEquals(decimal(view, "/a/node"), -1);
  assertEquals(decimal(view, "/a/dev"), undefined);
  assertEquals(decimal(view, "/a/size"), undefined);
});

Deno.test("sectorBytes() counts sectors of 512 bytes without losing digits", () => {
  assertEquals(sectorBytes(view, "/a/size"), 18446744073709551615n * 512n);
  assertEquals(sectorBytes(view, "/a/node"), undefined);
});

Deno.test("flag() is undefined where there is no attribute, which is not false", () => {
  assertEquals(flag(view, "/a/hidden"), true);
  assertEquals(flag(view, "/a/nope"), undefined);
});

Deno.test("deviceNumber() reads dev attributes only", () => {
  assertEquals(deviceNumber(view, "/a/dev"), "259:12");
  assertEquals(deviceNumber(view, "/a/size"), undefined);
});

Deno.test("linkName() is the last part of what a link says, a slash at its end or not", () => {
  assertEquals(linkName(view, "/a/driver"), "nvme");
  assertEquals(linkName(view, "/a/serial"), undefined);
});

Deno.test("trimmed() removes NULs and leaves a text of padding empty", () => {
  assertEquals(trimmed("\0\0 x\ty \r\n\0"), "x\ty");
  assertEquals(trimmed(" \0 "), "");
});
