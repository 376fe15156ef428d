// nvmectl key tls generate: a configured key for TLS.

import { command } from "../../cli/command.ts";
import { facts } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { exportTlsKey, generateTlsKey, hashTitle, tlsKey } from "../../keys/mod.ts";
import {
  hashFlag,
  lengthFlag,
  OUT_FLAGS,
  readHex,
  SECRET_FLAGS,
  secretGiven,
} from "./key_input.ts";
import { checkOut, deliverText, hashJson } from "./key_output.ts";

export const keyTlsGenerate = command({
  name: "key tls generate",
  group: "Change",
  summary: "Make a pre-shared key for TLS with NVMe/TCP",
  description:
    "The key is configured on the host and in the subsystem, in the form NVMeTLSkey-1:….\n" +
    "--hmac is the hash function with which both make a retained key of it.",
  effect: "read",
  target: "none",
  flags: {
    hmac: hashFlag("Hash function of the transformation (default sha256)", [
      "none",
      "sha256",
      "sha384",
    ]),
    length: lengthFlag([32, 48]),
    ...SECRET_FLAGS,
    ...OUT_FLAGS,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key tls generate --out tls.key", "a new key in a file"],
    ["nvmectl key tls generate --hmac sha384 -o raw", "a longer one, and nothing else"],
  ],
  async run(context, { flags }) {
    const { hmac: hash = "sha256", length } = flags;
    await checkOut(context, flags);
    using key = secretGiven(flags)
      ? tlsKey(hash, await readHex(context, flags))
      : generateTlsKey({ hash, ...(length === undefined ? {} : { length }) }, (bytes) =>
        context.secrets.random(bytes));
    if (length !== undefined && key.secret.length !== length) {
      throw new UsageError(
        `Cannot make a key of ${length} bytes: the one given has ${key.secret.length}`,
      );
    }
    using text = exportTlsKey(key);
    const { fact, json, raw } = await deliverText(context, flags, {
      secret: text,
      label: "Key",
      name: "key",
    });
    return {
      json: { ...json, hash: hashJson(hash), length_bytes: key.secret.length },
      blocks: [
        facts([
          fact,
          ["Hash function", hashTitle(hash)],
          ["Length", `${key.secret.length} bytes`],
        ]),
      ],
      ...raw,
    };
  },
});
