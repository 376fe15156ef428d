// nvmectl key ring link: a keyring linked to the session, so that its keys may be used.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { DEFAULT_KEYRING, setKeyring } from "../../keys/mod.ts";
import { openRing, serialJson, serialText } from "./ring_options.ts";

export const keyRingLink = command({
  name: "key ring link",
  group: "Change",
  summary: "Link a keyring to this session, which then possesses its keys",
  description: "The link stays until key ring unlink or the end of the session.",
  effect: "write",
  target: "none",
  positionals: [
    {
      name: "KEYRING",
      help: `Name, number, or @u, @us; ${DEFAULT_KEYRING} when left out`,
      optional: true,
    },
  ],
  flags: {},
  formats: ["table", "json"],
  examples: [["nvmectl key ring link", "the keyring of NVMe/TCP"]],
  async run(context, { words: [name] }) {
    const { system, ring } = await openRing(context, name);
    setKeyring(system, ring);
    return {
      json: { ...serialJson(ring), linked: true },
      blocks: [facts([["Linked to the session", serialText(ring)]])],
    };
  },
});
