// nvmectl key tls export: key bytes in interchange form.

import { command, type Context } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { facts, paragraph } from "../../cli/report.ts";
import { UnreachableError, UsageError } from "../../errors.ts";
import {
  exportTlsKey,
  hashOfBytes,
  hashTitle,
  lookupKey,
  possessing,
  readKey,
  type Secret,
  TLS_KEY_TYPES,
  tlsKey,
} from "../../keys/mod.ts";
import { hashFlag, OUT_FLAGS, readBytes, readHex, SECRET_FLAGS, secretGiven } from "./key_input.ts";
import { checkOut, deliverText, hashJson } from "./key_output.ts";
import { KEYRING, openRing } from "./ring_options.ts";

export const keyTlsExport = command({
  name: "key tls export",
  group: "Change",
  summary: "Write the bytes of a TLS key in its interchange form",
  description: "The bytes come from a file, in hexadecimal, or out of a keyring by their identity.",
  effect: "read",
  target: "none",
  flags: {
    in: text("Read the bytes, 32 or 48 of them, from FILE, or from standard input", "FILE|-"),
    ...SECRET_FLAGS,
    identity: text("Read the key of this identity out of the keyring", "IDENTITY"),
    keyring: KEYRING,
    hmac: hashFlag("Hash function to write with it (default: the one of that length)", [
      "none",
      "sha256",
      "sha384",
    ]),
    ...OUT_FLAGS,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key tls export --in tls.bin --out tls.key", "bytes that another program made"],
    ['nvmectl key tls export --identity "NVMe0R01 A B" -o raw', "one out of the keyring"],
  ],
  async run(context, { flags }) {
    const given = [flags.in, flags.identity, secretGiven(flags) || undefined];
    if (given.filter((one) => one !== undefined).length > 1) {
      throw new UsageError("Cannot export several keys: need one of --in, --identity, --secret");
    }
    if (flags.keyring !== undefined && flags.identity === undefined) {
      throw new UsageError("Cannot use --keyring: need --identity, which says what key of it");
    }
    await checkOut(context, flags);
    const secret = flags.identity !== undefined
      ? await fromRing(context, flags.identity, flags.keyring)
      : flags.in !== undefined
      ? await readBytes(context, flags.in)
      : await readHex(context, flags);
    using key = tlsKey(flags.hmac ?? hashOfBytes(secret.length) ?? "none", secret);
    using written = exportTlsKey(key);
    const { fact, json, raw } = await deliverText(context, flags, {
      secret: written,
      label: "Key",
      name: "key",
    });
    return {
      json: { ...json, hash: hashJson(key.hash), length_bytes: key.secret.length },
      blocks: [
        facts([fact, ["Hash function", hashTitle(key.hash)]]),
        ...(flags.identity === undefined ? [] : [paragraph(DERIVED)]),
      ],
      ...raw,
    };
  },
});

const DERIVED =
  "This key is derived already: key tls import --identity takes it back as it is; key " +
  "tls insert would derive another from it.";

async function fromRing(
  context: Context,
  identity: string,
  keyring: string | undefined,
): Promise<Secret> {
  const { system, ring } = await openRing(context, keyring);
  return possessing(system, ring, () => {
    for (const type of TLS_KEY_TYPES) {
      const serial = lookupKey(system, { type, description: identity, ring });
      if (serial !== undefined) return readKey(system, ring, serial);
    }
    throw new UnreachableError("Cannot export the key: the keyring has none of that identity", {
      code: "ENOKEY",
      next: "nvmectl key tls list shows what there is",
    });
  });
}
