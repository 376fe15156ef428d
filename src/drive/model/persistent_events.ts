// The memory of the persistent event log: what happened to the drive, kept across power cycles.

import type { Personality } from "../personality.ts";
import type { TimestampState } from "../state.ts";

/** Types of events [BASE-2.1 §5.1.12.1.14.2, Fig. 229]. */
export const EVENT = {
  smartSnapshot: 0x01,
  firmwareCommit: 0x02,
  timestampChange: 0x03,
  reset: 0x04,
  hardwareError: 0x05,
  changeNamespace: 0x06,
  formatStart: 0x07,
  formatCompletion: 0x08,
  sanitizeStart: 0x09,
  sanitizeCompletion: 0x0a,
  setFeature: 0x0b,
  telemetryCreate: 0x0c,
  thermalExcursion: 0x0d,
} as const;

/** Events that the drive keeps; older ones are forgotten. */
export const EVENTS_KEPT = 256;

/** PELS: units of 64 KiB that the log takes at most. */
export const EVENT_LOG_UNITS = 2;
const PERSISTENT_EVENTS = 0x0d;

/** What a host reads the log out of: the log as it was when the context was established. */
export interface ReportingContext {
  /** The page, in base64. */
  readonly page: string;
}

/** The log's memory. */
export interface PersistentEvents {
  /** Whole events in base64, newest first. */
  events: string[];
  /** Counts the contexts that were established. */
  generation: number;
  context: ReportingContext | null;
  /** The first power-on has been entered. */
  begun: boolean;
  /** The composite temperature when somebody last looked: 0 normal, 1 warning, 2 critical. */
  thermalLevel: number;
  /** The Timestamp of each controller before it was last set, by controller identifier. */
  timestamps: Record<string, TimestampState>;
}

/** The log of a new drive: without events, but for those of its past. */
export function initialPersistentEvents({ history }: Personality): PersistentEvents {
  return {
    events: [...history?.events ?? []],
    generation: 0,
    context: null,
    begun: false,
    thermalLevel: 0,
    timestamps: {},
  };
}

/** Whether a drive of this kind keeps the log. */
export function keepsEvents({ logs }: Personality): boolean {
  return logs.includes(PERSISTENT_EVENTS);
}

/** A controller's Timestamp at some time, as events carry it [BASE-2.1 §5.1.25.1.7]. */
export function timestampAt(
  { value, setAt, origin }: TimestampState,
  at: number,
): { readonly timestamp: number; readonly attributes: { readonly origin: number } } {
  const timestamp = Math.floor(value + Math.max(0, at - setAt)) % 2 ** 48;
  return { timestamp, attributes: { origin } };
}
