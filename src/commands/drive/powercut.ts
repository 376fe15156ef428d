// nvmectl drive powercut: pull the plug of a served drive.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { paragraph } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { CONTROL, plain, withControl } from "./control.ts";

const CACHED = ["lost", "partly-lost"] as const;

export const drivePowercut = command({
  name: "drive powercut",
  group: "Rehearse",
  summary: "Cut the power of a served drive, and switch it on again",
  description:
    "What was only in its write cache is lost, or with --cached partly-lost some blocks of it;\n" +
    "hosts are disconnected and may come back.",
  effect: "read",
  target: "none",
  flags: {
    cached: {
      ...text("What becomes of cached blocks: lost (default) or partly-lost", "HOW"),
      choices: CACHED,
    },
    control: CONTROL,
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive powercut", "see what a file system makes of it"],
    ["nvmectl drive powercut --cached partly-lost", "and when some writes were stored"],
  ],
  async run(context, { flags }) {
    const { cached = "lost" } = flags;
    if (!CACHED.some((known) => known === cached)) {
      throw new UsageError(`Cannot use --cached ${JSON.stringify(cached)}: no such choice`, {
        next: `there are ${CACHED.join(", ")}`,
      });
    }
    const answer = await withControl(
      context,
      flags.control,
      (control) => control.call("powercut", { cached }),
    );
    return {
      json: answer,
      blocks: [paragraph(`Power was cut: ${plain(answer["lost_blocks"])} cached blocks are lost.`)],
    };
  },
});
