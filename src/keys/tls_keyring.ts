// TLS keys in the kernel's keyrings: inserting, revoking, and finding those that are there.

import { type KeyName, possessing, type UpdatedKey } from "./keyring.ts";
import { revokeKey, updateKey } from "./keyring.ts";
import type { KeyDescription } from "./key_description.ts";
import { asked, reasonOf } from "./keyring_error.ts";
import type { KeyringSystem } from "./keyring_system.ts";
import { keysBelow } from "./keyring_walk.ts";
import type { Secret } from "./secret.ts";
import { isPskIdentity } from "./tls_identity.ts";

/** The types that a TLS key can have: the kernel's own, and the one that every kernel has. */
export const TLS_KEY_TYPES = ["psk", "user"] as const;

/** One of them. */
export type TlsKeyType = typeof TLS_KEY_TYPES[number];

/** What inserting a TLS key came to. */
export interface InsertedTlsKey extends UpdatedKey {
  readonly type: TlsKeyType;
  /** Whether the kernel has no type `psk`, so that its NVMe/TCP will not find the key. */
  readonly substituted: boolean;
}

/**
 * Puts a TLS key into a keyring under its identity, replacing and revoking one that is there.
 *
 * @param type insists on a type; without one it is `psk` where the kernel has it, `user` otherwise
 * @throws {UnreachableError} ENODEV when the kernel does not have the type that was insisted on
 *
 * @example
 * ```ts
 * import { insertTlsKey, kernelKeyring, lookupKeyring, scanTlsKeys, secretText } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const ring = lookupKeyring(system, "@p");
 * using tlsPsk = secretText("an example, 32 bytes of entropy.");
 * const identity = "NVMe0R01 nqn.2014-08.org.nvmexpress:host nqn.2014-08.org.nvmexpress:subsystem";
 * const { serial } = insertTlsKey(system, ring, { identity, tlsPsk });
 * if (!scanTlsKeys(system, ring).some((key) => key.serial === serial)) throw new Error("missing");
 * ```
 */
export function insertTlsKey(
  system: KeyringSystem,
  ring: number,
  { identity, tlsPsk, type }: {
    readonly identity: string;
    readonly tlsPsk: Secret;
    readonly type?: TlsKeyType | undefined;
  },
): InsertedTlsKey {
  const insert = (chosen: TlsKeyType, substituted: boolean): InsertedTlsKey => ({
    ...updateKey(system, ring, { type: chosen, description: identity, payload: tlsPsk }),
    type: chosen,
    substituted,
  });
  if (type !== undefined) return insert(type, false);
  try {
    return insert("psk", false);
  } catch (error) {
    if (reasonOf(error) !== "ENODEV") throw error;
    return insert("user", true);
  }
}

/**
 * Makes the TLS key of that identity unusable, and returns its number.
 *
 * @param type insists on a type; without one both are looked for, `psk` first
 * @throws {UnreachableError} ENOKEY when there is none
 *
 * @example
 * ```ts
 * import { insertTlsKey, kernelKeyring, lookupKeyring, revokeTlsKey, secretText } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * const ring = lookupKeyring(system, "@p");
 * using tlsPsk = secretText("an example, 32 bytes of entropy.");
 * const identity = "NVMe0R01 nqn.2014-08.org.nvmexpress:old nqn.2014-08.org.nvmexpress:subsystem";
 * insertTlsKey(system, ring, { identity, tlsPsk });
 * revokeTlsKey(system, ring, { identity });
 * ```
 */
export function revokeTlsKey(
  system: KeyringSystem,
  ring: number,
  { identity, type }: { readonly identity: string; readonly type?: TlsKeyType | undefined },
): number {
  const named = (chosen: string): KeyName => ({ type: chosen, description: identity });
  if (type !== undefined) return revokeKey(system, ring, named(type));
  try {
    return revokeKey(system, ring, named("psk"));
  } catch (error) {
    if (!["ENOKEY", "ENODEV"].includes(reasonOf(error) ?? "")) throw error;
    return revokeKey(system, ring, named("user"));
  }
}

/**
 * The TLS keys in a keyring and those below it: keys whose description has the form
 * `NVMe<0|1><R|G>0<1|2> <identity>`. Others, and what this user may not see, are left out.
 *
 * @example
 * ```ts
 * import { kernelKeyring, lookupKeyring, scanTlsKeys } from "nvmectl";
 *
 * const system = await kernelKeyring();
 * for (const { description } of scanTlsKeys(system, lookupKeyring(system, "@p"))) {
 *   console.log(description);
 * }
 * ```
 */
export function scanTlsKeys(system: KeyringSystem, ring: number): readonly KeyDescription[] {
  return possessing(
    system,
    ring,
    () => asked(() => keysBelow(system, ring), `list keyring ${ring}`).filter(isTlsKey),
  );
}

function isTlsKey({ type, description }: KeyDescription): boolean {
  return TLS_KEY_TYPES.some((one) => one === type) && isPskIdentity(description);
}
