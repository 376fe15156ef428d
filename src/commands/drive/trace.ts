// nvmectl drive trace: watch a served drive live.

import { command } from "../../cli/command.ts";
import { paragraph, type Report } from "../../cli/report.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { CONTROL, plain, withControl } from "./control.ts";

/** What each output format asks the drive for. */
const FORMS = { table: "text", json: "ndjson", ndjson: "ndjson", raw: "pcapng" } as const;

export const driveTrace = command({
  name: "drive trace",
  group: "Rehearse",
  summary: "Watch a served drive's commands live",
  description: "Lines for people, -o ndjson for machines, -o raw for Wireshark (pcapng).",
  effect: "read",
  target: "none",
  flags: { control: CONTROL },
  formats: ["table", "ndjson", "raw"],
  examples: [
    ["nvmectl drive trace", "every command as it comes"],
    ["nvmectl drive trace -o raw | wireshark -k -i -", "live in Wireshark"],
  ],
  async run(context, { flags }) {
    const { signal } = context;
    await withControl(
      context,
      flags.control,
      (control) =>
        control.stream("trace", { form: FORMS[context.format] }, {
          signal,
          item: (item) => context.emit(itemReport(item)),
        }),
    );
    signal.throwIfAborted();
    return { json: { event: "ended" }, blocks: [], raw: new Uint8Array(0) };
  },
});

function itemReport(item: JsonObject): Report {
  const { line, event, bytes } = item;
  return {
    json: (event ?? {}) as JsonObject,
    blocks: line === undefined ? [] : [paragraph(plain(line))],
    raw: typeof bytes === "string" ? Uint8Array.fromBase64(bytes) : new Uint8Array(0),
  };
}
