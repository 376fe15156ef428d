// The features whose value is a data structure.

import { at, bit, bits, range, reserved, struct, u16, u48, u8 } from "../../layout/mod.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import type { Machine } from "../machine.ts";
import { refuse } from "../refusal.ts";
import type { DataFeature } from "./feature.ts";

/** The Timestamp data structure. */
export const TimestampData = struct("Timestamp", 8, "[BASE-2.1 §5.1.25.1.7]", [
  at(0, 5, "timestamp", u48, "Milliseconds since 1970"),
  at(
    6,
    6,
    "attributes",
    bits(u8, {
      stopped: bit(0, "may have stopped counting"),
      origin: range(3, 1, "origin"),
    }),
    "Attributes",
  ),
  reserved(7, 7),
]);

/** The Host Behavior Support data structure. */
export const HostBehaviorData = struct("Host Behavior Support", 512, "[BASE-2.1 §5.1.25.1.14]", [
  at(0, 0, "acre", u8, "Advanced command retry"),
  at(1, 1, "etdas", u8, "Telemetry data area 4"),
  at(2, 2, "lbafee", u8, "LBA format extension"),
  at(3, 3, "hdisns", u8, "Dispersed namespaces"),
  at(4, 5, "cdfe", u16, "Copy descriptor formats"),
  reserved(6, 511),
]);

const TIMESTAMP_RANGE = 2 ** 48;

/** Timestamp [BASE-2.1 §5.1.25.1.7]: counts on from what the host set, or from the last reset. */
const Timestamp: DataFeature = {
  kind: "data",
  fid: 0x0e,
  scope: "controller",
  saveable: false,
  size: TimestampData.size,
  read({ controller, now }, which) {
    if (which === "default") return TimestampData.encode({});
    const { value, setAt, origin } = controller.timestamp;
    const timestamp = Math.floor(value + Math.max(0, now() - setAt)) % TIMESTAMP_RANGE;
    return TimestampData.encode({ timestamp, attributes: { origin } });
  },
  write({ controller, now }, bytes) {
    const { timestamp } = TimestampData.decode(bytes);
    controller.timestamp = { value: timestamp, setAt: now(), origin: 1 };
  },
};

/** Host Behavior Support [BASE-2.1 §5.1.25.1.14]. */
const HostBehavior: DataFeature = {
  kind: "data",
  fid: 0x16,
  scope: "controller",
  saveable: false,
  size: HostBehaviorData.size,
  read: ({ controller }, which) =>
    HostBehaviorData.encode(which === "default" ? {} : controller.hostBehavior),
  write({ controller }, bytes) {
    const { acre, etdas, lbafee, hdisns, cdfe } = HostBehaviorData.decode(bytes);
    if ([acre, etdas, lbafee, hdisns].some((value) => value > 1)) refuse(GENERIC.invalidField);
    controller.hostBehavior = { acre, etdas, lbafee, hdisns, cdfe };
  },
};

/** Whether the host has enabled formats beyond the sixteenth [NVM-1.1 §4.1.3.6.1]. */
export function formatsExtended(
  { controller, personality }: Pick<Machine, "controller" | "personality">,
): boolean {
  return personality.extendedFormats && controller.hostBehavior["lbafee"] === 1;
}

/** All of them. */
export const DATA_FEATURES: readonly DataFeature[] = [Timestamp, HostBehavior];
