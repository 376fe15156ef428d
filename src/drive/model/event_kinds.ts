// The asynchronous events that there are: how a completion spells them, and which bit of
// Asynchronous Event Configuration a host turns them on with.

/** An event, as dword 0 of the completion has it [BASE-2.1 §5.1.2, Fig. 147]. */
export interface AsyncEvent {
  readonly type: number;
  readonly information: number;
  /** The log page that says more. Reading it makes room for the next event of the type. */
  readonly lid: number;
  /** Dword 1 of the completion [BASE-2.1 §5.1.2, Fig. 148]; zero when left out. */
  readonly parameter?: number;
}

/** Types of events [BASE-2.1 §5.1.2, Fig. 147]. */
export const EVENT_TYPE = {
  error: 0,
  smart: 1,
  notice: 2,
  immediate: 3,
  oneShot: 4,
  ioSpecific: 6,
  vendor: 7,
} as const;

const LOG = {
  error: 0x01,
  smart: 0x02,
  firmware: 0x03,
  changedNamespaces: 0x04,
  telemetryController: 0x08,
  ana: 0x0c,
  lbaStatus: 0x0e,
  enduranceAggregate: 0x0f,
  discovery: 0x70,
  reservation: 0x80,
  sanitize: 0x81,
} as const;

const { error, smart, notice, immediate, ioSpecific } = EVENT_TYPE;

/** Events by name [BASE-2.1 §5.1.2, Fig. 149], and the figures after it. */
export const EVENTS = {
  invalidDoorbellRegister: { type: error, information: 0x00, lid: LOG.error },
  invalidDoorbellValue: { type: error, information: 0x01, lid: LOG.error },
  diagnosticFailure: { type: error, information: 0x02, lid: LOG.error },
  persistentInternalError: { type: error, information: 0x03, lid: LOG.error },
  transientInternalError: { type: error, information: 0x04, lid: LOG.error },
  firmwareImageLoadError: { type: error, information: 0x05, lid: LOG.error },
  reliability: { type: smart, information: 0x00, lid: LOG.smart },
  temperature: { type: smart, information: 0x01, lid: LOG.smart },
  spare: { type: smart, information: 0x02, lid: LOG.smart },
  namespaceChanged: { type: notice, information: 0x00, lid: LOG.changedNamespaces },
  firmwareActivation: { type: notice, information: 0x01, lid: LOG.firmware },
  telemetryChanged: { type: notice, information: 0x02, lid: LOG.telemetryController },
  anaChanged: { type: notice, information: 0x03, lid: LOG.ana },
  lbaStatus: { type: notice, information: 0x05, lid: LOG.lbaStatus },
  enduranceGroup: { type: notice, information: 0x06, lid: LOG.enduranceAggregate },
  discoveryChanged: { type: notice, information: 0xf0, lid: LOG.discovery },
  subsystemShutdown: { type: immediate, information: 0x00, lid: 0 },
  hysteresisRecovery: { type: immediate, information: 0x01, lid: 0 },
  reservation: { type: ioSpecific, information: 0x00, lid: LOG.reservation },
  sanitizeCompleted: { type: ioSpecific, information: 0x01, lid: LOG.sanitize },
  sanitizeDeallocated: { type: ioSpecific, information: 0x02, lid: LOG.sanitize },
  sanitizeVerification: { type: ioSpecific, information: 0x03, lid: LOG.sanitize },
} as const satisfies Readonly<Record<string, AsyncEvent>>;

/** Bits of Asynchronous Event Configuration [BASE-2.1 §5.1.25.1.5, Fig. 391]. */
export const EVENT_BIT = {
  smart: 0x0000_00ff,
  namespaces: 1 << 8,
  firmware: 1 << 9,
  telemetry: 1 << 10,
  ana: 1 << 11,
  lbaStatus: 1 << 13,
  enduranceGroups: 1 << 14,
  shutdown: 1 << 15,
  hysteresis: 1 << 16,
  discovery: 0x8000_0000,
} as const;

/** The critical warnings that a SMART event stands for: spare; temperature; the other ones. */
const SMART_BITS: readonly number[] = [0xfc, 0x02, 0x01];

/** Notices with a bit of their own, by event information. */
const NOTICE_BITS: ReadonlyMap<number, number> = new Map([
  [0x00, EVENT_BIT.namespaces],
  [0x01, EVENT_BIT.firmware],
  [0x02, EVENT_BIT.telemetry],
  [0x03, EVENT_BIT.ana],
  [0x04, 1 << 12],
  [0x05, EVENT_BIT.lbaStatus],
  [0x06, EVENT_BIT.enduranceGroups],
  [0x07, 1 << 18],
  [0x08, 1 << 17],
  [0x09, 1 << 19],
  [0xef, 1 << 27],
  [0xf0, EVENT_BIT.discovery],
  [0xf1, 1 << 30],
  [0xf2, 1 << 29],
  [0xf3, 1 << 28],
]);

/** Whether a host with this configuration wants to hear of an event. */
export function isEnabled(configuration: number, { type, information }: AsyncEvent): boolean {
  const bits = enablingBits(type, information);
  return bits === undefined || (configuration & bits) !== 0;
}

/** The bits of which one has to be set; undefined for an event that cannot be turned off. */
function enablingBits(type: number, information: number): number | undefined {
  switch (type) {
    case EVENT_TYPE.smart:
      return SMART_BITS[information] ?? EVENT_BIT.smart;
    case EVENT_TYPE.notice:
      return NOTICE_BITS.get(information);
    case EVENT_TYPE.immediate:
      return [EVENT_BIT.shutdown, EVENT_BIT.hysteresis][information];
  }
}

/** Whether an event is said once and over with: nothing has to be read, no type is masked. */
export function isMomentary({ type }: AsyncEvent): boolean {
  return type === EVENT_TYPE.immediate || type === EVENT_TYPE.oneShot;
}

/** What an event is called: its name here, or its type and information. */
export function eventName({ type, information }: AsyncEvent): string {
  const known = Object.entries(EVENTS)
    .find(([, event]) => event.type === type && event.information === information);
  return known ? known[0] : `${type}/${information}`;
}
