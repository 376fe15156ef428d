// How the dwords of features are laid out: bits in one dword or two.

import { at, type BitFields, struct } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** A feature that is one dword of bits. */
export function dword11<const F extends BitFields>(title: string, cite: string, fields: F) {
  return struct(`${title}, command dword 11`, 4, cite, [
    at(0, 3, "cdw11", bits32(fields), "Command dword 11"),
  ]);
}

/** A feature that is two dwords of bits. */
export function dwords11And12<const F extends BitFields, const G extends BitFields>(
  title: string,
  cite: string,
  first: F,
  second: G,
) {
  return struct(`${title}, command dwords`, 8, cite, [
    at(0, 3, "cdw11", bits32(first), "Command dword 11"),
    at(4, 7, "cdw12", bits32(second), "Command dword 12"),
  ]);
}

/** What Get Features answers in the completion. */
export function dword0<const F extends BitFields>(title: string, cite: string, fields: F) {
  return struct(`${title}, completion dword 0`, 4, cite, [
    at(0, 3, "dw0", bits32(fields), "Completion dword 0"),
  ]);
}
