// nvmectl key ring read: what a key holds, or what is in a keyring.

import { command } from "../../cli/command.ts";
import { facts, type Report, table } from "../../cli/report.ts";
import {
  describeKey,
  type KeyringSystem,
  lookupKeyring,
  readKey,
  serialsIn,
} from "../../keys/mod.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { OUT_FLAGS, SHOW } from "./key_input.ts";
import { checkOut, deliverBytes } from "./key_output.ts";
import { KEYRING, openRing, serialJson, serialOf, serialText } from "./ring_options.ts";

export const keyRingRead = command({
  name: "key ring read",
  group: "Change",
  summary: "Read a key in the kernel, or list a keyring",
  description:
    "Many keys may be read only by who possesses the keyring that they are in: it is linked\n" +
    "to this process for as long as that takes. The payload is redacted unless it is asked for.",
  effect: "read",
  target: "none",
  positionals: [{ name: "KEY", help: "Its serial number, decimal or 0x" }],
  flags: { keyring: KEYRING, show: SHOW, ...OUT_FLAGS },
  formats: ["table", "json", "raw"],
  examples: [
    ["nvmectl key ring read 0x2d9dad64 --out psk.bin", "its payload into a file"],
    ["nvmectl key ring read 584101636", "what is in a keyring"],
  ],
  async run(context, { flags, words: [typed = ""] }) {
    const serial = serialOf(typed);
    await checkOut(context, flags);
    const system = await context.keyring();
    const { type, description } = describeKey(system, serial);
    if (type === "keyring") return contentsReport(system, serial, description);
    // A key can be in no keyring that is named; then it is read as it is.
    const ring = flags.keyring === undefined
      ? undefined
      : (await openRing(context, flags.keyring)).ring;
    using payload = readKey(system, ring ?? defaultRing(system), serial);
    const { fact, json, raw } = await deliverBytes(context, flags, {
      secret: payload,
      label: "Payload",
      name: "payload",
    });
    return {
      json: { ...serialJson(serial), type, description, length_bytes: payload.length, ...json },
      blocks: [
        facts([["Key", serialText(serial)], ["Type", type], ["Description", description], fact]),
      ],
      ...raw,
    };
  },
});

/** The keyring of NVMe/TCP where there is one; the session's own, which is possessed, elsewhere. */
function defaultRing(system: KeyringSystem): number {
  try {
    return lookupKeyring(system);
  } catch {
    return lookupKeyring(system, "@s");
  }
}

function contentsReport(system: KeyringSystem, serial: number, name: string): Report {
  using payload = readKey(system, serial, serial);
  const keys = serialsIn(payload.bytes()).map((one) => memberOf(system, one));
  return {
    json: {
      ...serialJson(serial),
      type: "keyring",
      description: name,
      keys: keys.map(({ serial, type, description }): JsonObject => ({
        ...serialJson(serial),
        type,
        description,
      })),
    },
    blocks: [
      facts([["Keyring", serialText(serial)], ["Name", name]]),
      table(
        ["Key", "Type", "Description"],
        keys.map(({ serial, type, description }) => [serialText(serial), type, description]),
        "It is empty.",
      ),
    ],
  };
}

/** A key that may not be seen stands there with its number. */
function memberOf(
  system: KeyringSystem,
  serial: number,
): { readonly serial: number; readonly type: string; readonly description: string } {
  try {
    return describeKey(system, serial);
  } catch (error) {
    return { serial, type: "unknown", description: (error as Error).message };
  }
}
