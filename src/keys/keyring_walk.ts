// Keys in keyrings, one by one: what the kernel's own search does not tell exactly enough.

import { type KeyDescription, readDescription } from "./key_description.ts";
import { reasonOf } from "./keyring_error.ts";
import type { KeyringSystem } from "./keyring_system.ts";

/** How deep keyrings within keyrings are looked into, as the kernel's own search does. */
const DEPTH_MAX = 6;

/** The serial numbers in a keyring's payload. */
export function serialsIn(payload: Uint8Array): readonly number[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return Array.from(
    { length: Math.floor(payload.length / 4) },
    (_, at) => view.getInt32(at * 4, true),
  );
}

/**
 * The keys in a keyring and in those below it, each once, and the keyrings themselves. Keys that
 * were revoked, and what this user may not see, are left out.
 *
 * @throws the kernel's refusal where the keyring itself cannot be read
 */
export function keysBelow(system: KeyringSystem, ring: number): readonly KeyDescription[] {
  const found: KeyDescription[] = [];
  const seen = new Set<number>();
  const visit = (serials: readonly number[], depth: number): void => {
    for (const serial of serials) {
      if (seen.has(serial)) continue;
      seen.add(serial);
      const key = unlessRefused(() => readDescription(serial, system.describe(serial)));
      if (key === undefined) continue;
      found.push(key);
      if (key.type !== "keyring" || depth === DEPTH_MAX) continue;
      visit(unlessRefused(() => serialsIn(system.read(serial))) ?? [], depth + 1);
    }
  };
  visit(serialsIn(system.read(ring)), 1);
  return found;
}

/** A key that was revoked or removed meanwhile, or that belongs to somebody else, has nothing. */
function unlessRefused<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (reasonOf(error) === undefined) throw error;
    return undefined;
  }
}
