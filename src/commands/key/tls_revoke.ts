// nvmectl key tls revoke: a TLS key in a keyring made unusable.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { revokeTlsKey } from "../../keys/mod.ts";
import { KEYRING, openRing, serialJson, serialText, TLS_TYPE } from "./ring_options.ts";

export const keyTlsRevoke = command({
  name: "key tls revoke",
  group: "Change",
  summary: "Make a TLS key in a keyring of the kernel unusable",
  description: "Connections that are up stay up; new ones can no longer use the key.",
  effect: "write",
  target: "none",
  positionals: [{ name: "IDENTITY", help: "The key's whole identity, as key tls list shows it" }],
  flags: { keyring: KEYRING, type: TLS_TYPE },
  formats: ["table", "json"],
  examples: [['nvmectl key tls revoke "NVMe0R01 nqn.host nqn.subsystem"', "by its identity"]],
  async run(context, { flags, words: [identity = ""] }) {
    const { system, ring } = await openRing(context, flags.keyring);
    const serial = revokeTlsKey(system, ring, { identity, type: flags.type });
    return {
      json: { ...serialJson(serial), identity, keyring: ring },
      blocks: [facts([["Revoked", serialText(serial)], ["Identity", identity]])],
    };
  },
});
