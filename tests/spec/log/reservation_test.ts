// The Reservation Notification log page.

import { assertEquals } from "@std/assert";
import { ReservationLog, ReservationPage } from "../../../src/spec/log/reservation.ts";
import { RESERVATION_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { RESERVATION_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const VALUE = { count: 12n, type: 3, available: 2, nsid: 5 };

structureTests(ReservationLog, { bytes: RESERVATION_IMAGE, decoded: VALUE, encoded: VALUE });
witnessTests(ReservationLog, RESERVATION_WITNESS);

Deno.test("ReservationPage names the notification; an empty page is none", () => {
  const json = ReservationPage.json(ReservationLog.decode(RESERVATION_IMAGE));
  assertEquals(json["type"], { value: 3, text: "reservation preempted" });
  const empty = ReservationPage.json(ReservationLog.decode(new Uint8Array(64)));
  assertEquals(empty["type"], { value: 0, text: "no notification" });
});
