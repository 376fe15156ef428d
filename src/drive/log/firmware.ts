// Log page 03h: the firmware slots.

import { FirmwareLog } from "../../spec/log/firmware.ts";
import type { DriveLogPage } from "./page.ts";

/** Firmware Slot Information. */
export const FirmwarePage: DriveLogPage = {
  lid: 0x03,
  read: ({ state }) =>
    FirmwareLog.encode({
      activeFirmware: {
        slot: state.firmwareSlot,
        nextSlot: state.firmwareUpdate.pending?.slot ?? 0,
      },
      revisions: emptySlotsZero(state.firmware),
    }),
};

/** An empty slot is all zero, not all spaces [BASE-2.1 §5.1.12.1.4, Fig. 208]. */
function emptySlotsZero(revisions: readonly string[]): readonly string[] {
  return revisions.map((revision) => revision === "" ? "\0".repeat(8) : revision);
}
