// nvmectl key tls insert: a configured key, derived and put where the kernel's NVMe/TCP finds it.

import { command } from "../../cli/command.ts";
import { type Fact, facts, paragraph } from "../../cli/report.ts";
import { insertTlsKey } from "../../keys/mod.ts";
import { KEYRING, openRing, serialJson, serialText, TLS_TYPE } from "./ring_options.ts";
import { SUBSTITUTED } from "./tls_import.ts";
import { DERIVE_FLAGS, deriveFrom } from "./tls_options.ts";

export const keyTlsInsert = command({
  name: "key tls insert",
  group: "Change",
  summary: "Derive a TLS key and put it into a keyring of the kernel",
  description: "A key of the same identity that is there already is replaced and revoked.",
  effect: "write",
  target: "none",
  flags: { ...DERIVE_FLAGS, keyring: KEYRING, type: TLS_TYPE },
  formats: ["table", "json"],
  examples: [
    ["nvmectl key tls insert --in tls.key --subsysnqn nqn.2014-08.org.example:a", "for NVMe/TCP"],
    ["nvmectl key tls insert --in tls.key --subsysnqn NQN --keyring @u", "into the user's own"],
  ],
  async run(context, { flags }) {
    const { system, ring } = await openRing(context, flags.keyring);
    using derived = await deriveFrom(context, flags);
    const { identity, tlsPsk } = derived;
    const made = insertTlsKey(system, ring, { identity, tlsPsk, type: flags.type });
    const replaced: readonly Fact[] = made.revoked === undefined
      ? []
      : [["Replaced and revoked", serialText(made.revoked)]];
    return {
      json: {
        ...serialJson(made.serial),
        type: made.type,
        identity,
        keyring: ring,
        revoked: made.revoked ?? null,
        substituted: made.substituted,
      },
      blocks: [
        facts([
          ["Key", serialText(made.serial)],
          ["Type", made.type],
          ["Identity", identity],
          ["Keyring", serialText(ring)],
          ...replaced,
        ]),
        ...(made.substituted ? [paragraph(SUBSTITUTED)] : []),
      ],
    };
  },
});
