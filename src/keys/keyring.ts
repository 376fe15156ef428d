// Keys in the kernel's keyrings: finding keyrings, and reading, replacing and revoking keys.

import { UnreachableError, UsageError } from "../errors.ts";
import {
  isKeyring,
  type KeyDescription,
  readDescription,
  readListing,
  serialText,
} from "./key_description.ts";
import { asked, reasonOf } from "./keyring_error.ts";
import { type KeyringSystem, RING } from "./keyring_system.ts";
import { keysBelow, serialsIn } from "./keyring_walk.ts";
import { Secret } from "./secret.ts";

export { serialsIn };

/** The keyring that the kernel's NVMe/TCP takes its keys from. */
export const DEFAULT_KEYRING = ".nvme";

/** The process's own keyrings, as keyctl(1) writes them. */
const SHORT_NAMES: Readonly<Record<string, number>> = {
  "@t": RING.thread,
  "@p": RING.process,
  "@s": RING.session,
  "@u": RING.user,
  "@us": RING.userSession,
};

/**
 * The serial number of a keyring.
 *
 * @param name a name, a serial number (decimal or 0x), or `@s`, `@u`, `@us`, `@p`, `@t`
 * @throws {UnreachableError} when there is none, with `code` ENOKEY
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKeyring } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * // The kernel's is ".nvme"; "@p" is this process's own.
 * if (lookupKeyring(system, "@p") <= 0) throw new Error("no keyring");
 * ```
 */
export function lookupKeyring(system: KeyringSystem, name: string = DEFAULT_KEYRING): number {
  const special = Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name] : undefined;
  if (special !== undefined) {
    return asked(() => system.ringId(special, isEphemeral(special)), `find ${name}`);
  }
  const serial = readSerial(name);
  if (serial !== undefined) {
    const { type } = describeKey(system, serial);
    if (type === "keyring") return serial;
    throw new UsageError(`Cannot use key ${serial} as a keyring: it is of type ${type}`);
  }
  return ownKeyring(system, name) ?? listedKeyring(system, name);
}

/**
 * Whether a keyring has to be made. The session's must not be: what is made in place of a missing
 * one ends with this process, while the user's session keyring, which stands in for it, stays.
 */
function isEphemeral(special: number): boolean {
  return special === RING.thread || special === RING.process;
}

/** A serial number as it is typed, decimal or 0x hexadecimal; undefined for anything else. */
export function readSerial(text: string): number | undefined {
  if (!/^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(text)) return undefined;
  const serial = Number(text);
  return serial > 0 && serial <= 0x7fff_ffff ? serial : undefined;
}

/** The keyring of that name that this process has a link to. */
function ownKeyring(system: KeyringSystem, name: string): number | undefined {
  try {
    return system.requestKey("keyring", checkDescription(name));
  } catch (error) {
    // Whatever the reason: the kernel's list may still have it.
    if (reasonOf(error) === undefined || reasonOf(error) === "ENOSYS") {
      return asked(() => {
        throw error;
      }, `find keyring ${name}`);
    }
    return undefined;
  }
}

function listedKeyring(system: KeyringSystem, name: string): number {
  const listing = asked(() => system.listing(), "read the kernel's list of keys");
  const found = readListing(listing).find((key) =>
    isKeyring(key, name) && !/[RDX]/.test(key.flags)
  );
  if (found) return found.serial;
  throw new UnreachableError(`Cannot find keyring ${name}: there is none that this user may see`, {
    code: "ENOKEY",
    next: name === DEFAULT_KEYRING
      ? "modprobe nvme-tcp makes it, on Linux 6.7 and later; --keyring @u names another"
      : "/proc/keys lists them; @s, @u and @us are this process's own",
  });
}

/**
 * What the kernel says of a key.
 *
 * @throws {UnreachableError} when there is no such key, or this user may not see it
 *
 * @example
 * ```ts
 * import { describeKey, kernelKeyring, lookupKeyring } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const { type } = describeKey(system, lookupKeyring(system, "@p"));
 * if (type !== "keyring") throw new Error(type);
 * ```
 */
