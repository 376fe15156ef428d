// nvmectl key ring lookup: a keyring's serial number.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { DEFAULT_KEYRING, describeKey } from "../../keys/mod.ts";
import { openRing, serialJson, serialText } from "./ring_options.ts";

export const keyRingLookup = command({
  name: "key ring lookup",
  group: "Change",
  summary: "Find a keyring of the kernel",
  effect: "read",
  target: "none",
  positionals: [
    {
      name: "KEYRING",
      help: `Name, number, or @s, @u, @us; ${DEFAULT_KEYRING} when left out`,
      optional: true,
    },
  ],
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl key ring lookup", "the one of NVMe/TCP"],
    ["nvmectl key ring lookup @s", "the session's own"],
  ],
  async run(context, { words: [name] }) {
    const { system, ring } = await openRing(context, name);
    const { description } = describeKey(system, ring);
    return {
      json: { ...serialJson(ring), name: description },
      blocks: [facts([["Keyring", serialText(ring)], ["Name", description]])],
    };
  },
});
