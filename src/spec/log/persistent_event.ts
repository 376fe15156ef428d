// Log page 0Dh: what happened to the drive, newest first, kept across power cycles.

import {
  array,
  ascii,
  asciiz,
  at,
  bit,
  bits,
  byteCount,
  type Codec,
  coded,
  formatCount,
  hex,
  hours,
  type JsonObject,
  measured,
  nameOf,
  range,
  reserved,
  struct,
  toHex,
  u128,
  u16,
  u32,
  u64,
  u8,
} from "../../layout/mod.ts";
import {
  ChangeNamespaceEvent,
  ControllerReset,
  EnduranceWarningInformation,
  FirmwareCommitEvent,
  FormatCompletionEvent,
  FormatStartEvent,
  HardwareErrorEvent,
  PcieErrorInformation,
  PowerLossInformation,
  ReadyTimeoutInformation,
  ResetEventHeader,
  SanitizeCompletionEvent,
  SanitizeStartEvent,
  SetFeatureEvent,
  ThermalExcursionEvent,
  TimestampChangeEvent,
  VendorEventDescriptor,
} from "./event_data.ts";
import { eventDetails } from "./event_details.ts";
import { growingPage, isSet, type LogPage, type Table } from "./log_page.ts";
import { formatTimestamp, Timestamp } from "./timestamp.ts";

/** The types of events [BASE-2.1 §5.1.12.1.14.2, Fig. 229]. */
export const EVENT_TYPE_NAMES = {
  0x01: "SMART / health snapshot",
  0x02: "firmware commit",
  0x03: "timestamp change",
  0x04: "power-on or reset",
  0x05: "hardware error",
  0x06: "change namespace",
  0x07: "format start",
  0x08: "format completion",
  0x09: "sanitize start",
  0x0a: "sanitize completion",
  0x0b: "set feature",
  0x0c: "telemetry log created",
  0x0d: "thermal excursion",
  0x0e: "sanitize media verification",
  0xde: "vendor specific",
  0xdf: "TCG defined",
} as const;

/** The revision that each type's data have here; the others have 1. */
const EVENT_REVISIONS: Readonly<Record<number, number>> = { 0x05: 2, 0x06: 2, 0x08: 2 };

/** Which port an event is of [BASE-2.1 §5.1.12.1.14, Fig. 227]. */
export const EVENT_PORT_NAMES = {
  0: "not reported",
  1: "NVM subsystem port",
  2: "management endpoint",
  3: "no port",
} as const;

/** What a reporting context came from [BASE-2.1 §5.1.12.1.14, Fig. 226]. */
export const CONTEXT_PORT_NAMES = {
  0: "no context before",
  1: "NVM subsystem port",
  2: "management endpoint",
} as const;

/** What Get Log Page does, in the log specific parameter [BASE-2.1 §5.1.12.1.14, Fig. 225]. */
export const EVENT_LOG_ACTION = {
  read: 0,
  establishAndRead: 1,
  release: 2,
  establishAndReadHeader: 3,
} as const;

const EVENT_TYPES = 256;
const typeFlags = array(u8, EVENT_TYPES / 8);

/** A bit for each type of event; reads as the types whose bits are set, ascending. */
const eventTypes: Codec<readonly number[]> = {
  size: typeFlags.size,
  type: "256 bits",
  get(view, offset) {
    const flags = typeFlags.get(view, offset);
    return Array.from({ length: EVENT_TYPES }, (_, type) => type)
      .filter((type) => ((flags[type >>> 3] ?? 0) >>> (type & 7) & 1) === 1);
  },
  put(view, offset, types) {
    const flags = Array.from({ length: typeFlags.size }, () => 0);
    for (const type of types) flags[type >>> 3] = (flags[type >>> 3] ?? 0) | 1 << (type & 7);
    typeFlags.put(view, offset, flags);
  },
  text: (types) => types.map((type) => nameOf(EVENT_TYPE_NAMES, type)).join(", "),
  json: (types) => types,
};

