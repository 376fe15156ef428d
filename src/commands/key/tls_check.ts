// nvmectl key tls check: whether a configured key for TLS is whole, and what it says.

import { command } from "../../cli/command.ts";
import { importTlsKey } from "../../keys/mod.ts";
import { checkReport } from "./key_check.ts";
import { KEY_FLAGS, readKeyText } from "./key_input.ts";

export const keyTlsCheck = command({
  name: "key tls check",
  group: "Change",
  summary: "Check a pre-shared key for TLS",
  description:
    "Reads NVMeTLSkey-1:hh:BASE64: and checks everything about it. A key that is not good\n" +
    "is exit status 1, with what is wrong. Nothing of the key is shown.",
  effect: "read",
  target: "none",
  flags: KEY_FLAGS,
  formats: ["table", "json"],
  examples: [
    ["nvmectl key tls check --in tls.key", "the key in a file"],
    ["nvmectl key tls check --in - -o json", "from standard input, for a script"],
  ],
  async run(context, { flags }) {
    using text = await readKeyText(context, flags);
    return checkReport(text, importTlsKey);
  },
});