export function describeKey(system: KeyringSystem, serial: number): KeyDescription {
  const text = asked(() => system.describe(serial), `describe key ${serial}`);
  const found = readDescription(serial, text);
  if (found) return found;
  throw new UnreachableError(`Cannot describe key ${serial}: the kernel's answer has another form`);
}

/** A key that was revoked or has expired stands in its keyring until the kernel tidies up. */
const ABSENT = ["ENOKEY", "EKEYREVOKED", "EKEYEXPIRED"];
/**
 * The type of which the kernel takes keys whose description only begins with what is asked for, or
 * in older kernels the other way round: one such hides the key itself, or stands in for none.
 */
const LIKE = "psk";

/**
 * The serial number of a key in a keyring, or, without one, in the session's; undefined when there
 * is none that can be used.
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKey, lookupKeyring } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const ring = lookupKeyring(system, "@p");
 * const found = lookupKey(system, { type: "user", description: "nobody:has-it", ring });
 * if (found !== undefined) throw new Error(`found ${found}`);
 * ```
 */
export function lookupKey(
  system: KeyringSystem,
  { type, description, ring = RING.session }: KeyName & { readonly ring?: number },
): number | undefined {
  checkDescription(description);
  return asked(() => {
    try {
      const found = system.search(ring, type, description);
      if (type !== LIKE || describeKey(system, found).description === description) return found;
    } catch (error) {
      if (!ABSENT.includes(reasonOf(error) ?? "")) throw error;
      if (type !== LIKE || reasonOf(error) === "ENOKEY") return undefined;
    }
    return keysBelow(system, ring)
      .find((key) => key.type === type && key.description === description)?.serial;
  }, `find the key in keyring ${ring}`);
}

/** What a key is called within a keyring. */
export interface KeyName {
  /** `psk`, `user`, `keyring`. */
  readonly type: string;
  readonly description: string;
}

/**
 * Links a keyring into the session's, so that this session possesses its keys; returns its number.
 * It stays there until it is unlinked or the session ends.
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKeyring, setKeyring, unsetKeyring } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * // Without a second argument it is the kernel's, ".nvme".
 * const ring = setKeyring(system, lookupKeyring(system, "@p"));
 * unsetKeyring(system, ring);
 * ```
 */
export function setKeyring(system: KeyringSystem, ring = lookupKeyring(system)): number {
  asked(
    () => system.link(ring, system.ringId(RING.session)),
    `link keyring ${serialText(ring)} to the session`,
  );
  return ring;
}

/** Takes a keyring out of the session's again. ENOENT when it is not in it. */
export function unsetKeyring(system: KeyringSystem, ring: number): void {
  asked(
    () => system.unlink(ring, system.ringId(RING.session)),
    `take keyring ${serialText(ring)} out of the session`,
  );
}

/**
 * Lets `action` run while this session possesses a keyring: many keys may be read and changed by
 * who possesses them only. A link that was not there before is gone afterwards.
 */
export function possessing<T>(system: KeyringSystem, ring: number, action: () => T): T {
  if (ring < 0 || alreadyLinked(system, ring)) return action();
  try {
    system.link(ring, RING.process);
  } catch {
    // What may not be linked may still let this user in; the action says if not.
    return action();
  }
  try {
    return action();
  } finally {
    system.unlink(ring, RING.process);
  }
}

function alreadyLinked(system: KeyringSystem, ring: number): boolean {
  return [RING.thread, RING.process, RING.session].some((own) => {
    try {
      return serialsIn(system.read(system.ringId(own))).includes(ring) ||
        system.ringId(own) === ring;
    } catch {
      return false;
    }
  });
}

/**
 * A key's payload. Whoever asks disposes of it.
 *
 * @param ring the keyring that it is in, to possess it while it is read
 * @throws {UnreachableError} EACCES when this user may not read it
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKeyring, readKey, secretText, updateKey } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const ring = lookupKeyring(system, "@p");
 * using payload = secretText("hidden");
 * const name = { type: "user", description: "nvmectl:example-read" };
 * const { serial } = updateKey(system, ring, { ...name, payload });
 * using read = readKey(system, ring, serial);
 * if (read.length !== 6) throw new Error(`${read.length} bytes`);
 * ```
 */
