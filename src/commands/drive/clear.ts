// nvmectl drive clear: end what was injected into a served drive.

import { command } from "../../cli/command.ts";
import { toggle } from "../../cli/flags.ts";
import { paragraph } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { CONTROL, plain, withControl } from "./control.ts";

export const driveClear = command({
  name: "drive clear",
  group: "Rehearse",
  summary: "End a fault of a served drive, or all of them",
  effect: "read",
  target: "none",
  positionals: [{ name: "NAME", help: "As nvmectl drive plugins lists it", optional: true }],
  flags: { all: toggle("End all of them"), control: CONTROL },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive clear hang-io", "that one"],
    ["nvmectl drive clear --all", "the drive is healthy again"],
  ],
  async run(context, { flags, words: [name] }) {
    if ((name === undefined) !== flags.all) {
      throw new UsageError("Cannot clear: need a name, or --all", {
        next: "nvmectl drive plugins lists what is at work",
      });
    }
    const answer = await withControl(
      context,
      flags.control,
      (control) => control.call("clear", name === undefined ? {} : { name }),
    );
    const gone = plain(answer["cleared"]);
    return {
      json: answer,
      blocks: [paragraph(gone === "" ? "Nothing was at work." : `Ended: ${gone}.`)],
    };
  },
});
