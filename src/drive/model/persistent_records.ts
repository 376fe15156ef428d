// The events of the persistent event log, one function each: what happened, and its data.

import { IdentifyNamespace } from "../../spec/identify/identify_namespace.ts";
import {
  ChangeNamespaceEvent,
  FirmwareCommitEvent,
  FormatCompletionEvent,
  FormatStartEvent,
  PowerLossInformation,
  SanitizeCompletionEvent,
  SanitizeStartEvent,
  ThermalExcursionEvent,
  TimestampChangeEvent,
} from "../../spec/log/event_data.ts";
import {
  encodeFeatureEvent,
  encodeHardwareError,
  encodeResetEvent,
} from "../../spec/log/event_parts.ts";
import { ADMIN_COMMANDS } from "../../spec/opcode.ts";
import { smartPage } from "../log/smart.ts";
import type { Machine } from "../machine.ts";
import type { Exchange } from "../pipeline/exchange.ts";
import { compositeTemperature, powerOnMs } from "./health.ts";
import { EVENT, keepsEvents, timestampAt } from "./persistent_events.ts";
import { recordEvent } from "./record_event.ts";

type Input<S extends { encode(value: never): unknown }> = Parameters<S["encode"]>[0];

const TIMESTAMP = 0x0e;
/** Features that hosts set so often, or that have events of their own, that they are left out. */
const QUIET_FEATURES: ReadonlySet<number> = new Set([TIMESTAMP, 0x0f]);
const NAMESPACE_DELETE = 1;
/** Command dwords of Set Features that an event has: 10 to 15. */
const FEATURE_DWORDS = 6;
const THRESHOLD = { warning: 0x01, critical: 0x02, normal: 0x88 } as const;

/** A Firmware Commit command that was carried out, or refused. */
export function recordFirmwareCommit(
  machine: Machine,
  event: Input<typeof FirmwareCommitEvent>,
): void {
  recordEvent(machine, EVENT.firmwareCommit, FirmwareCommitEvent.encode(event));
}

/** A format begins. */
export function recordFormatStart(machine: Machine, event: Input<typeof FormatStartEvent>): void {
  recordEvent(machine, EVENT.formatStart, FormatStartEvent.encode(event));
}

/** A format is over. */
export function recordFormatEnd(
  machine: Machine,
  event: Input<typeof FormatCompletionEvent>,
): void {
  recordEvent(machine, EVENT.formatCompletion, FormatCompletionEvent.encode(event));
}

/** A sanitize operation begins. */
export function recordSanitizeStart(
  machine: Machine,
  event: Input<typeof SanitizeStartEvent>,
): void {
  recordEvent(machine, EVENT.sanitizeStart, SanitizeStartEvent.encode(event));
}

/** A sanitize operation is over. */
export function recordSanitizeEnd(
  machine: Machine,
  event: Input<typeof SanitizeCompletionEvent>,
): void {
  recordEvent(machine, EVENT.sanitizeCompletion, SanitizeCompletionEvent.encode(event));
}

/** A telemetry page was created; the event has its header. */
export function recordTelemetry(machine: Machine, header: Uint8Array): void {
  recordEvent(machine, EVENT.telemetryCreate, header);
}

/** Hardware errors that the drive enters [BASE-2.1 §5.1.12.1.14.2.5, Fig. 235]. */
const HARDWARE_ERROR = { powerLoss: 0x08, controllerFatal: 0x09 } as const;

/** The power went away without a shutdown. */
export function recordPowerLoss(machine: Machine): void {
  const losses = machine.state.counters.unsafeShutdowns;
  recordHardwareError(machine, HARDWARE_ERROR.powerLoss, PowerLossInformation.encode({ losses }));
}

/** The controller reports a fatal error (CSTS.CFS). */
export function recordFatalStatus(machine: Machine): void {
  recordHardwareError(machine, HARDWARE_ERROR.controllerFatal, new Uint8Array(0));
}

function recordHardwareError(machine: Machine, code: number, information: Uint8Array): void {
  if (!keepsEvents(machine.personality)) return;
  recordEvent(machine, EVENT.hardwareError, encodeHardwareError({ code, information }));
}

