// The Persistent Event log page.

import { assertEquals } from "@std/assert";
import { ThermalExcursionEvent } from "../../../src/spec/log/event_data.ts";
import {
  encodePersistentEvent,
  encodePersistentEventLog,
  PersistentEventHeader,
  PersistentEventLog,
  PersistentEventPage,
} from "../../../src/spec/log/persistent_event.ts";
import { PERSISTENT_EVENT_IMAGE } from "../../golden/log/event_images.ts";
import { structureTests } from "../../support/structure.ts";
import { PERSISTENT_EVENT_LOG_WITNESS, PERSISTENT_EVENT_WITNESS } from "./event_witness.ts";
import { witnessTests } from "./witness.ts";

const TIME = { timestamp: 1_722_816_000_000, attributes: { value: 2, stopped: false, origin: 1 } };

const HEADER = {
  timestamp: TIME,
  powerOnHours: 10_000n,
  powerCycles: 42n,
  vendor: 0x1b36,
  subsystemVendor: 0x1b36,
  serialNumber: "SN1",
  modelNumber: "MODEL",
  subnqn: "nqn.x",
  generation: 7,
  supported: [0x01, 0x0d, 0xde],
};
const LENGTHS = { lid: 0x0d, eventCount: 2, length: 569n, revision: 3, headerLength: 492 };
const CONTEXT = { port: 2, portType: 1, existed: true };

structureTests(PersistentEventLog, {
  bytes: PERSISTENT_EVENT_IMAGE.subarray(0, 512),
  decoded: { ...HEADER, ...LENGTHS, context: { value: 0x50002, ...CONTEXT } },
  encoded: { ...HEADER, ...LENGTHS, context: CONTEXT },
});
witnessTests(PersistentEventLog, PERSISTENT_EVENT_LOG_WITNESS);

const EVENT = {
  type: 0x0d,
  revision: 1,
  headerLength: 21,
  controller: 1,
  timestamp: TIME,
  port: 2,
  vendorLength: 1,
  length: 3,
};
structureTests(PersistentEventHeader, {
  bytes: PERSISTENT_EVENT_IMAGE.subarray(512, 536),
  decoded: { ...EVENT, information: { value: 1, portType: 1 } },
  encoded: { ...EVENT, information: { portType: 1 } },
});
witnessTests(PersistentEventHeader, PERSISTENT_EVENT_WITNESS);

const LOG = PersistentEventPage.decode(PERSISTENT_EVENT_IMAGE);

Deno.test("PersistentEventPage.decode() parts the vendor's bytes from the event's", () => {
  assertEquals(
    LOG.events.map((
      { type, vendorInformation, data },
    ) => [type, [...vendorInformation], [...data]]),
    [[0x0d, [0x99], [5, 1]], [0xe5, [], [1, 2, 3, 4, 5, 6]]],
  );
});

Deno.test("encodePersistentEventLog() writes the golden page's header and first event", () => {
  const first = encodePersistentEvent({
    type: 0x0d,
    controller: 1,
    timestamp: TIME,
    portType: 1,
    port: 2,
    vendorInformation: Uint8Array.of(0x99),
    data: ThermalExcursionEvent.encode({ beyond: 5, threshold: 1 }),
  });
  const second = PERSISTENT_EVENT_IMAGE.slice(539);
  const page = encodePersistentEventLog({ ...HEADER, context: CONTEXT }, [first, second]);
  assertEquals(page, new Uint8Array(PERSISTENT_EVENT_IMAGE));
});

Deno.test("encodePersistentEvent() is of no port, and of its type's revision, unless told", () => {
  const revision = (type: number) =>
    PersistentEventHeader.decode(
      encodePersistentEvent({ type, controller: 0, timestamp: {}, data: new Uint8Array(0) }),
    );
  assertEquals([0x04, 0x05, 0x06, 0x08, 0x09].map((type) => revision(type).revision), [
    1,
    2,
    2,
    2,
    1,
  ]);
  assertEquals(revision(0x04).information.portType, 3);
});

Deno.test("PersistentEventPage.decode() stops at an event that is cut, empty or no event", () => {
  const count = (bytes: Uint8Array) => PersistentEventPage.decode(bytes).events.length;
  assertEquals(count(PERSISTENT_EVENT_IMAGE.subarray(0, 568)), 1);
  assertEquals(count(PERSISTENT_EVENT_IMAGE.subarray(0, 512)), 0);
  const short = PERSISTENT_EVENT_IMAGE.slice();
  short[539 + 2] = 20; // a header of 23 bytes
  assertEquals(count(short), 1);
  const none = PERSISTENT_EVENT_IMAGE.slice();
  none[539] = 0;
  assertEquals(count(none), 1);
});

Deno.test("PersistentEventPage.decode() goes by the lengths that newer headers state", () => {
  const newer = new Uint8Array(516 + 57);
  newer.set(PERSISTENT_EVENT_IMAGE.subarray(0, 512));
  newer.set(PERSISTENT_EVENT_IMAGE.subarray(512), 516);
  newer[18] = 0xf0; // four bytes more
  assertEquals(PersistentEventPage.decode(newer).events.map(({ type }) => type), [0x0d, 0xe5]);
});

Deno.test("PersistentEventPage finds its length in the header, and at least the header's", () => {
  assertEquals(PersistentEventPage.growth?.extent(PERSISTENT_EVENT_IMAGE), 569);
  assertEquals(PersistentEventPage.growth?.extent(new Uint8Array(512)), 512);
  assertEquals(PersistentEventPage.growth?.generation(PERSISTENT_EVENT_IMAGE), 7);
  assertEquals(PersistentEventPage.growth?.context?.joined(PERSISTENT_EVENT_IMAGE), true);
});

Deno.test("PersistentEventPage.table() lists events, unknown ones by their bytes", () => {
  assertEquals(PersistentEventPage.table?.(LOG), {
    columns: ["Time", "Controller", "Event", "Details"],
    rows: [
      [
        "2024-08-05 00:00:00.000Z",
        "1",
        "thermal excursion",
        "warning temperature reached, 5 K away",
      ],
      ["0 ms after a reset", "2", "unknown (0xe5)", "010203040506"],
    ],
    note: "2 events; of a reporting context that existed before, which --lsp 2 releases",
  });
});

Deno.test("PersistentEventPage.json() decodes known events and gives the bytes of others", () => {
  const { events, supported } = PersistentEventPage.json(LOG);
  assertEquals(supported, [0x01, 0x0d, 0xde]);
  const [first, second] = events as { type: unknown; data: unknown; vendor_information: unknown }[];
  assertEquals(first?.type, { value: 0x0d, text: "thermal excursion" });
  assertEquals(first?.vendor_information, "99");
  assertEquals(first?.data, {
    beyond: 5,
    threshold: { value: 1, text: "warning temperature reached" },
  });
  assertEquals(second?.data, "010203040506");
});
