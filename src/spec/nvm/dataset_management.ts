// Dataset Management: what a host knows about ranges of blocks, first of all that it needs their
// data no more.

import { at, bit, range, struct, u32, u64, type Unit } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";
import { ACCESS_FREQUENCY_NAMES, ACCESS_LATENCY_NAMES } from "./io_dwords.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

/** Ranges of one command, at most [NVM-1.1 §3.3.3]. */
export const MAX_DATASET_RANGES = 256;

/** Command dwords 10 and 11 of Dataset Management. */
export const DatasetManagementDwords = struct(
  "Dataset Management command dwords",
  8,
  "[NVM-1.1 §3.3.3]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({ nr: range(7, 0, "ranges", { unit: counted }) }),
      "Command dword 10",
    ),
    at(
      4,
      7,
      "cdw11",
      bits32({
        idr: bit(0, "integral for reading"),
        idw: bit(1, "integral for writing"),
        ad: bit(2, "deallocate"),
      }),
      "Command dword 11",
    ),
  ],
);

/** Decoded dwords of Dataset Management. */
export type DatasetManagementDwords = ReturnType<typeof DatasetManagementDwords.decode>;

/** One range. Its length is a plain count: zero is no block. */
export const DatasetRange = struct("Dataset Management Range", 16, "[NVM-1.1 §3.3.3]", [
  at(
    0,
    3,
    "cattr",
    bits32({
      af: range(3, 0, "access frequency", { names: ACCESS_FREQUENCY_NAMES }),
      al: range(5, 4, "access latency", { names: ACCESS_LATENCY_NAMES }),
      sr: bit(8, "read sequentially"),
      sw: bit(9, "written sequentially"),
      wp: bit(10, "written soon"),
      cas: range(31, 24, "blocks of a command"),
    }),
    "Context attributes",
  ),
  at(4, 7, "nlb", u32, "Blocks"),
  at(8, 15, "slba", u64, "First block"),
]);

/** A decoded range. */
export type DatasetRange = ReturnType<typeof DatasetRange.decode>;
