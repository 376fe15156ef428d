// The Timestamp data structure.

import { assertEquals } from "@std/assert";
import { formatTimestamp, Timestamp } from "../../../src/spec/log/timestamp.ts";
import { TIMESTAMP_BYTES } from "../../golden/log/later_images.ts";
import { page } from "../../golden/log/page.ts";
import { structureTests } from "../../support/structure.ts";
import { TIMESTAMP_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

structureTests(Timestamp, {
  bytes: page(8, { 0: TIMESTAMP_BYTES }),
  decoded: {
    timestamp: 1_722_816_000_000,
    attributes: { value: 0x02, stopped: false, origin: 1 },
  },
  encoded: { timestamp: 1_722_816_000_000, attributes: { origin: 1 } },
});

witnessTests(Timestamp, TIMESTAMP_WITNESS);

Deno.test("formatTimestamp() gives a date only where the host has set the clock", () => {
  const set = Timestamp.decode(page(8, { 0: TIMESTAMP_BYTES }));
  assertEquals(formatTimestamp(set), "2024-08-05 00:00:00.000Z");
  const reset = { ...set, timestamp: 1500, attributes: { ...set.attributes, origin: 0 } };
  assertEquals(formatTimestamp(reset), "1,500 ms after a reset");
});
