// Asynchronous events: their codes, their names, and the log pages that tell more.

import { assert, assertEquals } from "@std/assert";
import {
  ASYNC_EVENTS,
  AsyncEventResult,
  asyncEventText,
  EVENT_TYPE,
  findAsyncEvent,
} from "../../../src/spec/admin/async_event.ts";
import { logPageInfo } from "../../../src/spec/log/names.ts";
import { parseCitation } from "../../../src/spec/references.ts";
import { dwordTests } from "../dwords.ts";

dwordTests(
  AsyncEventResult,
  "02 00 04 00 07",
  { dw0: { aet: 2, aei: 0, lpi: 4 }, evtsp: 7 },
  "spdk_nvme_async_event_completion; dword 1 has one source",
  "dw0@0:4 dw0.aet#0:3 dw0.aei#8:8 dw0.lpi#16:8 evtsp@4:4",
);

/** libnvme, enum nvme_ae_type and enum nvme_ae_info_*; type, information. */
const CODES = {
  invalidDoorbell: [0, 0],
  invalidDoorbellValue: [0, 1],
  diagnosticFailure: [0, 2],
  persistentError: [0, 3],
  transientError: [0, 4],
  firmwareLoadError: [0, 5],
  reliability: [1, 0],
  temperature: [1, 1],
  spare: [1, 2],
  namespaceChanged: [2, 0],
  firmwareActivation: [2, 1],
  telemetryChanged: [2, 2],
  anaChanged: [2, 3],
  predictableLatency: [2, 4],
  lbaStatus: [2, 5],
  enduranceGroup: [2, 6],
  discoveryChanged: [2, 0xf0],
  reservation: [6, 0],
  sanitizeCompleted: [6, 1],
  sanitizeDeallocated: [6, 2],
} as const;

Deno.test("ASYNC_EVENTS has libnvme's codes", () => {
  for (const [name, codes] of Object.entries(CODES)) {
    const { type, information } = ASYNC_EVENTS[name as keyof typeof CODES];
    assertEquals(`${type}:${information}`, codes.join(":"), name);
  }
});

Deno.test("ASYNC_EVENTS has no code twice, and cites documents that exist", () => {
  const codes = Object.values(ASYNC_EVENTS).map(({ type, information }) =>
    `${type}:${information}`
  );
  assertEquals(new Set(codes).size, codes.length);
  for (const { cite } of Object.values(ASYNC_EVENTS)) parseCitation(cite);
});

Deno.test("ASYNC_EVENTS point at log pages that have names", () => {
  for (const { name, lid } of Object.values(ASYNC_EVENTS)) {
    if (lid !== undefined) assert(logPageInfo(lid).title !== "", name);
  }
  assertEquals(logPageInfo(ASYNC_EVENTS.anaChanged.lid ?? 0).name, "ana");
  assertEquals(ASYNC_EVENTS.subsystemShutdown.lid, undefined);
});

Deno.test("findAsyncEvent() finds an event by its codes", () => {
  assertEquals(findAsyncEvent(EVENT_TYPE.smart, 1)?.name, "temperature threshold");
  assertEquals(findAsyncEvent(EVENT_TYPE.notice, 0xee), undefined);
  assertEquals(findAsyncEvent(5, 0), undefined);
});

Deno.test("asyncEventText() names what is unknown by its numbers", () => {
  assertEquals(asyncEventText(2, 3), "asymmetric namespace access changed");
  assertEquals(asyncEventText(2, 0xee), "notice event EEh");
  assertEquals(asyncEventText(5, 1), "unknown (0x05) event 01h");
});
