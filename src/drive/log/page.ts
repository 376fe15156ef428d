// What a log page is to Get Log Page.

import type { Machine } from "../machine.ts";

/** A log page that a virtual drive can have. */
export interface DriveLogPage {
  readonly lid: number;
  /** Depends on the command set identifier in the command. */
  readonly byCommandSet?: true;
  /** The whole page, of now. */
  read(machine: Machine): Uint8Array;
}
