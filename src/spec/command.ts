// The submission queue entry: the 64 bytes that carry one command to a controller.

import { at, bits, hex, range, struct, u16, u32, u64, u8 } from "../layout/mod.ts";

/** A command's place in a fused pair, by FUSE [BASE-2.1 §4.1, Fig. 91]. */
export const FUSE_NAMES = {
  0: "not fused",
  1: "first of a fused pair",
  2: "second of a fused pair",
} as const;

/** How a command points at its data and metadata, by PSDT [BASE-2.1 §4.1, Fig. 91]. */
export const PSDT_NAMES = {
  0: "PRPs",
  1: "SGLs, metadata in one buffer",
  2: "SGLs, metadata through an SGL segment",
} as const;

/** The namespace identifier that stands for all of them [BASE-2.1 §3.2.1.2]. */
export const ALL_NAMESPACES = 0xffffffff;

/**
 * The common command format. The data pointer is named for PRPs; where `flags.psdt` says SGLs, the
 * same 16 bytes are the first SGL descriptor. Rows `prp1` to `cdw15` are what a command's own
 * definition gives a meaning to.
 */
export const SubmissionEntry = struct("Submission Queue Entry", 64, "[BASE-2.1 §4.1, Fig. 92]", [
  at(0, 0, "opcode", hex(u8), "Opcode"),
  at(
    1,
    1,
    "flags",
    bits(u8, {
      fuse: range(1, 0, "fused operation", { names: FUSE_NAMES }),
      psdt: range(7, 6, "data transfer", { names: PSDT_NAMES }),
    }),
    "Flags",
  ),
  at(2, 3, "cid", hex(u16), "Command identifier"),
  at(4, 7, "nsid", hex(u32), "Namespace identifier"),
  at(8, 11, "cdw2", hex(u32), "Command dword 2"),
  at(12, 15, "cdw3", hex(u32), "Command dword 3"),
  at(16, 23, "mptr", hex(u64), "Metadata pointer"),
  at(24, 31, "prp1", hex(u64), "PRP entry 1"),
  at(32, 39, "prp2", hex(u64), "PRP entry 2"),
  at(40, 43, "cdw10", hex(u32), "Command dword 10"),
  at(44, 47, "cdw11", hex(u32), "Command dword 11"),
  at(48, 51, "cdw12", hex(u32), "Command dword 12"),
  at(52, 55, "cdw13", hex(u32), "Command dword 13"),
  at(56, 59, "cdw14", hex(u32), "Command dword 14"),
  at(60, 63, "cdw15", hex(u32), "Command dword 15"),
]);

/** A decoded submission queue entry. */
export type SubmissionEntry = ReturnType<typeof SubmissionEntry.decode>;

const ZERO = 0n;

/**
 * The entry that starts at byte `offset`, all 64 bytes of which must be there: the same as
 * `SubmissionEntry.get`, for those who decode so many that the table is too slow.
 */
export function decodeSubmission(view: DataView, offset: number): SubmissionEntry {
  const word = view.getUint32(offset, true);
  const flags = word >>> 8 & 0xff;
  return {
    opcode: word & 0xff,
    flags: { value: flags, fuse: flags & 0x3, psdt: flags >>> 6 },
    cid: word >>> 16,
    nsid: view.getUint32(offset + 4, true),
    cdw2: view.getUint32(offset + 8, true),
    cdw3: view.getUint32(offset + 12, true),
    mptr: pointer(view, offset + 16),
    prp1: pointer(view, offset + 24),
    prp2: pointer(view, offset + 32),
    cdw10: view.getUint32(offset + 40, true),
    cdw11: view.getUint32(offset + 44, true),
    cdw12: view.getUint32(offset + 48, true),
    cdw13: view.getUint32(offset + 52, true),
    cdw14: view.getUint32(offset + 56, true),
    cdw15: view.getUint32(offset + 60, true),
  };
}

/** Most pointers are zero, and a bigint that is always the same costs nothing. */
function pointer(view: DataView, at: number): bigint {
  return view.getUint32(at, true) === 0 && view.getUint32(at + 4, true) === 0
    ? ZERO
    : view.getBigUint64(at, true);
}
