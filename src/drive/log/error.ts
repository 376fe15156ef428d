// Log page 01h: the commands that were refused.

import { ErrorEntry, ErrorLog } from "../../spec/log/error.ts";
import { hasSanitizeFailed, isSanitizing } from "../model/sanitize.ts";
import type { DriveLogPage } from "./page.ts";

/** Since this revision of the specification an entry has the opcode, and a version that says so. */
const ENTRY_VERSION_SINCE = 0x020000;

/** Error Information: newest entries first, unused ones zero. */
export const ErrorPage: DriveLogPage = {
  lid: 0x01,
  read({ state, personality }) {
    const bytes = new Uint8Array(personality.limits.errorEntries * ErrorEntry.size);
    const versioned = personality.version >= ENTRY_VERSION_SINCE;
    bytes.set(ErrorLog.encode(state.errors.map((error) => ({
      errorCount: error.count,
      sqid: error.sqid,
      cid: error.cid,
      status: { status: error.status, phase: false },
      parameterErrorLocation: error.location,
      // Nothing may tell where data was while it is being erased [BASE-2.1 §5, Fig. 142].
      lba: isSanitizing(state) || hasSanitizeFailed(state) ? 0n : error.lba,
      nsid: error.nsid,
      ...(error.specific === undefined ? {} : { commandSpecific: error.specific }),
      ...(versioned ? { opcode: error.opcode, version: 1 } : {}),
    }))));
    return bytes;
  },
};
