// nvmectl key tls derive: every step from a configured key to the one that TLS uses.

import { command } from "../../cli/command.ts";
import { type Fact, facts } from "../../cli/report.ts";
import { hashTitle } from "../../keys/mod.ts";
import { OUT_FLAGS, SHOW } from "./key_input.ts";
import { checkOut, deliverBytes, hashJson, hidden } from "./key_output.ts";
import { DERIVE_FLAGS, deriveFrom } from "./tls_options.ts";

export const keyTlsDerive = command({
  name: "key tls derive",
  group: "Change",
  summary: "Derive the key that TLS uses, and show every step",
  description:
    "configured key -> retained key (with the host's name) -> digest and identity (with\n" +
    "both names) -> TLS key. Keys are redacted unless --show, --out or -o raw asks for them.",
  effect: "read",
  target: "none",
  flags: { ...DERIVE_FLAGS, show: SHOW, ...OUT_FLAGS },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key tls derive --in tls.key --subsysnqn nqn.2014-08.org.example:a --show", "all"],
    ["nvmectl key tls derive --in tls.key --subsysnqn NQN --out psk.bin", "the TLS key in a file"],
  ],
  async run(context, { flags }) {
    await checkOut(context, flags);
    using derived = await deriveFrom(context, flags);
    const { psk, digest, identity, tlsPsk, hash, version, type } = derived;
    const delivered = await deliverBytes(context, flags, {
      secret: tlsPsk,
      label: "TLS key",
      name: "tls_psk",
    });
    const digestFact: readonly Fact[] = digest === undefined ? [] : [["Digest", digest]];
    return {
      json: {
        version,
        psk_type: type,
        hash: hashJson(hash),
        compat: flags.compat,
        [type === "R" ? "retained_psk" : "generated_psk"]: flags.show ? psk.hex() : null,
        digest: digest ?? null,
        identity,
        ...delivered.json,
      },
      blocks: [
        facts([
          [type === "R" ? "Retained key" : "Generated key", hidden(psk, flags.show)],
          ...digestFact,
          ["Identity", identity],
          ["Hash function", hashTitle(hash)],
          delivered.fact,
        ]),
      ],
      ...delivered.raw,
    };
  },
});
