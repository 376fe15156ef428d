// Copy: where blocks come from and where they go.

import {
  at,
  bit,
  bits,
  bytes,
  hex,
  type Names,
  range,
  reserved,
  struct,
  u16,
  u32,
  u64,
  type Unit,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { DIRECTIVE_NAMES } from "../admin/directive.ts";
import { bits32 } from "../words.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

/** The formats of source range entries [NVM-1.1 §3.3.2]. */
export const COPY_FORMAT = {
  sameNamespace: 0,
  sameNamespaceLongTags: 1,
  otherNamespace: 2,
  otherNamespaceLongTags: 3,
} as const;
const FORMAT_NAMES: Names = {
  [COPY_FORMAT.sameNamespace]: "0h",
  [COPY_FORMAT.sameNamespaceLongTags]: "1h, long tags",
  [COPY_FORMAT.otherNamespace]: "2h, from other namespaces",
  [COPY_FORMAT.otherNamespaceLongTags]: "3h, from other namespaces, long tags",
};

/** Command dwords 10 to 15 of Copy. PRINFO of both sides: reference 0, application 1, guard 2. */
export const CopyDwords = struct("Copy command dwords", 24, "[NVM-1.1 §3.3.2]", [
  at(0, 7, "sdlba", u64, "First block of the destination"),
  at(
    8,
    11,
    "cdw12",
    bits32({
      nr: range(7, 0, "source ranges", { unit: counted }),
      desfmt: range(11, 8, "format of the ranges", { names: FORMAT_NAMES }),
      prinfor: range(15, 12, "protection when reading"),
      cetype: range(19, 16, "command extension"),
      dtype: range(23, 20, "directive", { names: DIRECTIVE_NAMES }),
      stcw: bit(24, "check storage tag when writing"),
      stcr: bit(25, "check storage tag when reading"),
      prinfow: range(29, 26, "protection when writing"),
      fua: bit(30, "force unit access"),
      lr: bit(31, "limited retry"),
    }),
    "Command dword 12",
  ),
  at(
    12,
    15,
    "cdw13",
    bits32({
      cev: range(15, 0, "command extension value"),
      dspec: range(31, 16, "directive specific"),
    }),
    "Command dword 13",
  ),
  at(16, 19, "tagsLower", hex(u32), "Storage and initial reference tags, lower"),
  at(
    20,
    23,
    "cdw15",
    bits32({
      lbat: range(15, 0, "application tag"),
      lbatm: range(31, 16, "application tag mask"),
    }),
    "Command dword 15",
  ),
]);

/** Decoded dwords of Copy. */
export type CopyDwords = ReturnType<typeof CopyDwords.decode>;

const SOPT = bits(u16, { fco: bit(15, "fast copy only") });

/** A source range of format 0h. */
export const CopyRange0 = struct("Copy Source Range Entry, format 0h", 32, "[NVM-1.1 §3.3.2]", [
  reserved(0, 7),
  at(8, 15, "slba", u64, "First block"),
  at(16, 17, "nlb", zeroBasedCount(u16), "Blocks"),
  reserved(18, 23),
  at(24, 27, "elbt", hex(u32), "Expected storage and reference tags"),
  at(28, 29, "elbat", hex(u16), "Expected application tag"),
  at(30, 31, "elbatm", hex(u16), "Application tag mask"),
]);

/** A decoded source range of format 0h. */
export type CopyRange0 = ReturnType<typeof CopyRange0.decode>;

/** A source range of format 1h. */
export const CopyRange1 = struct("Copy Source Range Entry, format 1h", 40, "[NVM-1.1 §3.3.2]", [
  reserved(0, 7),
  at(8, 15, "slba", u64, "First block"),
  at(16, 17, "nlb", zeroBasedCount(u16), "Blocks"),
  reserved(18, 25),
  at(26, 35, "elbt", bytes(10), "Expected storage and reference tags"),
  at(36, 37, "elbat", hex(u16), "Expected application tag"),
  at(38, 39, "elbatm", hex(u16), "Application tag mask"),
]);

/** A decoded source range of format 1h. */
export type CopyRange1 = ReturnType<typeof CopyRange1.decode>;

/** A source range of format 2h. */
export const CopyRange2 = struct("Copy Source Range Entry, format 2h", 32, "[NVM-1.1 §3.3.2]", [
  at(0, 3, "snsid", u32, "Source namespace"),
  reserved(4, 7),
  at(8, 15, "slba", u64, "First block"),
  at(16, 17, "nlb", zeroBasedCount(u16), "Blocks"),
  reserved(18, 21),
  at(22, 23, "sopt", SOPT, "Options"),
  at(24, 27, "elbt", hex(u32), "Expected storage and reference tags"),
  at(28, 29, "elbat", hex(u16), "Expected application tag"),
  at(30, 31, "elbatm", hex(u16), "Application tag mask"),
]);

/** A decoded source range of format 2h. */
export type CopyRange2 = ReturnType<typeof CopyRange2.decode>;

/** A source range of format 3h. */
export const CopyRange3 = struct("Copy Source Range Entry, format 3h", 40, "[NVM-1.1 §3.3.2]", [
  at(0, 3, "snsid", u32, "Source namespace"),
  reserved(4, 7),
  at(8, 15, "slba", u64, "First block"),
  at(16, 17, "nlb", zeroBasedCount(u16), "Blocks"),
  reserved(18, 21),
  at(22, 23, "sopt", SOPT, "Options"),
  reserved(24, 25),
  at(26, 35, "elbt", bytes(10), "Expected storage and reference tags"),
  at(36, 37, "elbat", hex(u16), "Expected application tag"),
  at(38, 39, "elbatm", hex(u16), "Application tag mask"),
]);

/** A decoded source range of format 3h. */
export type CopyRange3 = ReturnType<typeof CopyRange3.decode>;

/** The structures of source ranges, by format. */
export const COPY_RANGES = [CopyRange0, CopyRange1, CopyRange2, CopyRange3] as const;

/** Dword 0 of the completion of a copy that failed. */
export const CopyResult = struct("Copy, completion dword 0", 4, "[NVM-1.1 §3.3.2]", [
  at(0, 3, "range", u32, "First source range that was not copied"),
]);

/** Decoded dword 0 of the completion. */
export type CopyResult = ReturnType<typeof CopyResult.decode>;
