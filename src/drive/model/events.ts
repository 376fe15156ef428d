// Asynchronous events: what the drive has to say to a host that waits for it.

import { currentValue } from "../feature/feature.ts";
import { AsyncEventConfiguration } from "../feature/word_features.ts";
import type { Machine } from "../machine.ts";
import { done } from "../pipeline/handler.ts";
import { type CriticalWarnings, criticalWarnings } from "./health.ts";

/** An event, as dword 0 of the completion has it [BASE-2.1 §5.1.2, Fig. 147]. */
export interface AsyncEvent {
  readonly type: number;
  readonly information: number;
  /** The log page that says more. Reading it makes room for the next event of the type. */
  readonly lid: number;
}

const SMART_TYPE = 1;
const NOTICE_TYPE = 2;
const SMART_LOG = 0x02;
const CHANGED_NAMESPACES_LOG = 0x04;
/** The bit of Asynchronous Event Configuration for changed namespaces. */
const NAMESPACE_NOTICES = 0x100;

/** Each critical warning: its bit, and the event information that announces it. */
const WARNINGS: readonly (readonly [keyof CriticalWarnings, bit: number, information: number])[] = [
  ["availableSpare", 0x01, 0x02],
  ["temperature", 0x02, 0x01],
  ["reliability", 0x04, 0x00],
  ["readOnly", 0x08, 0x00],
];

/** Announces what is new, as far as the host wants to hear it and is waiting. */
export function settleEvents(machine: Machine): void {
  if (machine.outstanding.asyncEvents.length === 0) return;
  const { controller } = machine;
  const enabled = currentValue(machine, AsyncEventConfiguration);
  const warnings = criticalWarnings(machine);
  for (const [warning, bit, information] of WARNINGS) {
    if (!warnings[warning]) controller.announcedWarnings &= ~bit;
    else if ((enabled & bit) !== 0 && (controller.announcedWarnings & bit) === 0) {
      if (announce(machine, { type: SMART_TYPE, information, lid: SMART_LOG })) {
        controller.announcedWarnings |= bit;
      }
    }
  }
  const changed = controller.changedNamespaces.length > 0 && !controller.announcedNamespaces;
  if (changed && (enabled & NAMESPACE_NOTICES) !== 0) {
    const event = { type: NOTICE_TYPE, information: 0x00, lid: CHANGED_NAMESPACES_LOG };
    controller.announcedNamespaces = announce(machine, event);
  }
}

/** A log page was read without retaining its event: events of its type may come again. */
export function clearEvents({ controller }: Machine, lid: number): void {
  if (lid === SMART_LOG) unmask(controller, SMART_TYPE);
  if (lid === CHANGED_NAMESPACES_LOG) {
    unmask(controller, NOTICE_TYPE);
    controller.announcedNamespaces = false;
    controller.changedNamespaces = [];
  }
}

/** Tells the host, unless an event of the type is still waiting for its log page to be read. */
function announce(machine: Machine, { type, information, lid }: AsyncEvent): boolean {
  const [waiting] = machine.outstanding.asyncEvents;
  if (!waiting || machine.controller.maskedEvents.includes(type)) return false;
  machine.controller.maskedEvents.push(type);
  machine.outstanding.finish(waiting, done(type | (information << 8) | (lid << 16)));
  return true;
}

function unmask(controller: Machine["controller"], type: number): void {
  controller.maskedEvents = controller.maskedEvents.filter((masked) => masked !== type);
}
