// The Supported Log Pages log page.

import { assertEquals } from "@std/assert";
import { SupportedLog, SupportedLogPage, supportedPages } from "../../../src/spec/log/supported.ts";
import { SUPPORTED_IMAGE } from "../../golden/log/images.ts";
import { structureTests } from "../../support/structure.ts";
import { SUPPORTED_WITNESS, witnessTests } from "./witness.ts";

/** The entries of the image; what is left out is not supported. */
function entries(): Record<string, unknown>[] {
  const pages: Record<string, unknown>[] = Array.from({ length: 256 }, () => ({}));
  for (const lid of [0x00, 0x01, 0x02, 0x03, 0x05, 0x06]) pages[lid] = { supported: true };
  pages[0x07] = { supported: true, specific: 1 };
  pages[0x0d] = { supported: true, specific: 1 };
  pages[0x12] = { supported: true, indexOffset: true };
  pages[0xc0] = { supported: true, specific: 0x1234 };
  return pages;
}

structureTests(SupportedLog, {
  bytes: SUPPORTED_IMAGE,
  decoded: {
    pages: entries().map((entry) => {
      const { supported = false, indexOffset = false, specific = 0 } = entry as {
        supported?: boolean;
        indexOffset?: boolean;
        specific?: number;
      };
      const value = specific * 0x10000 + Number(indexOffset) * 2 + Number(supported);
      return { value, supported, indexOffset, specific };
    }),
  },
  encoded: { pages: entries() },
});

witnessTests(SupportedLog, SUPPORTED_WITNESS);

const LOG = SupportedLog.decode(SUPPORTED_IMAGE);

Deno.test("supportedPages() leaves out what is not supported", () => {
  assertEquals(
    supportedPages(LOG).map(({ lid }) => lid),
    [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x0d, 0x12, 0xc0],
  );
});

Deno.test("SupportedLogPage.table() names the pages and what is special about them", () => {
  const table = SupportedLogPage.table?.(LOG);
  assertEquals(table?.columns, ["Page", "Name", "Notes"]);
  assertEquals(table?.rows.slice(5), [
    ["06h", "Device Self-test", ""],
    ["07h", "Telemetry Host-Initiated", "the data areas to create can be limited"],
    ["0Dh", "Persistent Event", "a context can be established and its header read at once"],
    ["12h", "Feature Identifiers Supported and Effects", "can be read from an index"],
    ["C0h", "Vendor specific", "specific 0x1234"],
  ]);
  assertEquals(table?.note, "10 log pages supported");
});

Deno.test("SupportedLogPage.json() has an entry for each supported page", () => {
  const { supported_log_pages: pages } = SupportedLogPage.json(LOG);
  assertEquals((pages as unknown[])[7], {
    log_page: { value: 0x0d, text: "Persistent Event" },
    index_offset: false,
    specific: 1,
  });
});
