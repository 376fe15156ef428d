// nvmectl drive wireshark-plugin: what teaches Wireshark the names that it does not know.

import { command } from "../../cli/command.ts";
import { paragraph } from "../../cli/report.ts";
import { wiresharkPlugin } from "../../trace/wireshark.ts";

export const driveWiresharkPlugin = command({
  name: "drive wireshark-plugin",
  group: "Rehearse",
  summary: "Write a Lua plug-in that helps Wireshark read traces",
  description:
    "Wireshark decodes .pcapng traces by itself. The plug-in adds names of commands and registers\n" +
    "that it does not know, PRP entries, and what plug-ins decided, as fields to filter by:\n" +
    "nvmectl.opcode_name, nvmectl.register, nvmectl.prp1, nvmectl.prp2, nvmectl.verdict.\n" +
    "For once: tshark -X lua_script:nvmectl.lua -r trace.pcapng -Y nvmectl.verdict",
  effect: "read",
  target: "none",
  flags: {},
  formats: ["table", "json", "raw"],
  examples: [
    [
      "nvmectl drive wireshark-plugin > nvmectl.lua",
      "put into ~/.local/lib/wireshark/plugins it is always there",
    ],
  ],
  run() {
    const plugin = wiresharkPlugin();
    return Promise.resolve({
      json: { plugin },
      blocks: plugin.trimEnd().split("\n").map(paragraph),
      raw: new TextEncoder().encode(plugin),
    });
  },
});
