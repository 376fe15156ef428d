// The Timestamp data structure, as log pages carry it: when something happened by a drive's clock.

import {
  at,
  bit,
  bits,
  type Codec,
  formatCount,
  range,
  reserved,
  struct,
  u48,
  u8,
} from "../../layout/mod.ts";

/** Where a timestamp comes from, by TSTMPO [BASE-2.1 §5.1.25.1.7, Fig. 396]. */
export const TIMESTAMP_ORIGIN_NAMES = {
  0: "since the last Controller Level Reset",
  1: "since 1970, as the host set it",
} as const;

const SET_BY_HOST = 1;

/** Milliseconds; people read a date and a time. */
const milliseconds: Codec<number> = { ...u48, text: (value) => formatInstant(value) };

/** The Timestamp data structure as Get Features gives it. */
export const Timestamp = struct("Timestamp", 8, "[BASE-2.1 §5.1.25.1.7, Fig. 396]", [
  at(0, 5, "timestamp", milliseconds, "Milliseconds"),
  at(
    6,
    6,
    "attributes",
    bits(u8, {
      stopped: bit(0, "the drive may have stopped counting"),
      origin: range(3, 1, "counted", { names: TIMESTAMP_ORIGIN_NAMES }),
    }),
    "Attributes",
  ),
  reserved(7, 7),
]);

/** A decoded Timestamp data structure. */
export type Timestamp = ReturnType<typeof Timestamp.decode>;

/** The date and time, or, where the host never set the clock, the time since the last reset. */
export function formatTimestamp({ timestamp, attributes }: Timestamp): string {
  if (attributes.origin === SET_BY_HOST) return formatInstant(timestamp);
  return `${formatCount(timestamp)} ms after a reset`;
}

/** Milliseconds since 1970 as date and time: `2024-08-05 12:00:00.000Z`. */
function formatInstant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("T", " ");
}
