// The UUID List (CNS 17h): which vendor's definitions a UUID Index selects.

import { array, at, bits, range, reserved, struct, u8 } from "../../layout/mod.ts";
import { formatUuid, uuid } from "./codecs.ts";

const LIST_ENTRIES = 127;

/** What keeps the place of a UUID that is no longer valid [BASE-2.1 §8.1.28.2]. */
const INVALID_UUID = "ffffffff-ffff-ffff-7fff-ffffffffffff";

/** A UUID List Entry. */
export const UuidEntry = struct("UUID List Entry", 32, "[BASE-2.1 §5.1.13.2.14, Fig. 321]", [
  at(
    0,
    0,
    "uleh",
    bits(u8, {
      idassoc: range(1, 0, "associated with", {
        names: { 0: "nobody", 1: "the PCI vendor", 2: "the PCI subsystem vendor" },
      }),
    }),
    "Header",
  ),
  reserved(1, 15),
  at(16, 31, "uuid", uuid, "UUID"),
]);

/** A decoded UUID List Entry. */
export type UuidEntry = ReturnType<typeof UuidEntry.decode>;

/** The UUID List: entries, zeros after the last. */
export const UuidList = struct("UUID List", 4096, "[BASE-2.1 §5.1.13.2.14, Fig. 320]", [
  reserved(0, 31),
  at(32, 4095, "entries", array(UuidEntry, LIST_ENTRIES), "UUIDs"),
]);

/** A decoded UUID List. */
export type UuidList = ReturnType<typeof UuidList.decode>;

/** A UUID with the index that commands select it by; index 0 selects none. */
export interface IndexedUuid {
  readonly index: number;
  readonly entry: UuidEntry;
  /** False for a place that is kept for a UUID that is gone. */
  readonly valid: boolean;
}

/** The UUIDs of a list: what stands before the first zero. */
export function listedUuids({ entries }: UuidList): readonly IndexedUuid[] {
  const end = entries.findIndex((entry) => entry.uuid.every((byte) => byte === 0));
  return (end < 0 ? entries : entries.slice(0, end)).map((entry, at) => ({
    index: at + 1,
    entry,
    valid: formatUuid(entry.uuid) !== INVALID_UUID,
  }));
}
