// Log page 0Eh: where blocks may be that can no longer be read.

import {
  at,
  coded,
  counted,
  exactDigits,
  except,
  formatCount,
  type JsonObject,
  nameOf,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { LBA_STATUS_ACTION_NAMES } from "../lba_status.ts";
import { growingPage, isSet, type LogPage, type Table } from "./log_page.ts";

const NO_ESTIMATE = 0xffffffff;

/** In a namespace element's count: the drive knows no ranges, so every block is suspect. */
export const LBA_STATUS_WHOLE_NAMESPACE = 0xffffffff;

/** The header of the LBA Status Information log page. */
export const LbaStatusLog = struct("LBA Status Information", 16, "[NVM-1.1 §4.1.4]", [
  at(0, 3, "length", u32, "Bytes of the log page"),
  at(4, 7, "namespaceCount", u32, "Namespaces"),
  at(
    8,
    11,
    "unrecoverable",
    except(u32, NO_ESTIMATE, "no estimate"),
    "Blocks that may be unrecoverable",
  ),
  reserved(12, 13),
  at(14, 15, "generation", u16, "Generation"),
]);

/** What stands before the ranges of one namespace. */
export const LbaStatusElement = struct("LBA Status Log Namespace Element", 16, "[NVM-1.1 §4.1.4]", [
  at(0, 3, "nsid", u32, "Namespace"),
  at(
    4,
    7,
    "rangeCount",
    except(u32, LBA_STATUS_WHOLE_NAMESPACE, "none known, look at all blocks"),
    "Ranges that follow",
  ),
  at(8, 8, "action", coded(u8, LBA_STATUS_ACTION_NAMES), "Recommended action type"),
  reserved(9, 15),
]);

/** One range of blocks. */
export const LbaRangeDescriptor = struct("LBA Range Descriptor", 16, "[NVM-1.1 §4.1.4]", [
  at(0, 7, "start", u64, "First block"),
  at(8, 11, "blocks", zeroBasedCount(u32), "Blocks"),
  reserved(12, 15),
]);

/** Blocks that may be unrecoverable. */
export interface LbaRange {
  readonly start: bigint;
  /** At least 1. */
  readonly blocks: number;
}

/** What the log says of one namespace. */
export interface LbaStatusNamespace {
  readonly nsid: number;
  /** The action type that Get LBA Status should be asked with. */
  readonly action: number;
  /** Undefined where the drive knows no ranges, and every block is suspect. */
  readonly ranges: readonly LbaRange[] | undefined;
}

/** A decoded LBA Status Information log page. */
export type LbaStatusLog = ReturnType<typeof LbaStatusLog.decode> & {
  /** Those namespaces of which all ranges were read. */
  readonly namespaces: readonly LbaStatusNamespace[];
};

/** The page; its length and counts follow from the namespaces. */
export function encodeLbaStatusLog(
  { generation, unrecoverable = NO_ESTIMATE, namespaces }: {
    readonly generation: number;
    readonly unrecoverable?: number;
    readonly namespaces: readonly LbaStatusNamespace[];
  },
): Uint8Array<ArrayBuffer> {
  const parts = namespaces.flatMap(({ nsid, action, ranges }) => [
    LbaStatusElement.encode({
      nsid,
      action,
      rangeCount: ranges?.length ?? LBA_STATUS_WHOLE_NAMESPACE,
    }),
    ...(ranges ?? []).map(({ start, blocks }) =>
      LbaRangeDescriptor.encode({ start, blocks: blocks - 1 })
    ),
  ]);
  const length = LbaStatusLog.size * (1 + parts.length);
  const page = new Uint8Array(length);
  const namespaceCount = namespaces.length;
  page.set(LbaStatusLog.encode({ length, namespaceCount, unrecoverable, generation }));
  parts.forEach((part, at) => page.set(part, LbaStatusLog.size * (1 + at)));
  return page;
}

/** The page's value. Throws TruncatedError for bytes shorter than the header. */
function decodeLbaStatusLog(bytes: Uint8Array): LbaStatusLog {
  const header = LbaStatusLog.decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const namespaces: LbaStatusNamespace[] = [];
  let offset = LbaStatusLog.size;
  while (
    namespaces.length < header.namespaceCount && offset + LbaStatusElement.size <= bytes.length
  ) {
    const { nsid, action, rangeCount } = LbaStatusElement.get(view, offset);
    const first = offset + LbaStatusElement.size;
    const count = rangeCount === LBA_STATUS_WHOLE_NAMESPACE ? 0 : rangeCount;
    offset = first + count * LbaRangeDescriptor.size;
    if (offset > bytes.length) break;
    const ranges = Array.from({ length: count }, (_, at): LbaRange => {
      const { start, blocks } = LbaRangeDescriptor.get(view, first + at * LbaRangeDescriptor.size);
      return { start, blocks: blocks + 1 };
    });
    namespaces.push({
      nsid,
      action,
      ranges: rangeCount === LBA_STATUS_WHOLE_NAMESPACE ? undefined : ranges,
    });
  }
  return { ...header, namespaces };
}

/** Log page 0Eh. Reading it without retaining its event lets the drive renew it. */
export const LbaStatusPage: LogPage<LbaStatusLog> = growingPage(LbaStatusLog, {
  lid: 0x0e,
  name: "lba-status",
  aliases: ["lba-status-log"],
  since: "1.4",
  scope: "controller",
  parts: [LbaStatusElement, LbaRangeDescriptor],
  // A drive with Get LBA Status has the page; another may have it all the same.
  supportedBy: ({ oacs }) => isSet(oacs, 9) || undefined,
  growth: {
    extent: (bytes) => Math.max(LbaStatusLog.decode(bytes).length, LbaStatusLog.size),
    generation: (bytes) => LbaStatusLog.decode(bytes).generation,
  },
  decode: decodeLbaStatusLog,
  json: lbaStatusJson,
  table: lbaStatusTable,
});

function lbaStatusJson(log: LbaStatusLog): JsonObject {
  return {
    ...LbaStatusLog.json(log),
    namespaces: log.namespaces.map(({ nsid, action, ranges }) => ({
      nsid,
      action: { value: action, text: nameOf(LBA_STATUS_ACTION_NAMES, action) },
      ranges: ranges?.map(({ start, blocks }) => ({
        start: Number(start),
        ...exactDigits("start", start),
        blocks,
      })) ?? null,
    })),
  };
}

function lbaStatusTable(log: LbaStatusLog): Table {
  const rows = log.namespaces.flatMap(({ nsid, action, ranges }) =>
    (ranges ?? [undefined]).map((range) => [
      `${nsid}`,
      range ? formatCount(range.start) : "all",
      range ? formatCount(range.blocks) : "all",
      nameOf(LBA_STATUS_ACTION_NAMES, action),
    ])
  );
  const estimate = log.unrecoverable === NO_ESTIMATE
    ? "an unknown number of blocks"
    : counted(log.unrecoverable, "block");
  return {
    columns: ["Namespace", "First block", "Blocks", "Ask Get LBA Status for"],
    rows,
    note: `${estimate} may be unrecoverable`,
  };
}
