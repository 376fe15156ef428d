// The registry of CNS values.

import { assert, assertEquals } from "@std/assert";
import { CNS_VALUES, findCns, identifyTarget } from "../../../src/spec/identify/cns.ts";
import { parseCitation } from "../../../src/spec/references.ts";

/** What each value is told: NSID, CNTID, CSI, as the columns of the specification's figure. */
const COLUMNS: [number, string][] = [
  [0x00, "YNN"],
  [0x01, "NNN"],
  [0x02, "YNN"],
  [0x03, "YNN"],
  [0x04, "NNN"],
  [0x05, "YNY"],
  [0x06, "NNY"],
  [0x07, "YNY"],
  [0x08, "YNN"],
  [0x09, "NNY"],
  [0x0a, "NNY"],
  [0x10, "YNN"],
  [0x11, "YNN"],
  [0x12, "YYN"],
  [0x13, "NYN"],
  [0x14, "NYN"],
  [0x15, "NYN"],
  [0x16, "NNN"],
  [0x17, "NNN"],
  [0x18, "NNN"],
  [0x19, "NNN"],
  [0x1a, "YNY"],
  [0x1b, "YNY"],
  [0x1c, "NYN"],
  [0x1d, "YYN"],
  [0x1e, "NNN"],
  [0x1f, "YNN"],
  [0x20, "NNN"],
];

Deno.test("CNS_VALUES has every defined value once, in order, with what it must be told", () => {
  const columns = CNS_VALUES.map(({ cns, scope }): [number, string] => [
    cns,
    [scope.nsid, scope.cntid, scope.csi].map((used) => used ? "Y" : "N").join(""),
  ]);
  assertEquals(columns, COLUMNS);
});

Deno.test("CNS_VALUES can all be told apart by name and looked up in the specification", () => {
  assertEquals(new Set(CNS_VALUES.map(({ name }) => name)).size, CNS_VALUES.length);
  for (const { name, cite, since, targets } of CNS_VALUES) {
    assert(/^[a-z-]+$/.test(name), name);
    assert(/^[12]\.\d$/.test(since), name);
    parseCitation(cite);
    for (const target of Object.values(targets)) parseCitation(target.cite);
  }
});

Deno.test("findCns() takes numbers and names in any case", () => {
  assertEquals(findCns(0x01)?.name, "controller");
  assertEquals(findCns("Controller")?.cns, 0x01);
  assertEquals(findCns(0x0b), undefined);
  assertEquals(findCns("nothing"), undefined);
});

Deno.test("identifyTarget() knows the NVM Command Set, and does not guess at others", () => {
  assertEquals(identifyTarget(0x01)?.title, "Identify Controller");
  assertEquals(identifyTarget(0x05)?.title, "NVM Command Set Identify Namespace");
  assertEquals(identifyTarget(0x05, 2), undefined);
  assertEquals(identifyTarget(0x07, 2)?.title, "Namespace List");
  // Only values that take a command set look at it.
  assertEquals(identifyTarget(0x00, 2)?.title, "Identify Namespace");
  assertEquals(identifyTarget(0x20), undefined);
  assertEquals(identifyTarget(0xff), undefined);
});

Deno.test("every target decodes a page of zeros and a page of ones", () => {
  for (const { targets } of CNS_VALUES) {
    for (const target of Object.values(targets)) {
      for (const fill of [0x00, 0xff]) {
        const value = target.decode(new Uint8Array(4096).fill(fill));
        JSON.stringify(target.json(value));
        target.table?.(value);
      }
    }
  }
});