/** Power came back, or a controller was reset: enters it with the health of the moment. */
export function recordReset(
  machine: Machine,
  { firmwareActivated }: { readonly firmwareActivated: boolean },
): void {
  if (!keepsEvents(machine.personality)) return;
  const { state, personality, controller, now } = machine;
  state.persistentEvents.timestamps[controller.id] = controller.timestamp;
  const data = encodeResetEvent({
    revision: state.firmwareUpdate.running,
    controllers: [{
      controller: controller.id,
      firmware: firmwareActivated ? 1 : 0,
      operations: { formatting: state.formats.length > 0 },
      powerCycle: Number(BigInt(personality.health.powerCycles) + state.counters.powerCycles),
      powerOnTime: BigInt(powerOnMs(machine)),
      timestamp: timestampAt(controller.timestamp, now()),
    }],
  });
  recordEvent(machine, EVENT.reset, data);
  recordEvent(machine, EVENT.smartSnapshot, smartPage(machine));
}

/** Enters what nobody reports: the first power-on, and temperatures beyond their thresholds. */
export function settlePersistentEvents(machine: Machine): void {
  const { personality, state: { persistentEvents } } = machine;
  if (!keepsEvents(personality)) return;
  if (!persistentEvents.begun) {
    persistentEvents.begun = true;
    recordReset(machine, { firmwareActivated: false });
  }
  const { warningK, criticalK } = personality.health;
  const kelvin = compositeTemperature(machine);
  const level = criticalK > 0 && kelvin >= criticalK
    ? 2
    : warningK > 0 && kelvin >= warningK
    ? 1
    : 0;
  if (level === persistentEvents.thermalLevel) return;
  persistentEvents.thermalLevel = level;
  const [threshold, limit] = level === 2
    ? [THRESHOLD.critical, criticalK]
    : level === 1
    ? [THRESHOLD.warning, warningK]
    : [THRESHOLD.normal, warningK];
  const beyond = Math.min(255, Math.abs(kelvin - limit));
  recordEvent(machine, EVENT.thermalExcursion, ThermalExcursionEvent.encode({ beyond, threshold }));
}

/** Enters what a command did, when it has succeeded: Set Features, Namespace Management. */
export function recordCommand(machine: Machine, exchange: Exchange): void {
  if (exchange.queue !== "admin" || exchange.result?.status !== 0) return;
  if (!keepsEvents(machine.personality)) return;
  switch (exchange.entry.opcode) {
    case ADMIN_COMMANDS.setFeatures.opcode:
      return recordFeature(machine, exchange);
    case ADMIN_COMMANDS.namespaceManagement.opcode:
      return recordNamespace(machine, exchange);
  }
}

function recordFeature(machine: Machine, { entry, payload, result }: Exchange): void {
  const fid = entry.cdw10 & 0xff;
  if (fid === TIMESTAMP) recordTimestamp(machine);
  if (QUIET_FEATURES.has(fid)) return;
  const { cdw10, cdw11, cdw12, cdw13, cdw14, cdw15 } = entry;
  const dwords = [cdw10, cdw11, cdw12, cdw13, cdw14, cdw15].slice(0, FEATURE_DWORDS);
  const memory = payload?.data ?? new Uint8Array(0);
  const completion = result?.dw0 ?? 0;
  recordEvent(machine, EVENT.setFeature, encodeFeatureEvent({ dwords, memory, completion }));
}

function recordTimestamp(machine: Machine): void {
  const { controller, state: { persistentEvents: { timestamps }, poweredOnAt }, now } = machine;
  const before = timestamps[controller.id] ?? { value: 0, setAt: poweredOnAt, origin: 0 };
  timestamps[controller.id] = controller.timestamp;
  const previous = timestampAt(before, now());
  const sinceReset = BigInt(Math.max(0, Math.floor(now() - poweredOnAt)));
  const data = TimestampChangeEvent.encode({ previous, sinceReset });
  recordEvent(machine, EVENT.timestampChange, data);
}

/** Identify Namespace starts as the data of a namespace's creation do [BASE-2.1 §5.1.21]. */
function recordNamespace(machine: Machine, { entry, payload, result }: Exchange): void {
  const select = entry.cdw10 & 0xf;
  const deletes = select === NAMESPACE_DELETE;
  const nsid = deletes ? entry.nsid : result?.dw0 ?? 0;
  const data = payload?.data;
  const given = !deletes && data && data.length >= IdentifyNamespace.size ? settingsOf(data) : {};
  recordEvent(
    machine,
    EVENT.changeNamespace,
    ChangeNamespaceEvent.encode({ cdw10: { select }, nsid, ...given }),
  );
}

function settingsOf(data: Uint8Array): Partial<Input<typeof ChangeNamespaceEvent>> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return {
    size: view.getBigUint64(0, true),
    capacity: view.getBigUint64(8, true),
    flbas: view.getUint8(26),
    dps: view.getUint8(29),
    nmic: view.getUint8(30),
    anaGroup: view.getUint32(92, true),
    nvmSet: view.getUint16(100, true),
    enduranceGroup: view.getUint16(102, true),
  };
}
