// Tests of how structures and log pages are shown.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { logPageBlocks, structBlocks, tableBlock, tableBlocks } from "../../src/cli/present.ts";
import { renderBlocks } from "../../src/cli/render.ts";
import type { Block, Fact } from "../../src/cli/report.ts";
import { at, bit, bits, coded, range, reserved, struct, u16, u8 } from "../../src/layout/mod.ts";
import { ErrorEntry, ErrorPage } from "../../src/spec/log/error.ts";
import { SelfTestLog, SelfTestPage } from "../../src/spec/log/self_test.ts";
import { SmartLog, SmartPage } from "../../src/spec/log/smart.ts";

const Inner = struct("Inner", 2, "[BASE-2.1]", [
  at(0, 0, "first", u8, "First"),
  at(1, 1, "second", u8, "Second"),
]);

const Sample = struct("Sample", 8, "[BASE-2.1]", [
  at(0, 0, "kind", coded(u8, { 1: "good kind" }), "Kind", { brief: true }),
  at(
    1,
    2,
    "flags",
    bits(u16, { one: bit(0, "one thing"), two: bit(1, "another"), size: range(7, 4, "size") }),
    "Flags",
  ),
  reserved(3, 3),
  at(4, 5, "bigNumber", u16, "Big number"),
  at(6, 7, "inner", Inner, "Inner part"),
]);

const VALUE = Sample.decode(Uint8Array.of(1, 0x31, 0, 0, 0xe8, 0x03, 7, 8));

function factsOf(blocks: readonly Block[]): readonly Fact[] {
  return blocks.flatMap((block) => block.kind === "facts" ? block.facts : []);
}

function render(blocks: readonly Block[]): string {
  return renderBlocks(blocks, { color: false, escape: true });
}

Deno.test("structBlocks() shows label and text of the fields that matter", () => {
  assertEquals(factsOf(structBlocks(Sample, VALUE, { verbose: false })), [["Kind", "good kind"]]);
});

Deno.test("structBlocks() shows every field where none is marked", () => {
  const value = Inner.decode(Uint8Array.of(7, 8));
  assertEquals(factsOf(structBlocks(Inner, value, { verbose: false })), [
    ["First", "7"],
    ["Second", "8"],
  ]);
});

Deno.test("structBlocks() verbose shows key, meaning, the number behind words, and each bit", () => {
  assertEquals(factsOf(structBlocks(Sample, VALUE, { verbose: true })), [
    ["kind", "Kind (0x01): good kind"],
    ["flags", "Flags (0x0031): one thing, size: 3"],
    ["  bit 0", "one thing: yes"],
    ["  bit 1", { text: "another: no", tone: "dim" }],
    ["  bits 7:4", "size: 3"],
    ["big_number", "Big number: 1,000"],
    ["inner", "Inner part"],
    ["  first", "First: 7"],
    ["  second", "Second: 8"],
  ]);
});

Deno.test("structBlocks() verbose keeps the number of a code that has no name", () => {
  const value = Sample.decode(Uint8Array.of(0xee, 0, 0, 0, 0, 0, 0, 0));
  const [kind] = factsOf(structBlocks(Sample, value, { verbose: true }));
  assertStringIncludes(String(kind?.[1]), "(0xee)");
});

Deno.test("structBlocks() leaves out what the caller shows itself", () => {
  const facts = factsOf(structBlocks(Sample, VALUE, { verbose: true, omit: ["flags", "inner"] }));
  assertEquals(facts.map(([key]) => key), ["kind", "big_number"]);
});

Deno.test("structBlocks() verbose names every field of a structure once", () => {
  const value = SmartLog.decode(new Uint8Array(512));
  const keys = factsOf(structBlocks(SmartLog, value, { verbose: true })).map(([key]) => key);
  const named = SmartLog.fields(value).map(({ key }) => key);
  assertEquals(keys.filter((key) => !key.startsWith(" ")), named);
});

Deno.test("tableBlock() aligns columns of numbers to the right and words to the left", () => {
  const block = tableBlock({
    columns: ["Name", "Count", "Size", "Mixed", "None"],
    rows: [["a", "1", "512 B", "1", ""], ["b", "1,024", "4 KiB", "x", "-"]],
  });
  assert(block.kind === "table");
  assertEquals(block.columns.map(({ align }) => align), [
    undefined,
    "right",
    "right",
    undefined,
    undefined,
  ]);
});

Deno.test("tableBlocks() puts the note below the rows, and in place of none", () => {
  const table = { columns: ["A"], note: "nothing more" };
  assertEquals(render(tableBlocks({ ...table, rows: [["x"]] })), "A\nx\nnothing more\n");
  assertEquals(render(tableBlocks({ ...table, rows: [] })), "nothing more\n");
});

Deno.test("logPageBlocks() shows a page of fields as fields", () => {
  const bytes = SmartLog.encode({ availableSpare: 100 });
  const text = render(
    logPageBlocks(SmartPage, { bytes, value: SmartPage.decode(bytes) }, { verbose: false }),
  );
  assertStringIncludes(text, "SMART / Health Information\n");
  assertMatch(text, /^Available spare +100 %$/m);
});

Deno.test("logPageBlocks() of a list shows rows; verbose every entry that is not empty", () => {
  const bytes = new Uint8Array(3 * ErrorEntry.size);
  bytes.set(ErrorEntry.encode({ errorCount: 5n, lba: 77n }));
  const page = { bytes, value: ErrorPage.decode(bytes) };
  const brief = render(logPageBlocks(ErrorPage, page, { verbose: false }));
  const verbose = render(logPageBlocks(ErrorPage, page, { verbose: true }));
  assertStringIncludes(brief, "3 entries, 1 used");
  assertEquals(brief.includes("Entry 0"), false);
  assertStringIncludes(verbose, "Entry 0");
  assertEquals(verbose.includes("Entry 1"), false);
  assertStringIncludes(verbose, "lba");
});

Deno.test("logPageBlocks() verbose adds the fields around a list", () => {
  const bytes = SelfTestLog.encode({ current: { operation: 2 }, completion: { percent: 40 } });
  const value = SelfTestPage.decode(bytes);
  const verbose = render(logPageBlocks(SelfTestPage, { bytes, value }, { verbose: true }));
  assertStringIncludes(verbose, "completion");
  assertEquals(verbose.includes("\nresults "), false);
});
