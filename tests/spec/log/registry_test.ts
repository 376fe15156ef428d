// The registry: every page can be found, asked for and shown.

import { assertEquals } from "@std/assert";
import type { LogPageSupport } from "../../../src/spec/log/log_page.ts";
import { logPageInfo } from "../../../src/spec/log/names.ts";
import { findLogPage, LOG_PAGES } from "../../../src/spec/log/registry.ts";
import { parseCitation } from "../../../src/spec/references.ts";
import { EVERYTHING, NOTHING } from "./controllers.ts";

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
    [
      [0x00, 1024],
      [0x01, 4096],
      [0x02, 512],
      [0x03, 512],
      [0x04, 4096],
      [0x05, 4096],
      [0x06, 564],
      [0x07, 512],
      [0x08, 512],
      [0x09, 512],
      [0x0c, 4096],
      [0x0d, 512],
      [0x0e, 16],
      [0x12, 1024],
      [0x13, 4096],
      [0x70, 1024],
      [0x80, 64],
      [0x81, 512],
    ],
  );
});

/** The identifiers of the pages of which the controller says so. */
function lidsOf(answer: boolean | undefined, controller: LogPageSupport): readonly number[] {
  return LOG_PAGES.filter((page) => page.supportedBy(controller) === answer)
    .map(({ lid }) => lid);
}

Deno.test("LOG_PAGES tells from Identify Controller which pages there are", () => {
  assertEquals(lidsOf(true, NOTHING), [0x01, 0x02, 0x03]);
  assertEquals(lidsOf(undefined, NOTHING), [0x04, 0x0e, 0x70]);
  assertEquals(lidsOf(true, EVERYTHING).length, LOG_PAGES.length);
});

Deno.test("LOG_PAGES depends on one field of Identify Controller for each page", () => {
  const added = (fields: Partial<LogPageSupport>): readonly number[] =>
    lidsOf(true, { ...NOTHING, ...fields }).filter((lid) => lid < 0x01 || lid > 0x03);
  assertEquals(added({ lpa: 0x02 }), [0x05]);
  assertEquals(added({ lpa: 0x08 }), [0x07, 0x08]);
  assertEquals(added({ lpa: 0x10 }), [0x0d]);
  assertEquals(added({ lpa: 0x20 }), [0x00, 0x12, 0x13]);
  assertEquals(added({ oacs: 0x10 }), [0x06]);
  assertEquals(added({ oacs: 0x200 }), [0x0e]);
  assertEquals(added({ oaes: 0x100 }), [0x04]);
  assertEquals(added({ ctratt: 0x10 }), [0x09]);
  assertEquals(added({ cmic: 0x08 }), [0x0c]);
  assertEquals(added({ oncs: 0x20 }), [0x80]);
  assertEquals(added({ sanicap: 0x01 }), [0x81]);
  assertEquals(added({ cntrltype: 2 }), [0x70]);
});

Deno.test("findLogPage() finds pages by identifier, name and alias", () => {
  assertEquals(findLogPage(0x02)?.name, "smart");
  assertEquals(findLogPage("SMART")?.lid, 0x02);
  assertEquals(findLogPage("self-test")?.lid, 0x06);
  assertEquals(findLogPage("fw")?.lid, 0x03);
  assertEquals(findLogPage("endurance-group")?.lid, 0x09);
  assertEquals(findLogPage("pel")?.lid, 0x0d);
  assertEquals(findLogPage(0xc0), undefined);
  assertEquals(findLogPage("nonsense"), undefined);
});
