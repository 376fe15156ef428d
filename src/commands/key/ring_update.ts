// nvmectl key ring update: a key in a keyring replaced by another.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { type Fact, facts } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { updateKey } from "../../keys/mod.ts";
import { readBytes, readHex, SECRET_FLAGS, secretGiven } from "./key_input.ts";
import { KEYRING, openRing, serialJson, serialText } from "./ring_options.ts";

export const keyRingUpdate = command({
  name: "key ring update",
  group: "Change",
  summary: "Put a key into a keyring of the kernel, replacing and revoking an old one",
  description: "The old key stays as it is when the new one cannot be made.",
  effect: "write",
  target: "none",
  positionals: [
    { name: "TYPE", help: "The key's type", choices: ["psk", "user"] },
    { name: "DESCRIPTION", help: "The key's whole description" },
  ],
  flags: {
    in: text("Read the payload from FILE, or from standard input, exactly", "FILE|-"),
    ...SECRET_FLAGS,
    keyring: KEYRING,
  },
  formats: ["table", "json"],
  examples: [
    ['nvmectl key ring update psk "NVMe0R01 A B" --in psk.bin', "a TLS key, derived elsewhere"],
    ["nvmectl key ring update user test --secret - --keyring @u", "from standard input"],
  ],
  async run(context, { flags, words: [type = "", description = ""] }) {
    if (flags.in !== undefined && secretGiven(flags)) {
      throw new UsageError("Cannot use two payloads: need one of --in, --secret-file, --secret");
    }
    const { system, ring } = await openRing(context, flags.keyring);
    using payload = flags.in === undefined
      ? await readHex(context, flags)
      : await readBytes(context, flags.in);
    const { serial, revoked } = updateKey(system, ring, { type, description, payload });
    const replaced: readonly Fact[] = revoked === undefined
      ? []
      : [["Replaced and revoked", serialText(revoked)]];
    return {
      json: { ...serialJson(serial), type, description, keyring: ring, revoked: revoked ?? null },
      blocks: [
        facts([["Key", serialText(serial)], ["Keyring", serialText(ring)], ...replaced]),
      ],
    };
  },
});
