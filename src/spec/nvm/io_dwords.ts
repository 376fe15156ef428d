// The command dwords of the commands that name blocks: Read, Write, Compare, Verify, Write Zeroes,
// Write Uncorrectable.

import { at, bit, hex, type Names, range, struct, u32, u64, type Unit } from "../../layout/mod.ts";
import { DIRECTIVE_NAMES } from "../admin/directive.ts";
import { bits32 } from "../words.ts";

/** 0's based. */
const counted: Unit = { name: "0's based", text: (value) => `${Number(value) + 1}` };

/** How often a range is used, by AF [NVM-1.1 §3.3.4]. */
export const ACCESS_FREQUENCY_NAMES: Names = {
  0: "not given",
  1: "typical",
  2: "rarely read or written",
  3: "rarely written, often read",
  4: "often written, rarely read",
  5: "often read and written",
  6: "one time read",
  7: "speculative read",
  8: "soon overwritten",
};

/** How fast a range must be, by AL [NVM-1.1 §3.3.4]. */
export const ACCESS_LATENCY_NAMES: Names = { 0: "not given", 1: "idle", 2: "normal", 3: "low" };

const NLB = range(15, 0, "blocks", { unit: counted });
const CETYPE = range(19, 16, "command extension");
const STC = bit(24, "check storage tag");
const CHECKS = {
  prchkRef: bit(26, "check reference tag"),
  prchkApp: bit(27, "check application tag"),
  prchkGuard: bit(28, "check guard"),
  pract: bit(29, "protection information added or removed by the drive"),
  fua: bit(30, "force unit access"),
  lr: bit(31, "limited retry"),
} as const;

const DSM = {
  af: range(3, 0, "access frequency", { names: ACCESS_FREQUENCY_NAMES }),
  al: range(5, 4, "access latency", { names: ACCESS_LATENCY_NAMES }),
  sr: bit(6, "part of a sequence"),
  incprs: bit(7, "incompressible"),
} as const;

const tags = bits32({
  lbat: range(15, 0, "application tag"),
  lbatm: range(31, 16, "application tag mask"),
});

/** Command dwords 10 to 15 of Read. */
export const ReadDwords = struct("Read command dwords", 24, "[NVM-1.1 §3.3.4]", [
  at(0, 7, "slba", u64, "First block"),
  at(8, 11, "cdw12", bits32({ nlb: NLB, cetype: CETYPE, stc: STC, ...CHECKS }), "Command dword 12"),
  at(12, 15, "cdw13", bits32(DSM), "Command dword 13"),
  at(16, 19, "tagsLower", hex(u32), "Expected storage and reference tags, lower"),
  at(20, 23, "cdw15", tags, "Command dword 15"),
]);

/** Decoded dwords of Read. */
export type ReadDwords = ReturnType<typeof ReadDwords.decode>;

/** Command dwords 10 to 15 of Write. */
export const WriteDwords = struct("Write command dwords", 24, "[NVM-1.1 §3.3.6]", [
  at(0, 7, "slba", u64, "First block"),
  at(
    8,
    11,
    "cdw12",
    bits32({
      nlb: NLB,
      cetype: CETYPE,
      dtype: range(23, 20, "directive", { names: DIRECTIVE_NAMES }),
      stc: STC,
      ...CHECKS,
    }),
    "Command dword 12",
  ),
  at(
    12,
    15,
    "cdw13",
    bits32({ ...DSM, dspec: range(31, 16, "directive specific") }),
    "Command dword 13",
  ),
  at(16, 19, "tagsLower", hex(u32), "Storage and initial reference tags, lower"),
  at(20, 23, "cdw15", tags, "Command dword 15"),
]);

/** Decoded dwords of Write. */
export type WriteDwords = ReturnType<typeof WriteDwords.decode>;

/** Command dwords 10 to 15 of Compare, and of Verify. */
export const CompareDwords = struct("Compare and Verify command dwords", 24, "[NVM-1.1 §3.3.1]", [
  at(0, 7, "slba", u64, "First block"),
  at(8, 11, "cdw12", bits32({ nlb: NLB, cetype: CETYPE, stc: STC, ...CHECKS }), "Command dword 12"),
  at(12, 15, "cdw13", hex(u32), "Command dword 13"),
  at(16, 19, "tagsLower", hex(u32), "Expected storage and reference tags, lower"),
  at(20, 23, "cdw15", tags, "Command dword 15"),
]);

/** Decoded dwords of Compare and Verify. */
export type CompareDwords = ReturnType<typeof CompareDwords.decode>;

/** Command dwords 10 to 15 of Write Zeroes. */
export const WriteZeroesDwords = struct("Write Zeroes command dwords", 24, "[NVM-1.1 §3.3.8]", [
  at(0, 7, "slba", u64, "First block"),
  at(
    8,
    11,
    "cdw12",
    bits32({
      nlb: NLB,
      cetype: CETYPE,
      nsz: bit(23, "the whole namespace"),
      stc: STC,
      deac: bit(25, "deallocate"),
      ...CHECKS,
    }),
    "Command dword 12",
  ),
  at(12, 15, "cdw13", hex(u32), "Command dword 13"),
  at(16, 19, "tagsLower", hex(u32), "Storage and initial reference tags, lower"),
  at(20, 23, "cdw15", tags, "Command dword 15"),
]);

/** Decoded dwords of Write Zeroes. */
export type WriteZeroesDwords = ReturnType<typeof WriteZeroesDwords.decode>;

/** Command dwords 10 to 12 of Write Uncorrectable. */
export const WriteUncorrectableDwords = struct(
  "Write Uncorrectable command dwords",
  12,
  "[NVM-1.1 §3.3.7]",
  [
    at(0, 7, "slba", u64, "First block"),
    at(8, 11, "cdw12", bits32({ nlb: NLB }), "Command dword 12"),
  ],
);

/** Decoded dwords of Write Uncorrectable. */
export type WriteUncorrectableDwords = ReturnType<typeof WriteUncorrectableDwords.decode>;
