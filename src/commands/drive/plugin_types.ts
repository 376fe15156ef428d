// nvmectl drive plugin-types: the type declaration that plug-in files are written against.

import { command } from "../../cli/command.ts";
import { paragraph } from "../../cli/report.ts";
import { PLUGIN_DECLARATION } from "../../drive/plugin/declaration.ts";

export const drivePluginTypes = command({
  name: "drive plugin-types",
  group: "Rehearse",
  summary: "Write the type declaration for plug-in files",
  effect: "read",
  target: "none",
  flags: {},
  formats: ["table", "json", "raw"],
  examples: [["nvmectl drive plugin-types > nvmectl-plugin.d.ts", "beside the plug-in's file"]],
  run: () =>
    Promise.resolve({
      json: { declaration: PLUGIN_DECLARATION },
      blocks: PLUGIN_DECLARATION.trimEnd().split("\n").map(paragraph),
      raw: new TextEncoder().encode(PLUGIN_DECLARATION),
    }),
});
