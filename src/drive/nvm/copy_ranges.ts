// The source ranges of Copy, in the two descriptor formats without a namespace of their own.

import { at, reserved, struct, u16, u32, u64, zeroBasedCount } from "../../layout/mod.ts";
import type { ProtectionRequest } from "./protection.ts";

/** Copy Descriptor Format 0h: protection information with a 16-bit guard. */
export const CopyRange0 = struct("Copy source range, format 0h", 32, "[NVM-1.1 §3.3.2]", [
  reserved(0, 7),
  at(8, 15, "lba", u64, "Starting LBA"),
  at(16, 17, "blocks", zeroBasedCount(u16), "Logical blocks"),
  reserved(18, 23),
  at(24, 27, "referenceTag", u32, "Expected initial reference tag"),
  at(28, 29, "applicationTag", u16, "Expected application tag"),
  at(30, 31, "applicationTagMask", u16, "Expected application tag mask"),
]);

/** Copy Descriptor Format 1h: protection information with a 32-bit or 64-bit guard. */
export const CopyRange1 = struct("Copy source range, format 1h", 40, "[NVM-1.1 §3.3.2]", [
  reserved(0, 7),
  at(8, 15, "lba", u64, "Starting LBA"),
  at(16, 17, "blocks", zeroBasedCount(u16), "Logical blocks"),
  reserved(18, 31),
  at(32, 35, "referenceTag", u32, "Expected initial reference tag"),
  at(36, 37, "applicationTag", u16, "Expected application tag"),
  at(38, 39, "applicationTagMask", u16, "Expected application tag mask"),
]);

/** One source range. */
export interface CopySource
  extends Pick<ProtectionRequest, "referenceTag" | "applicationTag" | "applicationTagMask"> {
  readonly lba: bigint;
  readonly count: number;
}

/** The descriptor of a format, undefined where the drive does not have it. */
export function copyRange(
  format: number,
): typeof CopyRange0 | typeof CopyRange1 | undefined {
  return [CopyRange0, CopyRange1][format];
}

/** The source ranges that a command sent. */
export function copySources(
  descriptor: typeof CopyRange0 | typeof CopyRange1,
  data: Uint8Array,
): readonly CopySource[] {
  const { size } = descriptor;
  return Array.from({ length: data.length / size }, (_, index) => {
    const part = data.subarray(index * size, (index + 1) * size);
    const { lba, blocks, referenceTag, applicationTag, applicationTagMask } = descriptor
      .decode(part);
    return { lba, count: blocks + 1, referenceTag, applicationTag, applicationTagMask };
  });
}
