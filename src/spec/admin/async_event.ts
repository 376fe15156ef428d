// What an Asynchronous Event Request completes with: what happened, and which log page tells more.

import { at, hex, nameOf, type Names, range, struct, u32 } from "../../layout/mod.ts";
import { bits32 } from "../words.ts";

/** The types of events [BASE-2.1 §5.1.2, Fig. 147]. */
export const EVENT_TYPE = {
  error: 0,
  smart: 1,
  notice: 2,
  immediate: 3,
  oneShot: 4,
  commandSet: 6,
  vendor: 7,
} as const;

/** The names of the types. */
export const EVENT_TYPE_NAMES: Names = {
  [EVENT_TYPE.error]: "error",
  [EVENT_TYPE.smart]: "SMART / health",
  [EVENT_TYPE.notice]: "notice",
  [EVENT_TYPE.immediate]: "immediate",
  [EVENT_TYPE.oneShot]: "one shot",
  [EVENT_TYPE.commandSet]: "I/O command specific",
  [EVENT_TYPE.vendor]: "vendor specific",
};

/** An event. */
export interface AsyncEvent {
  /** One of EVENT_TYPE. */
  readonly type: number;
  /** What the specification calls asynchronous event information. */
  readonly information: number;
  readonly name: string;
  /** The log page that tells more, and whose reading clears the event; none for the others. */
  readonly lid?: number;
  readonly cite: string;
}

type Row = readonly [information: number, name: string, lid?: number];

function events<K extends string>(
  type: number,
  cite: string,
  rows: Readonly<Record<K, Row>>,
): Readonly<Record<K, AsyncEvent>> {
  const table: Partial<Record<K, AsyncEvent>> = {};
  for (const key in rows) {
    const [information, name, lid] = rows[key];
    table[key] = { type, information, name, cite, ...(lid === undefined ? {} : { lid }) };
  }
  return table as Record<K, AsyncEvent>;
}

/** Events by name, as `ASYNC_EVENTS.temperature`. */
export const ASYNC_EVENTS = {
  ...events(EVENT_TYPE.error, "[BASE-2.1 §5.1.2, Fig. 149]", {
    invalidDoorbell: [0x00, "write to an invalid doorbell", 0x01],
    invalidDoorbellValue: [0x01, "invalid doorbell value", 0x01],
    diagnosticFailure: [0x02, "diagnostic failure", 0x01],
    persistentError: [0x03, "persistent internal error", 0x01],
    transientError: [0x04, "transient internal error", 0x01],
    firmwareLoadError: [0x05, "firmware image load error", 0x01],
  }),
  ...events(EVENT_TYPE.smart, "[BASE-2.1 §5.1.2, Fig. 150]", {
    reliability: [0x00, "NVM subsystem reliability", 0x02],
    temperature: [0x01, "temperature threshold", 0x02],
    spare: [0x02, "spare below threshold", 0x02],
  }),
  ...events(EVENT_TYPE.notice, "[BASE-2.1 §5.1.2, Fig. 151]", {
    namespaceChanged: [0x00, "attached namespace attributes changed", 0x04],
    firmwareActivation: [0x01, "firmware activation starting", 0x03],
    telemetryChanged: [0x02, "telemetry log changed", 0x08],
    anaChanged: [0x03, "asymmetric namespace access changed", 0x0c],
    predictableLatency: [0x04, "predictable latency event aggregate log changed", 0x0b],
    lbaStatus: [0x05, "LBA status information alert", 0x0e],
    enduranceGroup: [0x06, "endurance group event aggregate log changed", 0x0f],
    reachabilityGroup: [0x07, "reachability group changed", 0x1a],
    reachabilityAssociation: [0x08, "reachability association changed", 0x1b],
    allocatedNamespaceChanged: [0x09, "allocated namespace attributes changed", 0x1c],
    zoneChanged: [0xef, "zone descriptor changed", 0xbf],
    discoveryChanged: [0xf0, "discovery log changed", 0x70],
    hostDiscoveryChanged: [0xf1, "host discovery log changed", 0x71],
    aveDiscoveryChanged: [0xf2, "AVE discovery log changed", 0x72],
    pullModelRequest: [0xf3, "pull model DDC request", 0x73],
  }),
  ...events(EVENT_TYPE.immediate, "[BASE-2.1 §5.1.2, Fig. 153]", {
    subsystemShutdown: [0x00, "NVM subsystem shutting down"],
    temperatureRecovered: [0x01, "temperature threshold hysteresis recovery"],
  }),
  ...events(EVENT_TYPE.oneShot, "[BASE-2.1 §5.1.2, Fig. 154]", {
    dataQueueTail: [0x00, "controller data queue tail pointer"],
    dataQueueFull: [0x01, "controller data queue full"],
  }),
  ...events(EVENT_TYPE.commandSet, "[BASE-2.1 §5.1.2, Fig. 152]", {
    reservation: [0x00, "reservation log page available", 0x80],
    sanitizeCompleted: [0x01, "sanitize completed", 0x81],
    sanitizeDeallocated: [0x02, "sanitize completed with unexpected deallocation", 0x81],
    sanitizeVerification: [0x03, "sanitize entered media verification", 0x81],
  }),
} as const;

const BY_CODE: ReadonlyMap<number, AsyncEvent> = new Map(
  Object.values(ASYNC_EVENTS).map((event) => [event.type << 8 | event.information, event]),
);

/** The event of a type and its information; undefined for one not listed. */
export function findAsyncEvent(type: number, information: number): AsyncEvent | undefined {
  return BY_CODE.get(type << 8 | information);
}

/** An event in words, known or not. */
export function asyncEventText(type: number, information: number): string {
  const hexadecimal = information.toString(16).toUpperCase().padStart(2, "0");
  return findAsyncEvent(type, information)?.name ??
    `${nameOf(EVENT_TYPE_NAMES, type)} event ${hexadecimal}h`;
}

/** Dwords 0 and 1 of the completion. */
export const AsyncEventResult = struct(
  "Asynchronous Event Request, completion dwords",
  8,
  "[BASE-2.1 §5.1.2, Fig. 147]",
  [
    at(
      0,
      3,
      "dw0",
      bits32({
        aet: range(2, 0, "event type", { names: EVENT_TYPE_NAMES }),
        aei: range(15, 8, "event information"),
        lpi: range(23, 16, "log page"),
      }),
      "Completion dword 0",
    ),
    at(4, 7, "evtsp", hex(u32), "Event specific parameter"),
  ],
);

/** Decoded dwords of the completion. */
export type AsyncEventResult = ReturnType<typeof AsyncEventResult.decode>;
