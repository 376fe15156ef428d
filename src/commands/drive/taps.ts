// nvmectl drive taps: where plug-ins can attach, and with --stats what happened there.

import { command } from "../../cli/command.ts";
import { toggle } from "../../cli/flags.ts";
import { type Report, table } from "../../cli/report.ts";
import { TAPS } from "../../drive/tap/names.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { CONTROL, objectsOf, plain, withControl } from "./control.ts";

export const driveTaps = command({
  name: "drive taps",
  group: "Rehearse",
  summary: "List the taps where plug-ins can attach",
  description: "With --stats: of a served drive, with who is attached and how often each fired.\n" +
    "A tap counts only while something is attached: without, it costs nothing.",
  effect: "read",
  target: "none",
  flags: { stats: toggle("Show who is attached and what happened"), control: CONTROL },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive taps", "all taps, and when each fires"],
    ["nvmectl drive taps --stats", "those of the drive that is served"],
  ],
  async run(context, { flags }) {
    if (!flags.stats && flags.control === undefined) {
      return {
        json: { taps: TAPS.map((tap) => ({ ...tap })) },
        blocks: [
          table(
            ["Tap", "Kind", "Faces", "Fires when"],
            TAPS.map(({ name, kind, faces, when }) => [name, kind, faces.join(" "), when]),
          ),
        ],
      };
    }
    return await withControl(
      context,
      flags.control,
      async (control) => statistics(await control.call("taps")),
    );
  },
});

function statistics(answer: JsonObject): Report {
  const used = objectsOf(answer, "taps").filter(({ attached, fired }) =>
    plain(attached) !== "" || fired !== 0
  );
  return {
    json: answer,
    blocks: [
      table(
        ["Tap", "Attached", ">Fired", "Verdicts"],
        used.map(({ name, attached, fired, verdicts }) => [
          plain(name),
          plain(attached),
          plain(fired),
          Object.entries(verdicts as JsonObject).map(([kind, count]) => `${kind} ${plain(count)}`)
            .join(", "),
        ]),
        "Nothing is attached to any tap.",
      ),
    ],
  };
}
