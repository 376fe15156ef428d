// Log page 80h: the oldest reservation notification that nobody has read yet.

import { at, coded, except, reserved, struct, u32, u64, u8 } from "../../layout/mod.ts";
import { fixedPage, isSet, type LogPage } from "./log_page.ts";

/** What happened to a reservation or registration [BASE-2.1 §5.1.12.1.32, Fig. 290]. */
export const RESERVATION_NOTIFICATION_NAMES = {
  0: "no notification",
  1: "registration preempted",
  2: "reservation released",
  3: "reservation preempted",
} as const;

/** The Reservation Notification log page; all zero where there is no notification. */
export const ReservationLog = struct(
  "Reservation Notification",
  64,
  "[BASE-2.1 §5.1.12.1.32, Fig. 290]",
  [
    at(0, 7, "count", u64, "Notification"),
    at(8, 8, "type", coded(u8, RESERVATION_NOTIFICATION_NAMES), "Type"),
    at(9, 9, "available", except(u8, 0xff, "255 or more"), "Further notifications"),
    reserved(10, 11),
    at(12, 15, "nsid", u32, "Namespace"),
    reserved(16, 63),
  ],
);

/** A decoded Reservation Notification log page. */
export type ReservationLog = ReturnType<typeof ReservationLog.decode>;

/** Log page 80h. Reading it takes the notification out of the queue. */
export const ReservationPage: LogPage<ReservationLog> = fixedPage(ReservationLog, {
  lid: 0x80,
  name: "reservation",
  aliases: ["resv-notif-log", "reservation-notification"],
  since: "1.1",
  scope: "controller",
  supportedBy: ({ oncs }) => isSet(oncs, 5),
  json: (log) => ReservationLog.json(log),
});
