// nvmectl key ring find: a key's serial number by its type and description.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { facts } from "../../cli/report.ts";
import { UnreachableError } from "../../errors.ts";
import { lookupKey } from "../../keys/mod.ts";
import { openRing, serialJson, serialText } from "./ring_options.ts";

export const keyRingFind = command({
  name: "key ring find",
  group: "Change",
  summary: "Find a key in a keyring of the kernel",
  effect: "read",
  target: "none",
  positionals: [
    { name: "TYPE", help: "The key's type", choices: ["psk", "user", "keyring"] },
    { name: "DESCRIPTION", help: "The key's whole description" },
  ],
  flags: { keyring: text("Keyring, by name, number, or @s, @u, @us (default @s)", "KEYRING") },
  formats: ["table", "json"],
  examples: [
    ['nvmectl key ring find psk "NVMe0R01 nqn.host nqn.subsystem" --keyring .nvme', "a TLS key"],
  ],
  async run(context, { flags, words: [type = "", description = ""] }) {
    const { system, ring } = await openRing(context, flags.keyring ?? "@s");
    const serial = lookupKey(system, { type, description, ring });
    if (serial === undefined) {
      throw new UnreachableError(`Cannot find the key: keyring ${serialText(ring)} has none such`, {
        code: "ENOKEY",
        next: "nvmectl key tls list and /proc/keys show what there is",
      });
    }
    return {
      json: { ...serialJson(serial), type, description, keyring: ring },
      blocks: [facts([["Key", serialText(serial)], ["Keyring", serialText(ring)]])],
    };
  },
});
