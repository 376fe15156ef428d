// nvmectl key tls list: the TLS keys in a keyring.

import { command } from "../../cli/command.ts";
import { table } from "../../cli/report.ts";
import { hashTitle, type KeyDescription, readPskIdentity, scanTlsKeys } from "../../keys/mod.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { KEYRING, openRing, serialJson, serialText } from "./ring_options.ts";

export const keyTlsList = command({
  name: "key tls list",
  group: "Change",
  summary: "List the TLS keys in a keyring of the kernel",
  description:
    "Only keys whose description is an identity, NVMe<0|1><R|G>0<1|2> and the names. Keys\n" +
    "themselves are not shown.",
  effect: "read",
  target: "none",
  flags: { keyring: KEYRING },
  formats: ["table", "json"],
  examples: [
    ["nvmectl key tls list", "what the kernel's NVMe/TCP has"],
    ["nvmectl key tls list --keyring @u -o json", "another keyring, for a script"],
  ],
  async run(context, { flags }) {
    const { system, ring } = await openRing(context, flags.keyring);
    const keys = scanTlsKeys(system, ring);
    return {
      json: { keyring: ring, keys: keys.map(keyJson) },
      blocks: [
        table(
          ["Key", "Type", "Identity"],
          keys.map(({ serial, type, description }) => [serialText(serial), type, description]),
          `Keyring ${serialText(ring)} has no TLS keys.`,
        ),
      ],
    };
  },
});

function keyJson({ serial, type, description }: KeyDescription): JsonObject {
  const identity = readPskIdentity(description);
  return {
    ...serialJson(serial),
    type,
    identity: description,
    ...(identity === undefined ? {} : {
      version: identity.version,
      psk_type: identity.type,
      hash: hashTitle(identity.hash),
      hostnqn: identity.hostNqn,
      subsysnqn: identity.subsystemNqn,
      digest: identity.digest ?? null,
    }),
  };
}
