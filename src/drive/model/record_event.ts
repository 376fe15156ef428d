// Enters an event in the drive's persistent event log.

import { encodePersistentEvent } from "../../spec/log/persistent_event.ts";
import type { Machine } from "../machine.ts";
import { EVENT_LOG_UNITS, EVENTS_KEPT, keepsEvents, timestampAt } from "./persistent_events.ts";
import { storeBytes } from "./stored_bytes.ts";

/**
 * Of the log, in base64, whose four characters stand for three bytes; the header takes a place too.
 */
const BYTES_KEPT = Math.floor((EVENT_LOG_UNITS * 65_536 - 512) * 4 / 3) - 4 * EVENTS_KEPT;

/** Enters an event, if the drive keeps any. Data longer than the log takes are cut off. */
export function recordEvent(machine: Machine, type: number, data: Uint8Array): void {
  const { state: { persistentEvents }, personality, controller, now } = machine;
  if (!keepsEvents(personality)) return;
  const event = encodePersistentEvent({
    type,
    controller: controller.id,
    timestamp: timestampAt(controller.timestamp, now()),
    data,
  });
  persistentEvents.events.unshift(storeBytes(event));
  let room = BYTES_KEPT;
  const kept = persistentEvents.events.findIndex((stored, at) => {
    room -= stored.length;
    return room < 0 || at === EVENTS_KEPT;
  });
  if (kept >= 0) persistentEvents.events.length = Math.max(1, kept);
}
