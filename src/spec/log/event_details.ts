// What an event of the persistent event log tells, in one line for people and in full for machines.

import { type JsonObject, nameOf, type Struct, toHex, TruncatedError } from "../../layout/mod.ts";
import { ALL_NAMESPACES } from "../command.ts";
import { CompletionEntry } from "../completion.ts";
import { formatOpcode } from "../opcode.ts";
import { decodeStatus, formatStatus } from "../status/status.ts";
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
  RESET_FIRMWARE_NAMES,
  SanitizeCompletionEvent,
  SanitizeStartEvent,
  THERMAL_THRESHOLD_NAMES,
  ThermalExcursionEvent,
  TimestampChangeEvent,
  VENDOR_DATA_NAMES,
} from "./event_data.ts";
import {
  decodeFeatureEvent,
  decodeHardwareError,
  decodeResetEvent,
  decodeVendorEvent,
  featureJson,
  type HardwareError,
  vendorText,
} from "./event_parts.ts";
import { SmartLog } from "./smart.ts";
import { TelemetryControllerLog, TelemetryHostLog } from "./telemetry.ts";
import { formatTimestamp } from "./timestamp.ts";

/** What an event tells. */
export interface EventDetails {
  /** One line. */
  readonly text: string;
  readonly json: JsonObject;
}

/** Hardware errors, by their code [BASE-2.1 §5.1.12.1.14.2.5, Fig. 236]. */
export const HARDWARE_ERROR_NAMES = {
  0x01: "PCIe correctable error",
  0x02: "PCIe uncorrectable non-fatal error",
  0x03: "PCIe uncorrectable fatal error",
  0x04: "PCIe link status changed",
  0x05: "PCIe link not active",
  0x06: "critical warning",
  0x07: "endurance group critical warning",
  0x08: "unexpected power loss",
  0x09: "controller fatal status",
  0x0a: "media or data integrity error",
  0x0b: "controller not ready in time",
} as const;

type Teller = (data: Uint8Array) => EventDetails | undefined;

/**
 * What an event's data tell, by event type; undefined for a type that is not known here, and for
 * data that do not have their type's layout.
 */
export function eventDetails(type: number, data: Uint8Array): EventDetails | undefined {
  try {
    return TELLERS[type]?.(data);
  } catch (error) {
    if (error instanceof TruncatedError) return undefined;
    throw error;
  }
}

/** The teller of an event whose data are one structure. */
function fixed<T extends object, I>(
  structure: Struct<T, I>,
  text: (value: T) => string,
): Teller {
  return (data) => {
    const value = structure.decode(data);
    return { text: text(value), json: structure.json(value) };
  };
}

function namespaceText(nsid: number): string {
  return nsid === ALL_NAMESPACES ? "all namespaces" : `namespace ${nsid}`;
}

const SMART = fixed(SmartLog, (log) => {
  const { compositeTemperature, availableSpare, percentageUsed, criticalWarning } = log;
  const field = SmartLog.row("compositeTemperature").codec.text(compositeTemperature);
  const warning = criticalWarning.value === 0
    ? ""
    : `, ${SmartLog.row("criticalWarning").codec.text(criticalWarning)}`;
  return `${field}, spare ${availableSpare} %, used ${percentageUsed} %${warning}`;
});

const FIRMWARE_COMMIT = fixed(FirmwareCommitEvent, (event) => {
  const { oldRevision, newRevision, action, slot, statusCodeType, statusCode } = event;
  const status = formatStatus(decodeStatus((statusCodeType & 0x7) << 8 | statusCode));
  return `${oldRevision} to ${newRevision}, action ${action}, slot ${slot}: ${status}`;
});

const TIMESTAMP_CHANGE = fixed(
  TimestampChangeEvent,
  ({ previous }) => `before: ${formatTimestamp(previous)}`,
);

const RESET: Teller = (data) => {
  const event = decodeResetEvent(data);
  if (!event) return undefined;
  const { revision, controllers } = event;
  const activations = controllers.filter(({ firmware }) => firmware !== 0)
    .map(({ controller, firmware }) =>
      `, controller ${controller}: ${nameOf(RESET_FIRMWARE_NAMES, firmware)}`
    );
  return {
    text: `firmware ${revision}${activations.join("")}`,
    json: { revision, controllers: controllers.map((entry) => ControllerReset.json(entry)) },
  };
};

/** The layouts of a hardware error's additional information, by its code. */
const INFORMATION: Readonly<Record<number, Struct<object, unknown>>> = {
  0x01: PcieErrorInformation,
  0x02: PcieErrorInformation,
  0x03: PcieErrorInformation,
  0x07: EnduranceWarningInformation,
  0x08: PowerLossInformation,
  0x0a: CompletionEntry,
  0x0b: ReadyTimeoutInformation,
};