export function readKey(system: KeyringSystem, ring: number, serial: number): Secret {
  return possessing(
    system,
    ring,
    () => new Secret(asked(() => system.read(serial), `read key ${serialText(serial)}`)),
  );
}

/** What putting a key into a keyring came to. */
export interface UpdatedKey {
  readonly serial: number;
  readonly type: string;
  /** The key that stood there before and is revoked now. */
  readonly revoked: number | undefined;
}

/**
 * Puts a key into a keyring. One of the same type and description is replaced and revoked; it stays
 * as it is when the new one cannot be made.
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKeyring, secretText, updateKey } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const ring = lookupKeyring(system, "@p");
 * using payload = secretText("hidden");
 * const name = { type: "user", description: "nvmectl:example" };
 * const first = updateKey(system, ring, { ...name, payload });
 * const second = updateKey(system, ring, { ...name, payload });
 * if (second.revoked !== first.serial) throw new Error("the old key is revoked");
 * ```
 */
export function updateKey(
  system: KeyringSystem,
  ring: number,
  { type, description, payload }: KeyName & { readonly payload: Secret },
): UpdatedKey {
  checkDescription(description);
  return possessing(system, ring, () => {
    const old = lookupKey(system, { type, description, ring });
    if (old === undefined) {
      return { serial: placeKey(system, ring, { type, description, payload }), type, revoked: old };
    }
    // The new key takes the old one's place in the keyring, and only who possesses a key may revoke
    // it: until then it is held here.
    const holding = asked(
      () => system.addKey("keyring", "nvmectl", undefined, RING.thread),
      "make a keyring for this thread",
    );
    try {
      asked(() => system.link(old, holding), `hold key ${serialText(old)}, to be replaced`);
      const serial = placeKey(system, ring, { type, description, payload });
      asked(() => system.revoke(old), `revoke key ${serialText(old)}, which was replaced`);
      return { serial, type, revoked: old };
    } finally {
      system.unlink(holding, RING.thread);
    }
  });
}

/** Makes a key and links it into a keyring, where it displaces one of its type and description. */
function placeKey(
  system: KeyringSystem,
  ring: number,
  { type, description, payload }: KeyName & { readonly payload: Secret },
): number {
  // Adding it where the old one is would change that, not replace it.
  const staging = stagingRing(system, ring);
  const serial = asked(
    () => system.addKey(type, description, payload.bytes(), staging),
    `make a key of type ${type}`,
  );
  try {
    asked(() => system.link(serial, ring), `put the key into keyring ${serialText(ring)}`);
  } finally {
    system.unlink(serial, staging);
  }
  return serial;
}

/** A keyring of this thread's or process's own that is not `ring`. */
function stagingRing(system: KeyringSystem, ring: number): number {
  const thread = asked(() => system.ringId(RING.thread, true), "make a keyring for this thread");
  return ring === thread || ring === RING.thread ? RING.process : RING.thread;
}

/** Makes a key in a keyring unusable, and returns its number. ENOKEY when it is not there. */
export function revokeKey(system: KeyringSystem, ring: number, name: KeyName): number {
  return possessing(system, ring, () => {
    const serial = lookupKey(system, { ...name, ring });
    if (serial === undefined) {
      throw new UnreachableError(
        `Cannot revoke the key: keyring ${serialText(ring)} has none of type ${name.type} ` +
          "with that identity",
        { code: "ENOKEY", next: "nvmectl key tls list shows what there is" },
      );
    }
    asked(() => system.revoke(serial), `revoke key ${serialText(serial)}`);
    return serial;
  });
}

/** Throws UsageError for what the kernel would cut short or refuse. */
function checkDescription(description: string): string {
  const bytes = new TextEncoder().encode(description).length;
  if (bytes > 0 && bytes < 4096 && !description.includes("\0")) return description;
  throw new UsageError("Cannot name a key so: need 1 to 4095 bytes without a null character");
}
