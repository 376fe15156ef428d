// Namespace Identification Descriptors (CNS 03h): the names that a namespace has everywhere.

import {
  at,
  coded,
  type JsonObject,
  type Names,
  reserved,
  struct,
  toHex,
  u8,
} from "../../layout/mod.ts";
import { formatUuid } from "./codecs.ts";
import { COMMAND_SET_NAMES } from "./command_sets.ts";

/** Bytes of the whole list. */
const LIST_BYTES = 4096;

/** Namespace Identifier Types [BASE-2.1 §5.1.13.2.3, Fig. 315]. */
export const NIDT = { eui64: 1, nguid: 2, uuid: 3, csi: 4 } as const;

const NIDT_NAMES: Names = {
  [NIDT.eui64]: "EUI-64",
  [NIDT.nguid]: "NGUID",
  [NIDT.uuid]: "UUID",
  [NIDT.csi]: "command set",
};

const NIDT_LENGTHS: Readonly<Record<number, number>> = {
  [NIDT.eui64]: 8,
  [NIDT.nguid]: 16,
  [NIDT.uuid]: 16,
  [NIDT.csi]: 1,
};

/** What stands before each identifier; its bytes follow. */
export const NamespaceDescriptorHeader = struct(
  "Namespace Identification Descriptor",
  4,
  "[BASE-2.1 §5.1.13.2.3, Fig. 315]",
  [
    at(0, 0, "nidt", coded(u8, NIDT_NAMES), "Identifier type"),
    at(1, 1, "nidl", u8, "Identifier length"),
    reserved(2, 3),
  ],
);

/** One identifier of a namespace. */
export interface NamespaceDescriptor {
  /** Namespace Identifier Type, known or not. */
  readonly nidt: number;
  /** The identifier, in the byte order in which it is written. */
  readonly nid: Uint8Array;
}

/**
 * The identifiers of a list. It ends at a length of zero, at the end of the bytes, and at a length
 * that cannot be: of an identifier that would go on behind the list, or of a known type whose
 * length is another. Types that are not known are kept.
 */
export function decodeNamespaceDescriptors(bytes: Uint8Array): readonly NamespaceDescriptor[] {
  const found: NamespaceDescriptor[] = [];
  const header = NamespaceDescriptorHeader.size;
  for (let next = 0; next + header <= bytes.length;) {
    const { nidt, nidl } = NamespaceDescriptorHeader.decode(bytes.subarray(next));
    const start = next + header;
    if (nidl === 0 || start + nidl > bytes.length) break;
    if ((NIDT_LENGTHS[nidt] ?? nidl) !== nidl) break;
    found.push({ nidt, nid: bytes.slice(start, start + nidl) });
    next = start + nidl;
  }
  return found;
}

/** The bytes of a list. Throws RangeError where an identifier is empty or there is no room. */
export function encodeNamespaceDescriptors(
  descriptors: readonly NamespaceDescriptor[],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(LIST_BYTES);
  let next = 0;
  for (const { nidt, nid } of descriptors) {
    const end = next + NamespaceDescriptorHeader.size + nid.length;
    if (nid.length === 0 || end > LIST_BYTES) {
      throw new RangeError(
        `Cannot encode a namespace identifier of ${nid.length} bytes at byte ${next}: ` +
          `need 1 to ${LIST_BYTES - next - NamespaceDescriptorHeader.size}`,
      );
    }
    bytes.set(NamespaceDescriptorHeader.encode({ nidt, nidl: nid.length }), next);
    bytes.set(nid, next + NamespaceDescriptorHeader.size);
    next = end;
  }
  return bytes;
}

/** The identifier in the words that its type is usually written in. */
export function descriptorText({ nidt, nid }: NamespaceDescriptor): string {
  if (nidt === NIDT.uuid) return formatUuid(nid);
  const [code = 0] = nid;
  return nidt === NIDT.csi ? COMMAND_SET_NAMES[code] ?? `command set 0x${toHex(nid)}` : toHex(nid);
}

/** The name of an identifier's type. */
export function descriptorTypeText({ nidt }: Pick<NamespaceDescriptor, "nidt">): string {
  return NIDT_NAMES[nidt] ?? `type ${nidt}`;
}

/** The identifier for a machine. */
export function descriptorJson(descriptor: NamespaceDescriptor): JsonObject {
  const { nidt, nid } = descriptor;
  return {
    nidt: { value: nidt, text: descriptorTypeText(descriptor) },
    nidl: nid.length,
    nid: nidt === NIDT.uuid ? formatUuid(nid) : toHex(nid),
  };
}
