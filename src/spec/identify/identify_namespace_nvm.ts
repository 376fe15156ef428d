// Identify Namespace of the NVM Command Set (CNS 05h, 0Ah, 1Bh with CSI 00h): protection
// information beyond 16 bits, and sizes that CNS 00h has no room for.

import {
  at,
  bit,
  bits,
  except,
  hex,
  measured,
  type Names,
  range,
  reserved,
  struct,
  u32,
  u64,
  u8,
  zeroBasedCount,
} from "../../layout/mod.ts";
import { sparse, worded } from "./codecs.ts";
import { MAX_FORMATS } from "./lba_format.ts";
import { logicalBlocks } from "./units.ts";

const QUALIFIED = 3;

/** Protection information formats, by PIF and QPIF [NVM-1.1 §4.1.5.3]. */
export const PROTECTION_FORMAT_NAMES: Names = {
  0: "16-bit guard",
  1: "32-bit guard",
  2: "64-bit guard",
  3: "qualified",
};

const PIC = bits(u8, {
  pists16b: bit(0, "storage tag with a 16-bit guard"),
  pistm16b: bit(1, "the storage tag mask is all ones with a 16-bit guard"),
  stcrs: bit(2, "storage tag check when copying"),
  qpifs: bit(3, "qualified protection information formats"),
});

const PIFA = bits(u8, {
  stmla: range(2, 0, "storage tag masks", {
    names: { 0: "any bits", 1: "whole bytes", 2: "not supported" },
  }),
});

const fields = bits(u32, {
  sts: range(6, 0, "storage tag bits"),
  pif: range(8, 7, "protection information", { names: PROTECTION_FORMAT_NAMES }),
  qpif: range(12, 9, "qualified protection information", { names: PROTECTION_FORMAT_NAMES }),
});

/** An Extended LBA Format data structure [NVM-1.1 §4.1.5.3]. */
export type ExtendedLbaFormat = ReturnType<typeof fields.get>;

/** The codec of one Extended LBA Format data structure. */
export const ExtendedLbaFormat: typeof fields = worded(fields, (format) => {
  const kind = protectionFormat(format);
  const guard = PROTECTION_FORMAT_NAMES[kind] ?? `format ${kind}`;
  return format.sts === 0 ? guard : `${guard}, ${format.sts}-bit storage tag`;
});

const BLOCKS = measured(u32, logicalBlocks);
const REPORTED_BLOCKS = except(BLOCKS, 0, "not reported");
const ZERO_BASED_BLOCKS = zeroBasedCount(BLOCKS);

/** The I/O Command Set specific Identify Namespace data structure of the NVM Command Set. */
export const NvmNamespace = struct(
  "NVM Command Set Identify Namespace",
  4096,
  "[NVM-1.1 §4.1.5.3]",
  [
    at(0, 7, "lbstm", hex(u64), "Storage tag mask"),
    at(8, 8, "pic", PIC, "Protection information capabilities", { brief: true }),
    at(9, 9, "pifa", PIFA, "Protection information format attribute", { since: "2.1" }),
    reserved(10, 11),
    at(
      12,
      267,
      "elbaf",
      sparse(ExtendedLbaFormat, MAX_FORMATS, ({ value }) => value === 0),
      "Extended LBA formats",
      { brief: true },
    ),
    at(268, 271, "npdgl", REPORTED_BLOCKS, "Preferred deallocate granularity, large"),
    at(272, 275, "nprg", ZERO_BASED_BLOCKS, "Preferred read granularity"),
    at(276, 279, "npra", ZERO_BASED_BLOCKS, "Preferred read alignment"),
    at(280, 283, "nors", ZERO_BASED_BLOCKS, "Optimal read size"),
    at(284, 287, "npdal", REPORTED_BLOCKS, "Preferred deallocate alignment, large"),
    at(288, 291, "lbapss", REPORTED_BLOCKS, "Placement shard size"),
    at(292, 295, "tlbaag", REPORTED_BLOCKS, "Tracked allocation granularity"),
    reserved(296, 4095),
  ],
);

/** A decoded Identify Namespace data structure of the NVM Command Set. */
export type NvmNamespace = ReturnType<typeof NvmNamespace.decode>;

/** The protection information format: what PIF says, or QPIF where PIF says so. */
export function protectionFormat({ pif, qpif }: Pick<ExtendedLbaFormat, "pif" | "qpif">): number {
  return pif === QUALIFIED ? qpif : pif;
}
