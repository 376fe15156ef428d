// nvmectl drive plugins: what is at work on a served drive, and loading more.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { heading, type Report, table } from "../../cli/report.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { CONTROL, objectsOf, plain, withControl } from "./control.ts";
import { parameterText } from "./scenario_text.ts";

export const drivePlugins = command({
  name: "drive plugins",
  group: "Rehearse",
  summary: "Show or load plug-ins of a served drive",
  description:
    "Scenarios and rules are plug-ins too. A plug-in file runs in a thread of its own\n" +
    "without any permission; one that throws or does not answer is detached and reported here.\n" +
    "Strikes count what has gone another way because of a plug-in: commands, accesses, PDUs.",
  effect: "read",
  target: "none",
  flags: { load: text("Load a plug-in from this file first", "FILE"), control: CONTROL },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive plugins", "what is at work, and what was detached"],
    ["nvmectl drive plugins --load sum.js", "load one"],
  ],
  async run(context, { flags }) {
    const source = flags.load === undefined
      ? undefined
      : new TextDecoder().decode(await context.files.read(flags.load));
    return await withControl(context, flags.control, async (control) => {
      if (source !== undefined) await control.call("plugin", { path: flags.load ?? "", source });
      return reportOf(await control.call("plugins"));
    });
  },
});

function reportOf(answer: JsonObject): Report {
  const reports = objectsOf(answer, "reports");
  return {
    json: answer,
    blocks: [
      table(
        ["Name", "Kind", ">Seed", ">Strikes", "Parameters"],
        objectsOf(answer, "plugins").map(({ name, kind, seed, strikes, ...rest }) => [
          plain(name),
          plain(kind),
          plain(seed),
          plain(strikes),
          Object.entries(rest).map(([key, value]) =>
            `${key}=${parameterText(plain(name), key, value)}`
          ).join(" "),
        ]),
        "No plug-in is at work.",
      ),
      ...(reports.length === 0 ? [] : [
        heading("Detached"),
        table(
          ["Plug-in", "Tap", "Why"],
          reports.map(({ plugin, tap, message }) => [plain(plugin), plain(tap), plain(message)]),
        ),
      ]),
    ],
  };
}
