// What a log page is to Get Log Page.

import type { parseGetLogPage } from "../../spec/log/get_log_page.ts";
import type { Machine } from "../machine.ts";

/** The fields of Get Log Page. */
export type LogRequest = ReturnType<typeof parseGetLogPage>;

/** A log page that a virtual drive can have. */
export interface DriveLogPage {
  readonly lid: number;
  /** Depends on the command set identifier in the command. */
  readonly byCommandSet?: true;
  /** Offset and length of what is asked for are multiples of so many bytes; four when left out. */
  readonly unitBytes?: number;
  /** The whole page, of now, for a Get Log Page with these fields. */
  read(machine: Machine, request: LogRequest): Uint8Array;
}
