// Sanitize: how everything is erased.

import { at, bit, hex, type Names, range, struct, u32 } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** What to do, by SANACT [BASE-2.1 §5.1.22, Fig. 372]. */
export const SANITIZE_ACTION = {
  exitFailure: 1,
  blockErase: 2,
  overwrite: 3,
  cryptoErase: 4,
  exitVerification: 5,
} as const;

/** The names of the actions. */
export const SANITIZE_ACTION_NAMES: Names = {
  [SANITIZE_ACTION.exitFailure]: "exit failure mode",
  [SANITIZE_ACTION.blockErase]: "block erase",
  [SANITIZE_ACTION.overwrite]: "overwrite",
  [SANITIZE_ACTION.cryptoErase]: "crypto erase",
  [SANITIZE_ACTION.exitVerification]: "exit media verification",
};

/** Command dwords 10 and 11 of Sanitize. A pass count of zero stands for 16. */
export const SanitizeDwords = struct(
  "Sanitize command dwords",
  8,
  "[BASE-2.1 §5.1.22, Fig. 372]",
  [
    at(
      0,
      3,
      "cdw10",
      bits32({
        sanact: range(2, 0, "action", { names: SANITIZE_ACTION_NAMES }),
        ause: bit(3, "unrestricted exit"),
        owpass: range(7, 4, "overwrite passes"),
        oipbp: bit(8, "inverted between passes"),
        ndas: bit(9, "no deallocation"),
        emvs: bit(10, "enter media verification"),
      }),
      "Command dword 10",
    ),
    at(4, 7, "ovrpat", hex(u32), "Overwrite pattern"),
  ],
);

/** Decoded command dwords of Sanitize. */
export type SanitizeDwords = ReturnType<typeof SanitizeDwords.decode>;
