// Log page 0Ch: through which controllers namespaces are reached well, badly or not at all.

import {
  array,
  at,
  bits,
  counted,
  formatCount,
  type JsonObject,
  nameOf,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import { growingPage, isSet, type LogPage, type Table } from "./log_page.ts";

/** Asymmetric Namespace Access states, by ANAS [BASE-2.1 §5.1.12.1.13, Fig. 224]. */
export const ANA_STATE_NAMES = {
  0x1: "optimized",
  0x2: "non-optimized",
  0x3: "inaccessible",
  0x4: "persistent loss",
  0xf: "change",
} as const;

/** The header of the Asymmetric Namespace Access log page. */
export const AnaLog = struct(
  "Asymmetric Namespace Access",
  16,
  "[BASE-2.1 §5.1.12.1.13, Fig. 223]",
  [
    at(0, 7, "changeCount", u64, "Change count"),
    at(8, 9, "groupCount", u16, "ANA groups"),
    reserved(10, 15),
  ],
);

/** What stands before the namespace identifiers of one ANA group. */
export const AnaGroupDescriptor = struct(
  "ANA Group Descriptor",
  32,
  "[BASE-2.1 §5.1.12.1.13, Fig. 224]",
  [
    at(0, 3, "group", u32, "ANA group"),
    at(4, 7, "nsidCount", u32, "Namespace identifiers that follow"),
    at(8, 15, "changeCount", u64, "Change count"),
    at(
      16,
      16,
      "access",
      bits(u8, { state: range(3, 0, "state", { names: ANA_STATE_NAMES }) }),
      "Access",
    ),
    reserved(17, 31),
  ],
);

const NSID_BYTES = u32.size;

/** One ANA group with the attached namespaces that are in it. */
export type AnaGroup = ReturnType<typeof AnaGroupDescriptor.decode> & {
  readonly nsids: readonly number[];
};

/** A decoded Asymmetric Namespace Access log page. */
export type AnaLog = ReturnType<typeof AnaLog.decode> & {
  /** Those groups of which all identifiers were read. */
  readonly groups: readonly AnaGroup[];
};

/** A group to encode. */
export interface AnaGroupInput {
  readonly group: number;
  /** A key of `ANA_STATE_NAMES`. */
  readonly state: number;
  readonly changeCount?: bigint | number;
  /** Ascending; none where only groups were asked for. */
  readonly nsids: readonly number[];
}

/** The page; groups in ascending order of their identifiers. */
export function encodeAna(
  { changeCount, groups }: {
    readonly changeCount: bigint | number;
    readonly groups: readonly AnaGroupInput[];
  },
): Uint8Array<ArrayBuffer> {
  const parts = groups.map(encodeGroup);
  const page = new Uint8Array(parts.reduce((sum, { length }) => sum + length, AnaLog.size));
  page.set(AnaLog.encode({ changeCount, groupCount: groups.length }));
  let offset = AnaLog.size;
  for (const part of parts) {
    page.set(part, offset);
    offset += part.length;
  }
  return page;
}

function encodeGroup({ group, state, changeCount = 0n, nsids }: AnaGroupInput): Uint8Array {
  const bytes = new Uint8Array(AnaGroupDescriptor.size + NSID_BYTES * nsids.length);
  const nsidCount = nsids.length;
  bytes.set(AnaGroupDescriptor.encode({ group, nsidCount, changeCount, access: { state } }));
  array(u32, nsids.length).put(new DataView(bytes.buffer), AnaGroupDescriptor.size, nsids);
  return bytes;
}

/** The page's value. Throws TruncatedError for bytes shorter than the header. */
function decodeAna(bytes: Uint8Array): AnaLog {
  const { groups } = walk(bytes);
  return { ...AnaLog.decode(bytes), groups };
}

/** Goes from group to group; `extent` is where the last one ends, as far as the bytes tell. */
function walk(
  bytes: Uint8Array,
): { readonly groups: readonly AnaGroup[]; readonly extent: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { groupCount } = AnaLog.decode(bytes);
  const groups: AnaGroup[] = [];
  let offset = AnaLog.size;
  for (let left = groupCount; left > 0; left--) {
    if (offset + AnaGroupDescriptor.size > bytes.length) {
      return { groups, extent: offset + left * AnaGroupDescriptor.size };
    }
    const descriptor = AnaGroupDescriptor.get(view, offset);
    const list = offset + AnaGroupDescriptor.size;
    offset = list + descriptor.nsidCount * NSID_BYTES;
    if (offset > bytes.length) {
      return { groups, extent: offset + (left - 1) * AnaGroupDescriptor.size };
    }
    groups.push({ ...descriptor, nsids: [...array(u32, descriptor.nsidCount).get(view, list)] });
  }
  return { groups, extent: offset };
}

/** Read first: what fits into one transfer of any drive, so that most pages need no second one. */
const FIRST_BYTES = 4096;

/** Log page 0Ch. With bit 0 of the log specific parameter it names no namespaces. */
export const AnaPage: LogPage<AnaLog> = growingPage(AnaLog, {
  lid: 0x0c,
  name: "ana",
  aliases: ["ana-log"],
  since: "1.4",
  scope: "controller",
  parts: [AnaGroupDescriptor],
  firstBytes: FIRST_BYTES,
  supportedBy: ({ cmic }) => isSet(cmic, 3),
  growth: {
    extent: (bytes) => walk(bytes).extent,
    generation: (bytes) => AnaLog.decode(bytes).changeCount,
    // Drives that take offsets take them for every page [BASE-2.1 §5.1.12], or should: Linux's own
    // target sends the beginning of this one whatever the offset.
    fromStart: true,
  },
  decode: decodeAna,
  json: anaJson,
  table: anaTable,
});

function anaJson(log: AnaLog): JsonObject {
  return {
    ...AnaLog.json(log),
    groups: log.groups.map((group) => ({
      ...AnaGroupDescriptor.json(group),
      namespaces: group.nsids,
    })),
  };
}

function anaTable(log: AnaLog): Table {
  const { groups, groupCount } = log;
  return {
    columns: ["Group", "State", "Changes", "Namespaces"],
    rows: groups.map(({ group, access, changeCount, nsids }) => [
      `${group}`,
      nameOf(ANA_STATE_NAMES, access.state),
      changeCount === 0n ? "not reported" : formatCount(changeCount),
      nsids.join(", "),
    ]),
    note: groups.length === groupCount
      ? counted(groupCount, "ANA group")
      : `${groups.length} of ${counted(groupCount, "ANA group")} read`,
  };
}
