// Tests of structures from drives that are older than some of their fields.

import { assertEquals } from "@std/assert";
import { encodeFor, parseVersion } from "../../src/drive/version.ts";
import { at, struct, u8 } from "../../src/layout/mod.ts";

Deno.test("parseVersion() gives what VER holds", () => {
  assertEquals(parseVersion("1.2"), 0x010200);
  assertEquals(parseVersion("1.2.1"), 0x010201);
  assertEquals(parseVersion("2.1"), 0x020100);
});

Deno.test("encodeFor() leaves newer fields zero", () => {
  const structure = struct("Sample", 3, "[BASE-2.1 §1]", [
    at(0, 0, "always", u8, "Always"),
    at(1, 1, "later", u8, "Later", { since: "1.3" }),
    at(2, 2, "last", u8, "Last", { since: "2.1" }),
  ]);
  const value = { always: 1, later: 2, last: 3 };
  assertEquals([...encodeFor(structure, 0x010200, value)], [1, 0, 0]);
  assertEquals([...encodeFor(structure, 0x010300, value)], [1, 2, 0]);
  assertEquals([...encodeFor(structure, 0x020100, value)], [1, 2, 3]);
  assertEquals(
    [...encodeFor(structure, 0x010200, value, { last: 9 })],
    [1, 0, 9],
  );
});
