// What the verbs about keyrings have in common.

import type { Context } from "../../cli/command.ts";
import { choice, text } from "../../cli/flags.ts";
import { UsageError } from "../../errors.ts";
import {
  DEFAULT_KEYRING,
  type KeyringSystem,
  lookupKeyring,
  readSerial,
  TLS_KEY_TYPES,
} from "../../keys/mod.ts";
import type { JsonObject } from "../../layout/mod.ts";

/** A keyring by name or number. */
export const KEYRING = text(
  `Keyring, by name, number, or @s, @u, @us (default ${DEFAULT_KEYRING})`,
  "KEYRING",
);

/** The type of a TLS key. */
export const TLS_TYPE = choice("Type of the key (default: psk where the kernel has it, or user)", [
  ...TLS_KEY_TYPES,
]);

/** The kernel's keyrings, and the one that is meant. */
export async function openRing(
  context: Context,
  name: string | undefined,
): Promise<{ readonly system: KeyringSystem; readonly ring: number }> {
  const system = await context.keyring();
  return { system, ring: lookupKeyring(system, name ?? DEFAULT_KEYRING) };
}

/** A key's serial number as it was typed. UsageError for anything else. */
export function serialOf(typed: string): number {
  const serial = readSerial(typed);
  if (serial !== undefined) return serial;
  throw new UsageError(`Cannot use ${JSON.stringify(typed)}: need a key's serial number`, {
    next: "nvmectl key tls list and /proc/keys show them",
  });
}

/** A key for a machine. */
export function serialJson(serial: number): JsonObject {
  return { serial, serial_hex: `0x${(serial >>> 0).toString(16).padStart(8, "0")}` };
}

export { serialText } from "../../keys/mod.ts";
