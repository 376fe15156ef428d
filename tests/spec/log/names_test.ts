// The names of log page identifiers.

import { assertEquals } from "@std/assert";
import { formatLid, logPageInfo } from "../../../src/spec/log/names.ts";
import { parseCitation } from "../../../src/spec/references.ts";

Deno.test("logPageInfo() names every identifier that libnvme's types.h names", () => {
  const named = [
    ...Array.from({ length: 0x1d }, (_, lid) => lid),
    ...[0x20, 0x21, 0x22, 0x23, 0x70, 0x71, 0x72, 0x73, 0x80, 0x81, 0xbf],
  ];
  for (let lid = 0; lid < 0x100; lid++) {
    assertEquals(logPageInfo(lid).name !== undefined, named.includes(lid), formatLid(lid));
  }
});

Deno.test("logPageInfo() says what kind of identifier an unnamed one is", () => {
  assertEquals(logPageInfo(0x1d).title, "Reserved");
  assertEquals(logPageInfo(0x82).title, "I/O Command Set specific");
  assertEquals(logPageInfo(0xbe).title, "I/O Command Set specific");
  assertEquals(logPageInfo(0xc0).title, "Vendor specific");
  assertEquals(logPageInfo(0xff).title, "Vendor specific");
});

Deno.test("logPageInfo() has no name twice", () => {
  const names = Array.from({ length: 256 }, (_, lid) => logPageInfo(lid).name).filter(Boolean);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("logPageInfo() cites documents that exist", () => {
  for (let lid = 0; lid < 0x100; lid++) parseCitation(logPageInfo(lid).cite);
});

Deno.test("formatLid() writes identifiers as the specification does", () => {
  assertEquals([0x02, 0x0d, 0xc0].map(formatLid), ["02h", "0Dh", "C0h"]);
});
