// Log page 0Dh: what happened to the drive, read out of a reporting context.

import {
  encodePersistentEventLog,
  EVENT_LOG_ACTION,
  PersistentEventLog,
} from "../../spec/log/persistent_event.ts";
import { GENERIC } from "../../spec/status/generic.ts";
import { subsystemNqn } from "../identify/identity.ts";
import type { Machine } from "../machine.ts";
import { powerOnHours } from "../model/health.ts";
import { EVENT, timestampAt } from "../model/persistent_events.ts";
import { storeBytes, storedBytes } from "../model/stored_bytes.ts";
import { refuse } from "../refusal.ts";
import type { DriveLogPage } from "./page.ts";

/** Where the context came from: an NVM subsystem port [BASE-2.1 §5.1.12.1.14, Fig. 226]. */
const SUBSYSTEM_PORT = 1;
/** Bytes 374 to 377: the reporting context information, and its bit for one that existed. */
const CONTEXT_BYTE = 376;
const EXISTED = 0x04;
const ACTION = 0x3;

/** Persistent Event [BASE-2.1 §5.1.12.1.14]; the log specific parameter says what to do. */
export const PersistentEventsPage: DriveLogPage = {
  lid: 0x0d,
  read(machine, request) {
    const { persistentEvents } = machine.state;
    const { context } = persistentEvents;
    switch (request.lsp & ACTION) {
      case EVENT_LOG_ACTION.establishAndRead:
        if (context) refuse(GENERIC.sequenceError);
        return establish(machine);
      case EVENT_LOG_ACTION.release:
        persistentEvents.context = null;
        return new Uint8Array(0);
      case EVENT_LOG_ACTION.establishAndReadHeader:
        return header(context ? joined(context.page) : establish(machine));
      default:
        return storedBytes((context ?? refuse(GENERIC.sequenceError)).page);
    }
  },
};

/** The log of now, which stays as it is until the context is released. */
function establish(machine: Machine): Uint8Array {
  const { state: { persistentEvents, counters }, personality, controller, now } = machine;
  persistentEvents.generation = (persistentEvents.generation + 1) & 0xffff;
  const page = encodePersistentEventLog({
    timestamp: timestampAt(controller.timestamp, now()),
    powerOnHours: BigInt(powerOnHours(machine)),
    powerCycles: BigInt(personality.health.powerCycles) + counters.powerCycles,
    vendor: personality.vendorId,
    subsystemVendor: personality.vendorId,
    serialNumber: personality.serial,
    modelNumber: personality.model,
    subnqn: subsystemNqn(personality),
    generation: persistentEvents.generation,
    context: { port: 0, portType: SUBSYSTEM_PORT },
    supported: Object.values(EVENT),
  }, persistentEvents.events.map(storedBytes));
  persistentEvents.context = { page: storeBytes(page) };
  return page;
}

function joined(stored: string): Uint8Array {
  const page = storedBytes(stored);
  page[CONTEXT_BYTE] = (page[CONTEXT_BYTE] ?? 0) | EXISTED;
  return page;
}

function header(page: Uint8Array): Uint8Array {
  return page.subarray(0, PersistentEventLog.size);
}
