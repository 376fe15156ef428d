// Abort, and Keep Alive, which has no dwords of its own [BASE-2.1 §5.1.14].

import { at, bit, range, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** Abort: which command. */
export const AbortDword = struct("Abort command dword 10", 4, "[BASE-2.1 §5.1.1, Fig. 143]", [
  at(
    0,
    3,
    "cdw10",
    bits32({ sqid: range(15, 0, "submission queue"), cid: range(31, 16, "command") }),
    "Command dword 10",
  ),
]);

/** Decoded dword of Abort. */
export type AbortDword = ReturnType<typeof AbortDword.decode>;

/** Dword 0 of Abort's completion. */
export const AbortResult = struct(
  "Abort, completion dword 0",
  4,
  "[BASE-2.1 §5.1.1, Fig. 144]",
  [at(0, 3, "dw0", bits32({ ianp: bit(0, "not aborted at once") }), "Completion dword 0")],
);

/** Decoded dword 0 of Abort's completion. */
export type AbortResult = ReturnType<typeof AbortResult.decode>;
