// nvmectl firmware: what runs, what is in the slots, and how it can be changed.

import { command } from "../../cli/command.ts";
import { facts, heading, table } from "../../cli/report.ts";
import { readFirmware } from "../../controller/firmware.ts";
import { identifyController } from "../../controller/identify.ts";
import { ruleFacts, rulesJson, slotsJson, slotState } from "./words.ts";

export const firmware = command({
  name: "firmware",
  group: "Change",
  summary: "Show what firmware runs, what is in the slots, and how to change it",
  effect: "read",
  target: "drive",
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl firmware /dev/nvme0", "slots, what runs, what starts at the next reset"],
    ["nvmectl firmware /dev/nvme0 -o json", "the same for a machine"],
  ],
  async run(context) {
    const drive = await context.openDrive();
    const { mn, sn } = await identifyController(drive);
    const found = await readFirmware(drive);
    return {
      json: {
        target: drive.target,
        model: mn,
        sn,
        fr: found.revision,
        slots: slotsJson(found),
        ...rulesJson(found),
      },
      blocks: [
        heading(`${drive.target}  ${mn}  serial ${sn}  firmware ${found.revision}`),
        table(
          [">Slot", "Revision", "State"],
          found.slots.map((slot) => [`${slot.slot}`, slot.revision || "-", slotState(slot)]),
        ),
        facts(ruleFacts(found)),
      ],
    };
  },
});
