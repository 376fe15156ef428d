// nvmectl key tls identity: the name that both sides know a key by.

import { command } from "../../cli/command.ts";
import { type Fact, facts } from "../../cli/report.ts";
import { hashTitle } from "../../keys/mod.ts";
import { hashJson } from "./key_output.ts";
import { DERIVE_FLAGS, deriveFrom } from "./tls_options.ts";

export const keyTlsIdentity = command({
  name: "key tls identity",
  group: "Change",
  summary: "Show the identity of a TLS key between a host and a subsystem",
  description:
    "The identity is no secret: TLS sends it in the clear. In version 1 it has a digest\n" +
    "that depends on the key.",
  effect: "read",
  target: "none",
  flags: DERIVE_FLAGS,
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key tls identity --in tls.key --subsysnqn nqn.2014-08.org.example:a", "version 1"],
    ["nvmectl key tls identity --in tls.key --subsysnqn NQN --version 0", "as NVMe/TCP 1.0"],
  ],
  async run(context, { flags }) {
    using derived = await deriveFrom(context, flags);
    const { identity, digest, hash, version } = derived;
    const digestFact: readonly Fact[] = digest === undefined ? [] : [["Digest", digest]];
    return {
      json: {
        identity,
        version,
        psk_type: derived.type,
        hash: hashJson(hash),
        digest: digest ?? null,
        compat: flags.compat,
      },
      blocks: [facts([["Identity", identity], ["Hash function", hashTitle(hash)], ...digestFact])],
      raw: new TextEncoder().encode(`${identity}\n`),
    };
  },
});
