// Log page 81h: the sanitize operation that runs or ran last, and how long each kind takes.

import {
  at,
  bit,
  bits,
  type Codec,
  except,
  hex,
  measured,
  range,
  reserved,
  seconds,
  struct,
  u16,
  u32,
  u8,
  type Unit,
} from "../../layout/mod.ts";
import { fixedPage, isAnySet, type LogPage } from "./log_page.ts";

/** How the last sanitize operation went, by SOS [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
export const SANITIZE_STATUS_NAMES = {
  0: "never started",
  1: "completed",
  2: "in progress",
  3: "failed",
  4: "completed, blocks deallocated against the wish",
} as const;

/** The states of a sanitize operation, by SANS [BASE-2.1 §5.1.12.1.33, Fig. 291]. */
export const SANITIZE_STATE_NAMES = {
  0: "idle",
  1: "restricted processing",
  2: "restricted failure",
  3: "unrestricted processing",
  4: "unrestricted failure",
  5: "media verification",
  6: "post-verification deallocation",
} as const;

/** What a progress is a part of: 65,536 is the whole [BASE-2.1 §5.1.12.1.33]. */
export const SANITIZE_PROGRESS_WHOLE = 0x10000;

/** In the progress field: no operation is at work. */
export const SANITIZE_PROGRESS_NONE = 0xffff;

const progressUnit: Unit = {
  name: "of 65,536",
  text: (value) => `${(Number(value) * 100 / SANITIZE_PROGRESS_WHOLE).toFixed(1)} %`,
};

/** How much of an operation is done, in parts of 65,536. */
export const sanitizeProgress: Codec<number> = except(
  measured(u16, progressUnit),
  SANITIZE_PROGRESS_NONE,
  "none at work",
);

/** How the last operation went, and whether the drive holds no data since. */
export const sanitizeStatus = bits(u16, {
  operation: range(2, 0, "last operation", { names: SANITIZE_STATUS_NAMES }),
  passes: range(7, 3, "overwrite passes completed"),
  globalDataErased: bit(8, "nothing written since"),
  verificationCanceled: bit(9, "media verification canceled"),
});

/** Seconds that an operation takes; all ones where the drive does not say. */
const estimate = except(measured(u32, seconds), 0xffffffff, "not reported");

/** The Sanitize Status log page. Before 1.4 it had 20 bytes of meaning, the rest was zero. */
export const SanitizeLog = struct(
  "Sanitize Status",
  512,
  "[BASE-2.1 §5.1.12.1.33, Fig. 291]",
  [
    at(0, 1, "progress", sanitizeProgress, "Progress", { brief: true }),
    at(2, 3, "status", sanitizeStatus, "Status", { brief: true }),
    at(4, 7, "cdw10", hex(u32), "Command dword 10 of the operation", { brief: true }),
    at(8, 11, "overwriteTime", estimate, "Time of an overwrite", { brief: true }),
    at(12, 15, "blockEraseTime", estimate, "Time of a block erase", { brief: true }),
    at(16, 19, "cryptoEraseTime", estimate, "Time of a crypto erase", { brief: true }),
    at(20, 23, "overwriteNoDeallocateTime", estimate, "Time of an overwrite, no deallocation", {
      since: "1.4",
    }),
    at(
      24,
      27,
      "blockEraseNoDeallocateTime",
      estimate,
      "Time of a block erase, no deallocation",
      { since: "1.4" },
    ),
    at(
      28,
      31,
      "cryptoEraseNoDeallocateTime",
      estimate,
      "Time of a crypto erase, no deallocation",
      { since: "1.4" },
    ),
    at(32, 35, "deallocationTime", estimate, "Time to deallocate after verification", {
      since: "2.1",
    }),
    at(
      36,
      36,
      "state",
      bits(u8, {
        current: range(3, 0, "state", { names: SANITIZE_STATE_NAMES }),
        failed: range(7, 4, "failed in", { names: SANITIZE_STATE_NAMES }),
      }),
      "State",
      { since: "2.1" },
    ),
    reserved(37, 511),
  ],
);

/** A decoded Sanitize Status log page. */
export type SanitizeLog = ReturnType<typeof SanitizeLog.decode>;

/** Log page 81h. */
export const SanitizePage: LogPage<SanitizeLog> = fixedPage(SanitizeLog, {
  lid: 0x81,
  name: "sanitize",
  aliases: ["sanitize-log", "sanitize-status"],
  since: "1.3",
  scope: "controller",
  supportedBy: ({ sanicap }) => isAnySet(sanicap),
  json: (log) => SanitizeLog.json(log),
});
