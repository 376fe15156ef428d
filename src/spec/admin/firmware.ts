// Firmware Image Download and Firmware Commit.

import { at, bit, type Names, range, struct, u32, zeroBasedCount } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** Firmware Image Download: dwords of this piece, and where it goes. */
export const FirmwareDownloadDwords = struct(
  "Firmware Image Download command dwords",
  8,
  "[BASE-2.1 §5.1.9, Fig. 185]",
  [
    at(0, 3, "numd", zeroBasedCount(u32), "Dwords"),
    at(4, 7, "ofst", u32, "Offset, dwords"),
  ],
);

/** Decoded dwords of Firmware Image Download. */
export type FirmwareDownloadDwords = ReturnType<typeof FirmwareDownloadDwords.decode>;

/** What is done with an image, by CA [BASE-2.1 §5.1.8, Fig. 181]. */
export const COMMIT_ACTION = {
  replace: 0,
  replaceAndActivateAtReset: 1,
  activateAtReset: 2,
  activateNow: 3,
  replaceBootPartition: 6,
  activateBootPartition: 7,
} as const;

/** The names of the actions. */
export const COMMIT_ACTION_NAMES: Names = {
  [COMMIT_ACTION.replace]: "replace",
  [COMMIT_ACTION.replaceAndActivateAtReset]: "replace, activate at the next reset",
  [COMMIT_ACTION.activateAtReset]: "activate at the next reset",
  [COMMIT_ACTION.activateNow]: "replace, activate now",
  [COMMIT_ACTION.replaceBootPartition]: "replace the boot partition",
  [COMMIT_ACTION.activateBootPartition]: "activate the boot partition",
};

/** Firmware Commit. Slot 0 leaves the choice to the controller. */
export const FirmwareCommitDword = struct(
  "Firmware Commit command dword 10",
  4,
  "[BASE-2.1 §5.1.8, Fig. 181]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        fs: range(2, 0, "slot"),
        ca: range(5, 3, "action", { names: COMMIT_ACTION_NAMES }),
        bpid: bit(31, "boot partition 1"),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded dword of Firmware Commit. */
export type FirmwareCommitDword = ReturnType<typeof FirmwareCommitDword.decode>;

/** Dword 0 of Firmware Commit's completion: who else downloaded at the same time. */
export const FirmwareCommitResult = struct(
  "Firmware Commit, completion dword 0",
  4,
  "[BASE-2.1 §5.1.8, Fig. 182]",
  [
    at(
      0,
      3,
      "dw0",
      bits32({
        mudHost: bit(0, "another image through a submission queue"),
        mudManagement: bit(1, "another image through a management endpoint"),
      }),
      "Completion dword 0",
    ),
  ],
);

/** Decoded dword 0 of Firmware Commit's completion. */
export type FirmwareCommitResult = ReturnType<typeof FirmwareCommitResult.decode>;
