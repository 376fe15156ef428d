// Asynchronous events: what the drive has to say to a host that waits for it.
//
// Most events happen: they are raised, and wait in a queue until there is a request to answer. Two
// are conditions instead, critical warnings and changed namespaces, which are looked at anew
// whenever somebody listens.

import { currentValue } from "../feature/feature.ts";
import { AsyncEventConfiguration } from "../feature/async_event.ts";
import type { Machine, Subsystem } from "../machine.ts";
import { tellTap } from "../tap/tell.ts";
import { type AsyncEvent, eventName, EVENTS, isEnabled, isMomentary } from "./event_kinds.ts";
import { type CriticalWarnings, criticalWarnings } from "./health.ts";

/** Different events that a controller keeps for a host that is not listening. */
const MOST_PENDING = 64;

/** Each critical warning: its bit, and the event that announces it. */
const WARNINGS: readonly (readonly [keyof CriticalWarnings, bit: number, event: AsyncEvent])[] = [
  ["availableSpare", 0x01, EVENTS.spare],
  ["temperature", 0x02, EVENTS.temperature],
  ["reliability", 0x04, EVENTS.reliability],
  ["readOnly", 0x08, EVENTS.reliability],
];

/**
 * Something happened that the hosts of all controllers may want to hear of, whichever of them (or
 * the drive itself) is given.
 */
export function raiseEvent(where: Subsystem | Pick<Machine, "drive">, event: AsyncEvent): void {
  const drive = "drive" in where ? where.drive : where;
  for (const machine of drive.controllers) raiseControllerEvent(machine, event);
}

/**
 * Something happened that concerns one controller. Its host hears of it if it has enabled events of
 * this kind, now or with its next request; of equal events only once [BASE-2.1 §5.1.2].
 */
export function raiseControllerEvent(machine: Machine, event: AsyncEvent): void {
  const { pendingEvents } = machine.controller;
  if (!isEnabled(configurationOf(machine), event)) return;
  if (isMomentary(event) && machine.outstanding.asyncEvents.length === 0) return;
  const known = pendingEvents.some((other) => isSame(other, event));
  if (!known && pendingEvents.length < MOST_PENDING) pendingEvents.push({ ...event });
  settleEvents(machine);
}

/** Announces what is new, as far as the host wants to hear it and is waiting. */
export function settleEvents(machine: Machine): void {
  if (machine.outstanding.asyncEvents.length === 0) return;
  settlePending(machine);
  settleWarnings(machine);
  settleNamespaces(machine);
}

/** Announces what is new at every controller: what one of them did may concern the others. */
export function settleAllEvents({ controllers }: Pick<Subsystem, "controllers">): void {
  for (const machine of controllers) settleEvents(machine);
}

/** A log page was read without retaining its event: events of its type may come again. */
export function clearEvents({ controller }: Pick<Machine, "controller">, lid: number): void {
  controller.maskedEvents = controller.maskedEvents.filter((masked) => masked.lid !== lid);
  controller.pendingEvents = controller.pendingEvents.filter((event) => event.lid !== lid);
  if (lid === EVENTS.namespaceChanged.lid) {
    controller.announcedNamespaces = false;
    controller.changedNamespaces = [];
  }
}

/** Forgets what was to be said: a Controller Level Reset [BASE-2.1 §5.1.2]. */
export function forgetEvents({ controller }: Pick<Machine, "controller">): void {
  controller.announcedWarnings = 0;
  controller.announcedNamespaces = false;
  controller.maskedEvents = [];
  controller.pendingEvents = [];
}

function settlePending(machine: Machine): void {
  const { controller } = machine;
  const configuration = configurationOf(machine);
  for (const event of [...controller.pendingEvents]) {
    const enabled = isEnabled(configuration, event);
    if (enabled && !canAnnounce(machine, event)) continue;
    // Announcing looks for events again, and must not find this one.
    const others = controller.pendingEvents.filter((other) => !isSame(other, event));
    const found = others.length < controller.pendingEvents.length;
    controller.pendingEvents = others;
    if (enabled && found) announce(machine, event);
  }
}

/** Each warning is announced when it begins; again only after it was over. */
function settleWarnings(machine: Machine): void {
  const { controller } = machine;
  const configuration = configurationOf(machine);
  const warnings = criticalWarnings(machine);
  for (const [warning, bit, event] of WARNINGS) {
    if (!warnings[warning]) controller.announcedWarnings &= ~bit;
    else if ((configuration & bit) !== 0 && (controller.announcedWarnings & bit) === 0) {
      if (announce(machine, event)) controller.announcedWarnings |= bit;
    }
  }
}

function settleNamespaces(machine: Machine): void {
  const { controller } = machine;
  if (controller.changedNamespaces.length === 0 || controller.announcedNamespaces) return;
  const event = EVENTS.namespaceChanged;
  if (!isEnabled(configurationOf(machine), event)) return;
  controller.announcedNamespaces = announce(machine, event);
}

/** Somebody waits, and no event of the type still waits for its log page to be read. */
function canAnnounce({ controller, outstanding }: Machine, { type }: AsyncEvent): boolean {
  return outstanding.asyncEvents.length > 0 &&
    !controller.maskedEvents.some((masked) => masked.type === type);
}

/** Tells the host, if that can be; whether it was. */
function announce(machine: Machine, event: AsyncEvent): boolean {
  const { type, information, lid, parameter = 0 } = event;
  const [waiting] = machine.outstanding.asyncEvents;
  if (!waiting || !canAnnounce(machine, event)) return false;
  if (!isMomentary(event)) machine.controller.maskedEvents.push({ type, information, lid });
  tellTap(machine, "nvme:aer:writeback", eventName(event), { type, information, lid });
  const dw0 = type | (information << 8) | (lid << 16);
  machine.outstanding.finish(waiting, { kind: "done", dw0, dw1: parameter });
  return true;
}

function configurationOf(machine: Machine): number {
  return currentValue(machine, AsyncEventConfiguration);
}

function isSame(one: AsyncEvent, other: AsyncEvent): boolean {
  return one.type === other.type && one.information === other.information &&
    one.lid === other.lid && (one.parameter ?? 0) === (other.parameter ?? 0);
}
