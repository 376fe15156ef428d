// nvmectl drive snapshot: a served drive, as it is now, as a drive file.

import { command } from "../../cli/command.ts";
import { facts, paragraph } from "../../cli/report.ts";
import { CONTROL, plain, withControl } from "./control.ts";

export const driveSnapshot = command({
  name: "drive snapshot",
  group: "Rehearse",
  summary: "Write a served drive, as it is now, to a new drive file",
  description: "Faults at work are not part of it: the new drive is as if they were cleared.",
  effect: "read",
  target: "none",
  positionals: [{ name: "FILE.json", help: "The drive file to make, beside which its data goes" }],
  flags: { control: CONTROL },
  formats: ["table", "json"],
  examples: [["nvmectl drive snapshot before.json", "to come back to this moment later"]],
  async run(context, { flags, words: [path = ""] }) {
    const answer = await withControl(
      context,
      flags.control,
      // The drive may be served from another directory than this one.
      (control) => control.call("snapshot", { path: context.files.absolute(path) }),
    );
    return {
      json: answer,
      blocks: [
        facts(Object.entries(answer).map(([name, value]) => [name, plain(value)])),
        paragraph(`Next: nvmectl health virtual:${path}`),
      ],
    };
  },
});
