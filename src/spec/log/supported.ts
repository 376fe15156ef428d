// Log page 00h: which log pages the controller has.

import { array, at, bit, bits, counted, range, struct, u32 } from "../../layout/mod.ts";
import { fixedPage, isSet, type LogPage } from "./log_page.ts";
import { formatLid, logPageInfo } from "./names.ts";

/** One LID Supported and Effects data structure [BASE-2.1 §5.1.12.1.1, Fig. 204]. */
const lidSupport = bits(u32, {
  supported: bit(0, "supported"),
  indexOffset: bit(1, "can be read from an index"),
  specific: range(31, 16, "log page specific"),
});

/** The Supported Log Pages log page: one entry for each identifier, in their order. */
export const SupportedLog = struct(
  "Supported Log Pages",
  1024,
  "[BASE-2.1 §5.1.12.1.1, Fig. 203]",
  [at(0, 1023, "pages", array(lidSupport, 256), "Log page identifiers 00h to FFh")],
);

/** A decoded Supported Log Pages log page. */
export type SupportedLog = ReturnType<typeof SupportedLog.decode>;

/** A log page that the controller has. */
export interface SupportedPage {
  readonly lid: number;
  readonly title: string;
  /** Whether an offset into the page may be an index. */
  readonly indexOffset: boolean;
  /** The log page specific parameter, and what is known of it in words. */
  readonly specific: number;
  readonly notes: readonly string[];
}

/** What the bits of the log page specific parameter say, by log page identifier. */
const SPECIFIC_BITS: Readonly<Record<number, readonly string[]>> = {
  // [BASE-2.1 §5.1.12.1.8, Fig. 215]
  0x07: ["the data areas to create can be limited"],
  // [BASE-2.1 §5.1.12.1.14, Fig. 228]
  0x0d: ["a context can be established and its header read at once"],
};

/** The supported pages, in the order of their identifiers. */
export function supportedPages(log: SupportedLog): readonly SupportedPage[] {
  return log.pages.flatMap(({ supported, indexOffset, specific }, lid) => {
    if (!supported) return [];
    const notes = (SPECIFIC_BITS[lid] ?? []).filter((_, position) => isSet(specific, position));
    return [{ lid, title: logPageInfo(lid).title, indexOffset, specific, notes }];
  });
}

/** Log page 00h. */
export const SupportedLogPage: LogPage<SupportedLog> = fixedPage(SupportedLog, {
  lid: 0x00,
  name: "supported",
  aliases: ["supported-log-pages", "supported-logs"],
  since: "2.0",
  scope: "controller",
  supportedBy: ({ lpa }) => isSet(lpa, 5),
  json: (log) => ({
    supported_log_pages: supportedPages(log).map(({ lid, title, indexOffset, specific }) => ({
      log_page: { value: lid, text: title },
      index_offset: indexOffset,
      specific,
    })),
  }),
  table(log) {
    const pages = supportedPages(log);
    return {
      columns: ["Page", "Name", "Notes"],
      rows: pages.map((page) => [formatLid(page.lid), page.title, pageNotes(page)]),
      note: `${counted(pages.length, "log page")} supported`,
    };
  },
});

function pageNotes({ indexOffset, specific, notes }: SupportedPage): string {
  const words = [...notes];
  if (indexOffset) words.unshift("can be read from an index");
  if (specific !== 0 && notes.length === 0) words.push(`specific 0x${specific.toString(16)}`);
  return words.join(", ");
}
