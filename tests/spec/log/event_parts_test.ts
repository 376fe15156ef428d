// Persistent events whose data are a structure with more behind it.

import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeFeatureEvent,
  decodeHardwareError,
  decodeResetEvent,
  decodeVendorEvent,
  encodeFeatureEvent,
  encodeHardwareError,
  encodeResetEvent,
  encodeVendorEvent,
  vendorText,
} from "../../../src/spec/log/event_parts.ts";
import {
  CONTROLLER_RESET_IMAGE,
  SET_FEATURE_IMAGE,
  VENDOR_EVENT_IMAGE,
} from "../../golden/log/event_images.ts";

Deno.test("encodeResetEvent() lists its controllers behind a revision padded with spaces", () => {
  const data = encodeResetEvent({ revision: "1B", controllers: [{ controller: 7 }, {}] });
  assertEquals(data.length, 8 + 2 * 36);
  assertEquals([...data.subarray(0, 10)], [0x31, 0x42, 32, 32, 32, 32, 32, 32, 7, 0]);
  const event = decodeResetEvent(data);
  assertEquals(event?.revision, "1B");
  assertEquals(event?.controllers.map(({ controller }) => controller), [7, 0]);
  assertThrows(() => encodeResetEvent({ revision: "123456789", controllers: [] }), RangeError);
});

Deno.test("decodeResetEvent() leaves out half a controller, and needs a revision", () => {
  const data = new Uint8Array([...new Uint8Array(8), ...CONTROLLER_RESET_IMAGE]);
  assertEquals(decodeResetEvent(data)?.controllers.length, 1);
  assertEquals(decodeResetEvent(data.subarray(0, 40))?.controllers.length, 0);
  assertEquals(decodeResetEvent(data.subarray(0, 7)), undefined);
});

Deno.test("encodeHardwareError() and decodeHardwareError() keep the information as it is", () => {
  const error = { code: 6, information: Uint8Array.of(4) };
  assertEquals([...encodeHardwareError(error)], [6, 0, 0, 0, 4]);
  assertEquals(decodeHardwareError(encodeHardwareError(error)), error);
  assertEquals(decodeHardwareError(new Uint8Array(3)), undefined);
});

Deno.test("encodeFeatureEvent() and decodeFeatureEvent() agree with the golden event", () => {
  const event = {
    dwords: [0x0e, 0x04030201],
    memory: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd),
    completion: 5,
  };
  assertEquals(encodeFeatureEvent(event), new Uint8Array(SET_FEATURE_IMAGE));
  assertEquals(decodeFeatureEvent(SET_FEATURE_IMAGE), event);
  const bare = { dwords: [0x06, 1], memory: new Uint8Array(0) };
  assertEquals(decodeFeatureEvent(encodeFeatureEvent(bare)), bare);
});

Deno.test("decodeFeatureEvent() gives nothing for data shorter than they say", () => {
  assertEquals(decodeFeatureEvent(SET_FEATURE_IMAGE.subarray(0, 19)), undefined);
  assertEquals(decodeFeatureEvent(new Uint8Array(3)), undefined);
});

Deno.test("encodeVendorEvent() and decodeVendorEvent() agree with the golden event", () => {
  const parts = [
    { code: 0x1001, type: 1, uuidIndex: 2, data: Uint8Array.of(0x66, 0x61, 0x6e, 0) },
    { code: 0x1002, type: 4, uuidIndex: 2, data: new Uint8Array(8).fill(0xff) },
  ];
  assertEquals(encodeVendorEvent(parts), new Uint8Array(VENDOR_EVENT_IMAGE));
  assertEquals(decodeVendorEvent(VENDOR_EVENT_IMAGE), parts);
  assertEquals(parts.map(vendorText), ["fan", "-1"]);
  assertEquals(decodeVendorEvent(new Uint8Array(0)), []);
});

Deno.test("decodeVendorEvent() gives nothing for bytes that are no whole descriptors", () => {
  assertEquals(decodeVendorEvent(VENDOR_EVENT_IMAGE.subarray(0, 9)), undefined);
  assertEquals(decodeVendorEvent(VENDOR_EVENT_IMAGE.subarray(0, 12)), undefined);
});

Deno.test("vendorText() shows bytes of another type in hexadecimal", () => {
  assertEquals(
    vendorText({ code: 1, type: 3, uuidIndex: 0, data: Uint8Array.of(0xab, 1) }),
    "ab01",
  );
  assertEquals(vendorText({ code: 1, type: 4, uuidIndex: 0, data: Uint8Array.of(1) }), "01");
});
