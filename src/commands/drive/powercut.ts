// nvmectl drive powercut: pull the plug of a served drive.

import { command } from "../../cli/command.ts";
import { paragraph } from "../../cli/report.ts";
import { CONTROL, plain, withControl } from "./control.ts";

export const drivePowercut = command({
  name: "drive powercut",
  group: "Rehearse",
  summary: "Cut the power of a served drive, and switch it on again",
  description:
    "What was only in its write cache is lost; hosts are disconnected and may come back.",
  effect: "read",
  target: "none",
  flags: { control: CONTROL },
  formats: ["table", "json"],
  examples: [["nvmectl drive powercut", "see what a file system makes of it"]],
  async run(context, { flags }) {
    const answer = await withControl(
      context,
      flags.control,
      (control) => control.call("powercut"),
    );
    return {
      json: answer,
      blocks: [paragraph(`Power was cut: ${plain(answer["lost_blocks"])} cached blocks are lost.`)],
    };
  },
});
