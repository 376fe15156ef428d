// nvmectl key ring unlink: a keyring taken out of the session again.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { DEFAULT_KEYRING, unsetKeyring } from "../../keys/mod.ts";
import { openRing, serialJson, serialText } from "./ring_options.ts";

export const keyRingUnlink = command({
  name: "key ring unlink",
  group: "Change",
  summary: "Take a keyring out of this session again",
  effect: "write",
  target: "none",
  positionals: [
    {
      name: "KEYRING",
      help: `Name or number; ${DEFAULT_KEYRING} when left out`,
      optional: true,
    },
  ],
  flags: {},
  formats: ["table", "json"],
  examples: [["nvmectl key ring unlink", "the keyring of NVMe/TCP"]],
  async run(context, { words: [name] }) {
    const { system, ring } = await openRing(context, name);
    unsetKeyring(system, ring);
    return {
      json: { ...serialJson(ring), linked: false },
      blocks: [facts([["Taken out of the session", serialText(ring)]])],
    };
  },
});
