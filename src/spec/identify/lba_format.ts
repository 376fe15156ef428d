// LBA formats: how large the blocks of a namespace are, or could be.

import { bits, formatBinaryBytes, formatCount, type Names, range, u32 } from "../../layout/mod.ts";
import { worded } from "./codecs.ts";

/** The relative performance of a format, by RP [NVM-1.1 §4.1.5.1]. */
export const RELATIVE_PERFORMANCE_NAMES: Names = {
  0: "best",
  1: "better",
  2: "good",
  3: "degraded",
};

/** Formats that a namespace has room to describe. */
export const MAX_FORMATS = 64;

const fields = bits(u32, {
  ms: range(15, 0, "metadata bytes"),
  lbads: range(23, 16, "data size, power of two"),
  rp: range(25, 24, "relative performance", { names: RELATIVE_PERFORMANCE_NAMES }),
});

/** An LBA Format data structure [NVM-1.1 §4.1.5.1]. */
export type LbaFormat = ReturnType<typeof fields.get>;

/** The codec of one LBA Format data structure; its data size of zero stands for no format. */
export const LbaFormat: typeof fields = worded(fields, formatText);

function formatText(format: LbaFormat): string {
  if (format.lbads === 0) return "not available";
  const metadata = format.ms === 0 ? "" : ` + ${formatCount(format.ms)} B metadata`;
  return `${formatBinaryBytes(blockBytes(format))}${metadata}, ${
    RELATIVE_PERFORMANCE_NAMES[format.rp]
  } performance`;
}

/** Bytes of data in a block, without metadata; 0 where the format is not available. */
export function blockBytes({ lbads }: Pick<LbaFormat, "lbads">): number {
  return lbads === 0 ? 0 : 2 ** lbads;
}

/**
 * The index of a format, of the Formatted LBA Size field or of a word that is laid out the same.
 * Its upper bits only count where there are more than 16 formats [NVM-1.1 §4.1.5.1, Fig. 114].
 */
export function formatIndex(
  flbas: number | { readonly value: number },
  formats: number = MAX_FORMATS,
): number {
  const word = typeof flbas === "number" ? flbas : flbas.value;
  const lower = word & 0x0f;
  return formats > 16 ? lower | ((word >>> 5 & 0x3) << 4) : lower;
}
