// Format NVM: the format, and how the old data is erased.

import { at, bit, type Names, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** How the old data is erased, by SES [BASE-2.1 §5.1.10, Fig. 189]. */
export const SECURE_ERASE = { none: 0, userData: 1, cryptographic: 2 } as const;

/** The names of the settings. */
export const SECURE_ERASE_NAMES: Names = {
  [SECURE_ERASE.none]: "none",
  [SECURE_ERASE.userData]: "user data erase",
  [SECURE_ERASE.cryptographic]: "cryptographic erase",
};

/** Protection information, by PI [NVM-1.1 §4.1.2]. */
export const PROTECTION_NAMES: Names = { 0: "none", 1: "type 1", 2: "type 2", 3: "type 3" };

/** Command dword 10 of Format NVM; bits 8 to 4 are the NVM Command Set's. */
export const FormatDword = struct(
  "Format NVM command dword 10",
  4,
  "[BASE-2.1 §5.1.10, Fig. 189]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        lbafl: range(3, 0, "format index, lower"),
        mset: bit(4, "metadata at the end of each block"),
        pi: range(7, 5, "protection information", { names: PROTECTION_NAMES }),
        pil: bit(8, "protection information first"),
        ses: range(11, 9, "secure erase", { names: SECURE_ERASE_NAMES }),
        lbafu: range(13, 12, "format index, upper"),
      }),
      "Command dword 10",
    ),
  ],
);

/** Decoded command dword 10 of Format NVM. */
export type FormatDword = ReturnType<typeof FormatDword.decode>;
