// Firmware Image Download.

import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { COMMAND_SPECIFIC } from "../../spec/status/command_specific.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { firmwareAbilities, overlaps, takePiece } from "../model/firmware.ts";
import { has } from "../personality.ts";
import { done, type Handler, receive } from "../pipeline/handler.ts";
import { checkTransferSize } from "../pipeline/transfer_size.ts";
import { inDword, refuse } from "../refusal.ts";

/** FWUG counts in these; 255 stands for no restriction. */
const GRANULE_BYTES = 4096;
const ANY_GRANULARITY = 255;

/** Firmware Image Download [BASE-2.1 §5.1.9]. */
export const FirmwareImageDownload: Handler = {
  opcode: ADMIN_COMMANDS.firmwareImageDownload.opcode,
  nsid: "unused",
  effects: { scope: "subsystem" },
  supported: (personality) => has(personality, "firmware"),
  execute(machine, { entry: { cdw10, cdw11 } }) {
    const { granularity, imageBytes } = firmwareAbilities(machine.personality);
    const length = (cdw10 + 1) * 4;
    const offset = cdw11 * 4;
    const granule = granularity === 0 || granularity === ANY_GRANULARITY
      ? 4
      : granularity * GRANULE_BYTES;
    if (length % granule !== 0) refuse(GENERIC.invalidField, { location: inDword(10) });
    if (offset % granule !== 0 || offset + length > imageBytes) {
      refuse(GENERIC.invalidField, { location: inDword(11) });
    }
    checkTransferSize(machine, length, inDword(10));
    return receive({ data: length, metadata: 0 }, ({ data }) => {
      if (overlaps(machine.state, offset, length)) refuse(COMMAND_SPECIFIC.overlappingRange);
      takePiece(machine.state, offset, data);
      return done();
    });
  },
};
