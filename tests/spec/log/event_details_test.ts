// What persistent events tell.

import { assertEquals } from "@std/assert";
import { eventDetails } from "../../../src/spec/log/event_details.ts";
import { encodeHardwareError, encodeResetEvent } from "../../../src/spec/log/event_parts.ts";
import { EVENT_TYPE_NAMES } from "../../../src/spec/log/persistent_event.ts";
import * as image from "../../golden/log/event_images.ts";
import { SMART_IMAGE } from "../../golden/log/images.ts";
import { TELEMETRY_CONTROLLER_IMAGE, TELEMETRY_HOST_IMAGE } from "../../golden/log/later_images.ts";

const RESET = encodeResetEvent({
  revision: "1B",
  controllers: [{ controller: 1, firmware: 1 }, { controller: 2 }],
});

const TEXTS: readonly (readonly [number, Uint8Array, string])[] = [
  [0x01, SMART_IMAGE, "37 °C (310 K), spare 100 %, used 2 %"],
  [0x02, image.FIRMWARE_COMMIT_IMAGE, "1A to 1B, action 3, slot 2: Overlapping Range (01h/14h)"],
  [0x03, image.TIMESTAMP_CHANGE_IMAGE, "before: 1,500 ms after a reset"],
  [0x04, RESET, "firmware 1B, controller 1: firmware activated"],
  [
    0x05,
    encodeHardwareError({ code: 9, information: new Uint8Array(0) }),
    "controller fatal status",
  ],
  [0x06, image.CHANGE_NAMESPACE_IMAGE, "created namespace 3, 2048 blocks"],
  [0x07, image.FORMAT_START_IMAGE, "all namespaces, command dword 10 0x00000201"],
  [
    0x08,
    image.FORMAT_COMPLETION_IMAGE,
    "namespace 1, failed, some data changed: Internal Error (00h/06h)",
  ],
  [0x09, image.SANITIZE_START_IMAGE, "command dwords 10 and 11 0x00000002, 0x0000beef"],
  [0x0a, image.SANITIZE_COMPLETION_IMAGE, "last operation: completed, nothing written since"],
  [0x0b, image.SET_FEATURE_IMAGE, "feature 0Eh, 0x04030201, 4 bytes"],
  [0x0c, TELEMETRY_HOST_IMAGE, "host-initiated, generation 7"],
  [0x0c, TELEMETRY_CONTROLLER_IMAGE, "controller-initiated, generation 9"],
  [0x0d, image.THERMAL_EXCURSION_IMAGE, "warning temperature reached, 5 K away"],
  [0x0e, new Uint8Array(0), ""],
  [0xde, image.VENDOR_EVENT_IMAGE, "fan, -1"],
];

Deno.test("eventDetails() tells every type of event in one line, and as JSON", () => {
  for (const [type, data, text] of TEXTS) {
    const details = eventDetails(type, data);
    assertEquals(details?.text, text, EVENT_TYPE_NAMES[type as keyof typeof EVENT_TYPE_NAMES]);
    JSON.stringify(details?.json);
  }
});

Deno.test("eventDetails() knows every type that has a name but that of the TCG", () => {
  const told = new Set([...TEXTS.map(([type]) => type), 0xdf]);
  assertEquals(Object.keys(EVENT_TYPE_NAMES).map(Number).filter((type) => !told.has(type)), []);
});

Deno.test("eventDetails() leaves what it does not know, or what is too short, to its bytes", () => {
  assertEquals(eventDetails(0xdf, new Uint8Array(64)), undefined);
  assertEquals(eventDetails(0xe0, new Uint8Array(64)), undefined);
  for (const [type, data] of TEXTS) {
    if (data.length > 0 && type !== 0x04) {
      assertEquals(eventDetails(type, data.slice(1)), undefined);
    }
    assertEquals(eventDetails(type, data.slice(0, Math.min(1, data.length)))?.text ?? "", "");
  }
});

Deno.test("eventDetails() reads the information of hardware errors by their code", () => {
  const information = (code: number, bytes: Uint8Array) =>
    eventDetails(0x05, encodeHardwareError({ code, information: bytes }))?.json["information"];
  const losses = information(0x08, image.POWER_LOSS_IMAGE) as Record<string, unknown>;
  assertEquals(losses["losses"], 12);
  const group = information(0x07, image.ENDURANCE_WARNING_IMAGE) as Record<string, unknown>;
  assertEquals(group["group"], 2);
  const completion = information(0x0a, new Uint8Array(16)) as Record<string, unknown>;
  assertEquals(completion["sqid"], 0);
  assertEquals(information(0x06, Uint8Array.of(4)), "04");
  assertEquals(information(0x08, Uint8Array.of(4)), "04");
  assertEquals(information(0x44, Uint8Array.of(4)), "04");
});

Deno.test("eventDetails() of a deletion and of a format that went well", () => {
  const deletion = image.CHANGE_NAMESPACE_IMAGE.slice();
  deletion[0] = 1;
  assertEquals(eventDetails(0x06, deletion)?.text, "deleted namespace 3");
  const done = new Uint8Array(12);
  done[0] = 2;
  assertEquals(eventDetails(0x08, done)?.text, "namespace 2, done");
});