/** The header of the Persistent Event log page. */
export const PersistentEventLog = struct(
  "Persistent Event",
  512,
  "[BASE-2.1 §5.1.12.1.14, Fig. 226]",
  [
    at(0, 0, "lid", hex(u8), "Log page identifier"),
    reserved(1, 3),
    at(4, 7, "eventCount", u32, "Events"),
    at(8, 15, "length", measured(u64, byteCount), "Bytes of the log page"),
    at(16, 16, "revision", u8, "Revision of the log"),
    reserved(17, 17),
    at(18, 19, "headerLength", u16, "Bytes of the header from byte 20 on"),
    at(20, 27, "timestamp", Timestamp, "Time of the reporting context"),
    at(28, 43, "powerOnHours", measured(u128, hours), "Power on hours"),
    at(44, 51, "powerCycles", u64, "Power cycles"),
    at(52, 53, "vendor", hex(u16), "PCI vendor"),
    at(54, 55, "subsystemVendor", hex(u16), "PCI subsystem vendor"),
    at(56, 75, "serialNumber", ascii(20), "Serial number"),
    at(76, 115, "modelNumber", ascii(40), "Model"),
    at(116, 371, "subnqn", asciiz(256), "NVM subsystem NQN"),
    at(372, 373, "generation", u16, "Generation", { since: "2.0" }),
    at(
      374,
      377,
      "context",
      bits(u32, {
        port: range(15, 0, "port"),
        portType: range(17, 16, "established by", { names: CONTEXT_PORT_NAMES }),
        existed: bit(18, "existed before"),
      }),
      "Reporting context",
      { since: "2.0" },
    ),
    reserved(378, 479),
    at(480, 511, "supported", eventTypes, "Supported events"),
  ],
);

/** What stands before the data of one event. */
export const PersistentEventHeader = struct(
  "Persistent Event Header",
  24,
  "[BASE-2.1 §5.1.12.1.14, Fig. 227]",
  [
    at(0, 0, "type", coded(u8, EVENT_TYPE_NAMES), "Event type"),
    at(1, 1, "revision", u8, "Revision of the type"),
    at(2, 2, "headerLength", u8, "Bytes of the header from byte 3 on"),
    at(
      3,
      3,
      "information",
      bits(u8, { portType: range(1, 0, "port", { names: EVENT_PORT_NAMES }) }),
      "Header information",
      { since: "2.0" },
    ),
    at(4, 5, "controller", hex(u16), "Controller"),
    at(6, 13, "timestamp", Timestamp, "Time"),
    at(14, 15, "port", u16, "Port", { since: "2.0" }),
    reserved(16, 19),
    at(20, 21, "vendorLength", u16, "Bytes of vendor information"),
    at(22, 23, "length", u16, "Bytes of vendor information and data"),
  ],
);

/** The lengths that the headers state do not count the bytes up to their own fields. */
const HEADER_LENGTH_FROM = 20;
const EVENT_HEADER_LENGTH_FROM = 3;

/** One event. */
export type PersistentEvent = ReturnType<typeof PersistentEventHeader.decode> & {
  /** What the vendor adds to the event. */
  readonly vendorInformation: Uint8Array;
  /** What `eventDetails` reads. */
  readonly data: Uint8Array;
};

/** A decoded Persistent Event log page. */
export type PersistentEventLog = ReturnType<typeof PersistentEventLog.decode> & {
  /** Those events that were read whole, in the log's order: newest first. */
  readonly events: readonly PersistentEvent[];
};

/** An event to encode; lengths follow from its data. */
export interface PersistentEventInput {
  /** A key of `EVENT_TYPE_NAMES`. */
  readonly type: number;
  readonly controller: number;
  readonly timestamp: Parameters<typeof Timestamp.encode>[0];
  /** A key of `EVENT_PORT_NAMES`; left out, the event is of no port. */
  readonly portType?: number;
  readonly port?: number;
  readonly vendorInformation?: Uint8Array;
  /** What the type's structure encodes. */
  readonly data: Uint8Array;
}

const NO_PORT = 3;

/** One event's bytes. Throws RangeError for more than 65,535 bytes of data. */
export function encodePersistentEvent(event: PersistentEventInput): Uint8Array<ArrayBuffer> {
  const { type, controller, timestamp, portType = NO_PORT, port = 0, data } = event;
  const { vendorInformation = new Uint8Array(0) } = event;
  const { size } = PersistentEventHeader;
  const length = vendorInformation.length + data.length;
  const bytes = new Uint8Array(size + length);
  bytes.set(PersistentEventHeader.encode({
    type,
    revision: EVENT_REVISIONS[type] ?? 1,
    headerLength: size - EVENT_HEADER_LENGTH_FROM,
    information: { portType },
    controller,
    timestamp,
    port,
    vendorLength: vendorInformation.length,
    length,
  }));
  bytes.set(vendorInformation, size);
  bytes.set(data, size + vendorInformation.length);
  return bytes;
}

/** The revision of the page that is written here [BASE-2.1 §5.1.12.1.14, Fig. 226]. */
const LOG_REVISION = 3;

