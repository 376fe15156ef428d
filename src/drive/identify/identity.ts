// Names that nothing else has: of namespaces and of the subsystem, out of the serial number.

import { formatUuid } from "../../spec/identify/codecs.ts";
import type { Personality } from "../personality.ts";
import type { NamespaceState } from "../state.ts";

/** What a namespace is known by everywhere, for as long as it exists. */
export interface NamespaceIdentity {
  readonly eui64: Uint8Array;
  readonly nguid: Uint8Array;
  readonly uuid: Uint8Array;
}

/**
 * The identifiers of a namespace [BASE-2.1 §4.5]: also of one whose namespace identifier was that
 * of others before it, which had different ones.
 */
export function namespaceIdentity(
  personality: Personality,
  { nsid, incarnation = 1 }: Pick<NamespaceState, "nsid" | "incarnation">,
): NamespaceIdentity {
  const { oui, serial } = personality;
  const name = incarnation === 1 ? `${nsid}` : `${nsid}.${incarnation}`;
  const organization = [oui >>> 16, (oui >>> 8) & 0xff, oui & 0xff];
  const unique = digest(`${serial}/namespace/${name}`, 12);
  return {
    eui64: Uint8Array.from([...organization, ...unique.subarray(0, 5)]),
    nguid: Uint8Array.from([
      ...unique.subarray(0, 8),
      ...organization,
      ...digest(`${serial}/nguid/${name}`, 5),
    ]),
    uuid: uuidOf(`${serial}/uuid/${name}`),
  };
}

/** The NVM subsystem's NQN; one of the kind that a UUID makes unique [BASE-2.1 §4.7]. */
export function subsystemNqn({ serial, nqn }: Personality): string {
  return nqn ?? `nqn.2014-08.org.nvmexpress:uuid:${formatUuid(uuidOf(`${serial}/subsystem`))}`;
}

/** A UUID of version 8, whose bits are its maker's own business. */
function uuidOf(text: string): Uint8Array {
  const bytes = digest(text, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

/** Bytes that depend on every character of a text: 32-bit FNV-1a, over and over. */
function digest(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    let hash = 0x811c9dc5;
    const name = `${at}:${text}`;
    for (let index = 0; index < name.length; index++) {
      const character = name.codePointAt(index) ?? 0;
      // It takes two places.
      if (character > 0xffff) index++;
      hash = Math.imul(hash ^ character, 0x01000193) >>> 0;
    }
    bytes[at] = (hash ^ (hash >>> 16)) & 0xff;
  }
  return bytes;
}
