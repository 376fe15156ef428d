// nvmectl key tls import: the bytes out of a key in interchange form, also into a keyring.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { facts, paragraph } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { hashTitle, importTlsKey, insertTlsKey, isPskIdentity } from "../../keys/mod.ts";
import { KEY_FLAGS, OUT_FLAGS, readKeyText, SHOW } from "./key_input.ts";
import { checkOut, deliverBytes, hashJson } from "./key_output.ts";
import { KEYRING, openRing, serialJson, serialText, TLS_TYPE } from "./ring_options.ts";

export const keyTlsImport = command({
  name: "key tls import",
  group: "Change",
  summary: "Take the bytes of a TLS key out of its interchange form",
  description:
    "With --identity the bytes go into a keyring under that identity as they are, which is\n" +
    "right for a TLS key that was derived and exported. A configured key belongs to key tls insert.",
  effect: "write",
  target: "none",
  flags: {
    ...KEY_FLAGS,
    show: SHOW,
    ...OUT_FLAGS,
    identity: text("Put the bytes into the keyring under this identity", "IDENTITY"),
    keyring: KEYRING,
    type: TLS_TYPE,
  },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key tls import --in tls.key --out tls.bin", "its bytes, for another program"],
    ['nvmectl key tls import --in a.key --identity "NVMe0R01 A B"', "into the kernel's keyring"],
  ],
  async run(context, { flags }) {
    const { identity } = flags;
    if (identity !== undefined && !isPskIdentity(identity)) {
      throw new UsageError("Cannot use --identity: need NVMe<0|1><R|G>0<1|2> and the names");
    }
    checkPlace(flags);
    await checkOut(context, flags);
    using text = await readKeyText(context, flags);
    using key = importTlsKey(text.bytes());
    const about = { hash: hashJson(key.hash), length_bytes: key.secret.length };
    const lines = [["Hash function", hashTitle(key.hash)] as const];
    if (identity !== undefined) {
      const { system, ring } = await openRing(context, flags.keyring);
      const made = insertTlsKey(system, ring, { identity, tlsPsk: key.secret, type: flags.type });
      return {
        json: { ...about, ...serialJson(made.serial), type: made.type, identity, keyring: ring },
        blocks: [
          facts([["Key", serialText(made.serial)], ["Type", made.type], ["Identity", identity]]),
          ...(made.substituted ? [paragraph(SUBSTITUTED)] : []),
        ],
      };
    }
    const { fact, json, raw } = await deliverBytes(context, flags, {
      secret: key.secret,
      label: "Bytes",
      name: "bytes",
    });
    return { json: { ...about, ...json }, blocks: [facts([...lines, fact])], ...raw };
  },
});

/** UsageError for options that only matter where the bytes go to another place. */
function checkPlace(
  { identity, out, show, keyring, type }: {
    readonly identity: string | undefined;
    readonly out: string | undefined;
    readonly show: boolean;
    readonly keyring: string | undefined;
    readonly type: string | undefined;
  },
): void {
  if (identity !== undefined && (out !== undefined || show)) {
    throw new UsageError(
      `Cannot use --${show ? "show" : "out"} with --identity: the bytes go into the keyring`,
    );
  }
  if (identity === undefined && (keyring !== undefined || type !== undefined)) {
    throw new UsageError(
      `Cannot use --${keyring === undefined ? "type" : "keyring"}: need --identity, under which ` +
        "the keyring has the key",
      { next: "nvmectl key tls insert derives identity and key from a configured one" },
    );
  }
}

/** Said where the kernel has no type for TLS keys. */
export const SUBSTITUTED =
  "The kernel has no key type psk, so this is a user key: its NVMe/TCP will " +
  "not find it. Linux 6.7 and later have the type once nvme-tcp is loaded.";