/** The page: header and events, whose number and length follow from them. */
export function encodePersistentEventLog(
  header: Omit<
    Parameters<typeof PersistentEventLog.encode>[0],
    "lid" | "eventCount" | "length" | "revision" | "headerLength"
  >,
  events: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const { size } = PersistentEventLog;
  const length = events.reduce((sum, event) => sum + event.length, size);
  const page = new Uint8Array(length);
  page.set(PersistentEventLog.encode({
    ...header,
    lid: 0x0d,
    eventCount: events.length,
    length,
    revision: LOG_REVISION,
    headerLength: size - HEADER_LENGTH_FROM,
  }));
  let offset = size;
  for (const event of events) {
    page.set(event, offset);
    offset += event.length;
  }
  return page;
}

/** The page's value. Throws TruncatedError for bytes shorter than the header. */
function decodePersistentEventLog(page: Uint8Array): PersistentEventLog {
  const header = PersistentEventLog.decode(page);
  const events: PersistentEvent[] = [];
  let offset = Math.max(header.headerLength + HEADER_LENGTH_FROM, PersistentEventLog.size);
  while (
    events.length < header.eventCount && offset + PersistentEventHeader.size <= page.length
  ) {
    const event = PersistentEventHeader.decode(page.subarray(offset));
    const from = offset + event.headerLength + EVENT_HEADER_LENGTH_FROM;
    const data = from + Math.min(event.vendorLength, event.length);
    const end = from + event.length;
    // An event without a type or shorter than its own header is no event, nor is what follows.
    if (event.type === 0 || from < offset + PersistentEventHeader.size) break;
    if (end > page.length) break;
    events.push({
      ...event,
      vendorInformation: page.slice(from, data),
      data: page.slice(data, end),
    });
    offset = end;
  }
  return { ...header, events };
}

/** Log page 0Dh. It is read out of a reporting context, which is made for it and released. */
export const PersistentEventPage: LogPage<PersistentEventLog> = growingPage(PersistentEventLog, {
  lid: 0x0d,
  name: "persistent-event",
  aliases: ["persistent-event-log", "persistent-events", "pel"],
  since: "1.4",
  scope: "controller",
  parts: [
    PersistentEventHeader,
    FirmwareCommitEvent,
    TimestampChangeEvent,
    ResetEventHeader,
    ControllerReset,
    HardwareErrorEvent,
    PcieErrorInformation,
    EnduranceWarningInformation,
    PowerLossInformation,
    ReadyTimeoutInformation,
    ChangeNamespaceEvent,
    FormatStartEvent,
    FormatCompletionEvent,
    SanitizeStartEvent,
    SanitizeCompletionEvent,
    SetFeatureEvent,
    ThermalExcursionEvent,
    VendorEventDescriptor,
  ],
  supportedBy: ({ lpa }) => isSet(lpa, 4),
  growth: {
    extent: (page) =>
      Math.max(Number(PersistentEventLog.decode(page).length), PersistentEventLog.size),
    generation: (page) => PersistentEventLog.decode(page).generation,
    once: EVENT_LOG_ACTION.establishAndReadHeader,
    context: {
      establishOrJoin: EVENT_LOG_ACTION.establishAndReadHeader,
      establish: EVENT_LOG_ACTION.establishAndRead,
      join: EVENT_LOG_ACTION.read,
      release: EVENT_LOG_ACTION.release,
      joined: (page) => PersistentEventLog.decode(page).context.existed,
    },
  },
  decode: decodePersistentEventLog,
  json: eventLogJson,
  table: eventLogTable,
});

function eventLogJson(log: PersistentEventLog): JsonObject {
  return { ...PersistentEventLog.json(log), events: log.events.map(eventJson) };
}

function eventJson(event: PersistentEvent): JsonObject {
  const { type, data, vendorInformation } = event;
  return {
    ...PersistentEventHeader.json(event),
    vendor_information: toHex(vendorInformation),
    data: eventDetails(type, data)?.json ?? toHex(data),
  };
}

function eventLogTable(log: PersistentEventLog): Table {
  const { events, eventCount } = log;
  const count = events.length === eventCount
    ? `${formatCount(eventCount)} events`
    : `${formatCount(events.length)} of ${formatCount(eventCount)} events read`;
  const context = log.context.existed
    ? "; of a reporting context that existed before, which --lsp 2 releases"
    : "";
  return {
    columns: ["Time", "Controller", "Event", "Details"],
    rows: events.map(({ timestamp, controller, type, data }) => [
      formatTimestamp(timestamp),
      `${controller}`,
      nameOf(EVENT_TYPE_NAMES, type),
      eventDetails(type, data)?.text ?? toHex(data),
    ]),
    note: `${count}${context}`,
  };
}
