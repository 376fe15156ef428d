// Lists of identifiers: namespaces, controllers, endurance groups.

import { array, at, hex, struct, u16, u32 } from "../../layout/mod.ts";

/** Namespace identifiers in one page. */
export const NAMESPACE_LIST_ENTRIES = 1024;
/** Controller or endurance group identifiers in one page. */
export const COUNTED_LIST_ENTRIES = 2047;

/** The Namespace List (CNS 02h, 07h, 10h, 1Ah): ascending, zeros after the last. */
export const NamespaceList = struct(
  "Namespace List",
  4096,
  "[BASE-2.1 §4.6.2, Fig. 138]",
  [at(0, 4095, "identifiers", array(u32, NAMESPACE_LIST_ENTRIES), "Namespace identifiers")],
);

/** A decoded Namespace List. */
export type NamespaceList = ReturnType<typeof NamespaceList.decode>;

/** The namespaces of a list: what stands before the first zero. */
export function listedNamespaces({ identifiers }: NamespaceList): readonly number[] {
  const end = identifiers.indexOf(0);
  return end < 0 ? identifiers : identifiers.slice(0, end);
}

/** The Controller List (CNS 12h, 13h): a count, then identifiers, ascending. */
export const ControllerList = struct(
  "Controller List",
  4096,
  "[BASE-2.1 §4.6.1, Fig. 137]",
  [
    at(0, 1, "numcids", u16, "Controllers"),
    at(2, 4095, "identifiers", array(hex(u16), COUNTED_LIST_ENTRIES), "Controller identifiers"),
  ],
);

/** A decoded Controller List. */
export type ControllerList = ReturnType<typeof ControllerList.decode>;

/** The controllers of a list; zero is a valid controller identifier. */
export function listedControllers({ numcids, identifiers }: ControllerList): readonly number[] {
  return identifiers.slice(0, numcids);
}

/** The bytes of a Controller List. Throws RangeError for more controllers than a page holds. */
export function encodeControllerList(controllers: readonly number[]): Uint8Array<ArrayBuffer> {
  return ControllerList.encode({ numcids: controllers.length, identifiers: controllers });
}

/** The Endurance Group List (CNS 19h): a count, then identifiers, ascending. */
export const EnduranceGroupList = struct(
  "Endurance Group List",
  4096,
  "[BASE-2.1 §5.1.13.2.16, Fig. 326]",
  [
    at(0, 1, "negids", u16, "Endurance groups"),
    at(2, 4095, "identifiers", array(u16, COUNTED_LIST_ENTRIES), "Endurance group identifiers"),
  ],
);

/** A decoded Endurance Group List. */
export type EnduranceGroupList = ReturnType<typeof EnduranceGroupList.decode>;

/** The endurance groups of a list. */
export function listedEnduranceGroups(
  { negids, identifiers }: EnduranceGroupList,
): readonly number[] {
  return identifiers.slice(0, negids);
}

/** The bytes of an Endurance Group List. Throws RangeError for more groups than a page holds. */
export function encodeEnduranceGroupList(groups: readonly number[]): Uint8Array<ArrayBuffer> {
  return EnduranceGroupList.encode({ negids: groups.length, identifiers: groups });
}
