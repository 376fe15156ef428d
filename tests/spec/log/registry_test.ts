// The registry: every page can be found, asked for and shown.

import { assertEquals } from "@std/assert";
import { logPageInfo } from "../../../src/spec/log/names.ts";
import { findLogPage, LOG_PAGES } from "../../../src/spec/log/registry.ts";
import { parseCitation } from "../../../src/spec/references.ts";

const NOTHING = { lpa: 0, oacs: 0, oaes: 0, elpe: 0 };
const EVERYTHING = { lpa: 0xff, oacs: { value: 0xffff }, oaes: 0xffffffff, elpe: 63 };

Deno.test("LOG_PAGES agrees with logPageInfo() on names and titles", () => {
  for (const page of LOG_PAGES) {
    const { name, title } = logPageInfo(page.lid);
    assertEquals([page.name, page.title], [name, title]);
  }
});

Deno.test("LOG_PAGES cites documents that exist", () => {
  for (const page of LOG_PAGES) {
    parseCitation(page.cite);
    parseCitation(page.structure.cite);
  }
});

Deno.test("LOG_PAGES has no name twice", () => {
  const names = LOG_PAGES.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("LOG_PAGES decodes pages of zeros and of ones, as tables and as JSON", () => {
  for (const page of LOG_PAGES) {
    for (const filler of [0x00, 0xff]) {
      const value = page.decode(new Uint8Array(page.length(EVERYTHING)).fill(filler));
      JSON.stringify(page.json(value));
      const table = page.table?.(value);
      for (const row of table?.rows ?? []) assertEquals(row.length, table?.columns.length);
    }
  }
});

Deno.test("LOG_PAGES asks for whole dwords", () => {
  assertEquals(
    LOG_PAGES.map((page) => [page.lid, page.length(EVERYTHING)]),
    [[0, 1024], [1, 4096], [2, 512], [3, 512], [4, 4096], [5, 4096], [6, 564]],
  );
});

Deno.test("LOG_PAGES tells from Identify Controller which pages there are", () => {
  const support = (controller: typeof NOTHING | typeof EVERYTHING) =>
    LOG_PAGES.map((page) => page.supportedBy(controller));
  assertEquals(support(NOTHING), [false, true, true, true, undefined, false, false]);
  assertEquals(support(EVERYTHING), [true, true, true, true, true, true, true]);
  assertEquals(support({ ...NOTHING, lpa: 0x02 })[5], true);
  assertEquals(support({ ...NOTHING, lpa: 0x20 })[0], true);
  assertEquals(support({ ...NOTHING, oacs: 0x10 })[6], true);
});

Deno.test("findLogPage() finds pages by identifier, name and alias", () => {
  assertEquals(findLogPage(0x02)?.name, "smart");
  assertEquals(findLogPage("SMART")?.lid, 0x02);
  assertEquals(findLogPage("self-test")?.lid, 0x06);
  assertEquals(findLogPage("fw")?.lid, 0x03);
  assertEquals(findLogPage(0xc0), undefined);
  assertEquals(findLogPage("nonsense"), undefined);
});
