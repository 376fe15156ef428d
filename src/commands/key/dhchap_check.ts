// nvmectl key dhchap check: whether a secret for DH-HMAC-CHAP is whole, and what it says.

import { command } from "../../cli/command.ts";
import { acceptedEverywhere, readDhchapSecret } from "../../keys/mod.ts";
import { checkReport } from "./key_check.ts";
import { ANY_LENGTH, KEY_FLAGS, readKeyText } from "./key_input.ts";

export const keyDhchapCheck = command({
  name: "key dhchap check",
  group: "Change",
  summary: "Check a secret for DH-HMAC-CHAP (KX-HMAC-CHAP)",
  description:
    "Reads DHHC-1:hh:BASE64: and checks everything about it. A secret that is not good is\n" +
    "exit status 1, with what is wrong. Nothing of the secret is shown.\n" +
    "key kx-hmac-chap check is the same.",
  effect: "read",
  target: "none",
  flags: { ...KEY_FLAGS, anyLength: ANY_LENGTH },
  formats: ["table", "json"],
  examples: [
    ["nvmectl key dhchap check --in host.key", "the secret in a file"],
    ["nvmectl key dhchap check", "asks for it, without showing what is typed"],
    ["nvmectl key dhchap check --in - -o json", "from standard input, for a script"],
  ],
  async run(context, { flags }) {
    const { anyLength } = flags;
    using text = await readKeyText(context, flags);
    return checkReport(
      text,
      (bytes) => readDhchapSecret(bytes, { anyLength }),
      (key) =>
        acceptedEverywhere(key) ? [] : [
          "nvme-cli 2 and Linux before 6.7 refuse it: its length is not that of its hash function.",
        ],
    );
  },
});
