// The contract of what Identify returns.

import { assertEquals, assertThrows } from "@std/assert";
import { array, at, struct, TruncatedError, u8 } from "../../../src/layout/mod.ts";
import { listTarget, structureTarget } from "../../../src/spec/identify/target.ts";

const Sample = struct("Sample", 3, "[BASE-2.1 §1]", [
  at(0, 0, "count", u8, "Entries"),
  at(1, 2, "entries", array(u8, 2), "All entries"),
]);

Deno.test("structureTarget() shows a structure as its fields", () => {
  const target = structureTarget(Sample);
  assertEquals([target.title, target.cite], ["Sample", "[BASE-2.1 §1]"]);
  assertEquals(target.json(target.decode(Uint8Array.of(1, 2, 3))), { count: 1, entries: [2, 3] });
  assertEquals(target.table, undefined);
  assertThrows(() => target.decode(new Uint8Array(2)), TruncatedError);
});

Deno.test("listTarget() shows the entries in use", () => {
  const target = listTarget(Sample, {
    entries: ({ count, entries }) => entries.slice(0, count),
    json: ({ count }) => ({ count }),
    columns: ["Entry"],
    row: (entry) => [`${entry}`],
  });
  const value = target.decode(Uint8Array.of(1, 2, 3));
  assertEquals(target.table?.(value), { columns: ["Entry"], rows: [["2"]] });
  assertEquals(target.json(value), { count: 1 });
});