const HARDWARE_ERROR: Teller = (data) => {
  const event = decodeHardwareError(data);
  if (!event) return undefined;
  const name = nameOf(HARDWARE_ERROR_NAMES, event.code);
  const information = informationJson(event);
  return {
    text: name,
    json: {
      ...HardwareErrorEvent.json({ code: event.code }),
      code: { value: event.code, text: name },
      information,
    },
  };
};

function informationJson({ code, information }: HardwareError): JsonObject | string {
  const structure = INFORMATION[code];
  if (!structure || information.length < structure.size) return toHex(information);
  return structure.json(structure.decode(information));
}

const CHANGE_NAMESPACE = fixed(ChangeNamespaceEvent, ({ cdw10, nsid, size }) => {
  const what = namespaceText(nsid);
  if (cdw10.select === 0) return `created ${what}, ${size} blocks`;
  return cdw10.select === 1 ? `deleted ${what}` : `operation ${cdw10.select} on ${what}`;
});

const FORMAT_START = fixed(
  FormatStartEvent,
  ({ nsid, cdw10 }) => `${namespaceText(nsid)}, command dword 10 ${hexDword(cdw10)}`,
);

const FORMAT_COMPLETION = fixed(FormatCompletionEvent, ({ nsid, formatStatus: result, status }) => {
  const outcome = result.error
    ? `failed, ${result.incomplete ? "some data changed" : "no data changed"}`
    : "done";
  const returned = status.status === 0 ? "" : `: ${formatStatus(decodeStatus(status.status))}`;
  return `${namespaceText(nsid)}, ${outcome}${returned}`;
});

const SANITIZE_START = fixed(
  SanitizeStartEvent,
  ({ cdw10, cdw11 }) => `command dwords 10 and 11 ${hexDword(cdw10)}, ${hexDword(cdw11)}`,
);

const SANITIZE_COMPLETION = fixed(
  SanitizeCompletionEvent,
  ({ status }) => SanitizeCompletionEvent.row("status").codec.text(status),
);

const SET_FEATURE: Teller = (data) => {
  const event = decodeFeatureEvent(data);
  if (!event) return undefined;
  const [cdw10 = 0, ...rest] = event.dwords;
  const values = rest.length === 0 ? "" : `, ${rest.map(hexDword).join(", ")}`;
  const memory = event.memory.length === 0 ? "" : `, ${event.memory.length} bytes`;
  return {
    text: `feature ${formatOpcode(cdw10 & 0xff)}${values}${memory}`,
    json: featureJson(event),
  };
};

const HOST_TELEMETRY = 0x07;

const TELEMETRY: Teller = (data) => {
  if (data[0] === HOST_TELEMETRY) {
    const header = TelemetryHostLog.decode(data);
    return {
      text: `host-initiated, generation ${header.hostGeneration}`,
      json: TelemetryHostLog.json(header),
    };
  }
  const header = TelemetryControllerLog.decode(data);
  return {
    text: `controller-initiated, generation ${header.controllerGeneration}`,
    json: TelemetryControllerLog.json(header),
  };
};

const THERMAL_EXCURSION = fixed(
  ThermalExcursionEvent,
  ({ beyond, threshold }) => `${nameOf(THERMAL_THRESHOLD_NAMES, threshold)}, ${beyond} K away`,
);

const VENDOR: Teller = (data) => {
  const parts = decodeVendorEvent(data);
  return parts && {
    text: parts.map(vendorText).join(", "),
    json: {
      descriptors: parts.map((part) => ({
        code: part.code,
        type: { value: part.type, text: nameOf(VENDOR_DATA_NAMES, part.type) },
        uuid_index: part.uuidIndex,
        text: vendorText(part),
        data: toHex(part.data),
      })),
    },
  };
};

const TELLERS: Readonly<Record<number, Teller>> = {
  0x01: SMART,
  0x02: FIRMWARE_COMMIT,
  0x03: TIMESTAMP_CHANGE,
  0x04: RESET,
  0x05: HARDWARE_ERROR,
  0x06: CHANGE_NAMESPACE,
  0x07: FORMAT_START,
  0x08: FORMAT_COMPLETION,
  0x09: SANITIZE_START,
  0x0a: SANITIZE_COMPLETION,
  0x0b: SET_FEATURE,
  0x0c: TELEMETRY,
  0x0d: THERMAL_EXCURSION,
  0x0e: () => ({ text: "", json: {} }),
  0xde: VENDOR,
};

function hexDword(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
