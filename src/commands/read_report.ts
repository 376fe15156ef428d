// What a read came to: how much was read, where it is, and what could not be read.

import {
  type Block,
  type Fact,
  facts,
  paragraph,
  type Report,
  table,
  toned,
} from "../cli/report.ts";
import type { Drive } from "../controller/drive.ts";
import type { ReadRange } from "../controller/read_range.ts";
import { EXIT } from "../errors.ts";
import { exactDigits, formatBinaryBytes, formatCount, type JsonObject } from "../layout/mod.ts";
import type { ReadFlags } from "./read.ts";

/** Ranges that the table shows; JSON and the map have all of them. */
const MOST_RANGES = 20;

/** Blocks that could not be read; `first` counts from the first block of the range. */
interface Lost {
  readonly first: number;
  readonly blocks: number;
}

/** What was done. */
export interface ReadOutcome {
  readonly drive: Drive;
  readonly range: ReadRange;
  readonly flags: Pick<ReadFlags, "out" | "metadataOut">;
  readonly blocksRead: number;
  /** Of --skip-errors. */
  readonly map?: string;
  readonly lost?: readonly Lost[];
}

/** The report; its exit status says whether every block was read. */
export function readReport(outcome: ReadOutcome): Report {
  const { lost = [] } = outcome;
  return {
    json: jsonOf(outcome, lost),
    blocks: blocksOf(outcome, lost),
    // With -o raw the data has been written already.
    raw: new Uint8Array(0),
    exit: lost.length === 0 ? EXIT.ok : EXIT.bad,
  };
}

function jsonOf(
  { drive, range, flags, blocksRead, map }: ReadOutcome,
  lost: readonly Lost[],
): JsonObject {
  const { nsid, lba, blocks, shape } = range;
  const place = (block: bigint): JsonObject => ({
    lba: Number(block),
    ...exactDigits("lba", block),
  });
  return {
    device: drive.target,
    nsid,
    ...place(lba),
    blocks,
    block_bytes: shape.blockBytes,
    metadata_bytes: shape.metadataBytes,
    metadata_layout: shape.layout,
    out: flags.out ?? null,
    metadata_out: flags.metadataOut ?? null,
    map: map ?? null,
    blocks_read: blocksRead,
    blocks_unreadable: sum(lost),
    unreadable: lost.map((part) => ({
      ...place(lba + BigInt(part.first)),
      blocks: part.blocks,
    })),
  };
}

function blocksOf(
  { drive, range, flags, blocksRead, map }: ReadOutcome,
  lost: readonly Lost[],
): readonly Block[] {
  const { nsid, lba, blocks, shape } = range;
  const last = lba + BigInt(blocks - 1);
  const metadata = shape.layout === "none"
    ? ""
    : `, ${formatCount(shape.metadataBytes)} B metadata (${shape.layout})`;
  const bad = sum(lost);
  const rows: readonly Fact[] = [
    ["Drive", `${drive.target}, namespace ${nsid}`],
    ["Blocks", `${formatCount(lba)} to ${formatCount(last)}, ${shape.blockBytes} B${metadata}`],
    ["Read", `${formatCount(blocksRead)} (${formatBinaryBytes(blocksRead * shape.blockBytes)})`],
    ...(map === undefined ? [] : [unreadableFact(bad)]),
    ...(flags.out === undefined ? [] : [["Data", flags.out] as const]),
    ...(flags.metadataOut === undefined ? [] : [["Metadata", flags.metadataOut] as const]),
    ...(map === undefined ? [] : [["Map", map] as const]),
  ];
  if (lost.length === 0) return [facts(rows)];
  const shown = lost.slice(0, MOST_RANGES);
  const more = lost.length - shown.length;
  return [
    facts(rows),
    table(
      [">Unreadable from", ">to", ">Blocks"],
      shown.map((part) => [
        formatCount(lba + BigInt(part.first)),
        formatCount(lba + BigInt(part.first + part.blocks - 1)),
        formatCount(part.blocks),
      ]),
    ),
    ...(more > 0 ? [paragraph(`and ${formatCount(more)} more ranges, which the map has`)] : []),
    paragraph("They are zero in the output. The same command tries them again."),
  ];
}

function unreadableFact(bad: number): Fact {
  return ["Unreadable", bad === 0 ? "0" : toned(formatCount(bad), "bad")];
}

function sum(lost: readonly Lost[]): number {
  return lost.reduce((total, { blocks }) => total + blocks, 0);
}
