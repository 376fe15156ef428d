// What Identify Controller says besides when the drive is reached over a fabric.

import type { IdentifyController } from "../../spec/identify/identify_controller.ts";
import { SubmissionEntry } from "../../spec/command.ts";
import { CompletionEntry } from "../../spec/completion.ts";
import { KEEP_ALIVE_GRANULARITY_MS } from "../feature/word_features.ts";
import type { Machine } from "../machine.ts";
import { largestQueue } from "../registers.ts";

type ControllerInput = Parameters<typeof IdentifyController.encode>[0];

/** Capsule sizes count 16 bytes, keep alive granularity 100 ms [BASE-2.1 §5.1.13.2.1, Fig. 312]. */
const CAPSULE_UNIT = 16;
const KEEP_ALIVE_UNIT_MS = 100;
const CONTROLLER_TYPE = { io: 1, discovery: 2 } as const;
/** A discovery controller of the subsystem that the host connected to. */
const DIRECT_DISCOVERY = 1;

/**
 * The fields of a drive that is served, instead of what it says of itself. Its host needs them,
 * also of a drive that is older than fabrics are.
 */
export function overFabrics(
  { drive, personality }: Machine,
  own: ControllerInput,
): ControllerInput {
  const { fabrics } = drive;
  if (!fabrics) return {};
  return {
    ctratt: { ...partsOf(own.ctratt), hids: true, tbkas: true },
    kas: KEEP_ALIVE_GRANULARITY_MS / KEEP_ALIVE_UNIT_MS,
    maxcmd: largestQueue(personality),
    // In the capsule at an offset, or in PDUs of its own; a longer buffer than needed does no harm.
    sgls: { sgls: 1, lldts: true, saos: true, tsdbds: true },
    subnqn: fabrics.subnqn,
    ioccsz: (SubmissionEntry.size + fabrics.inCapsuleBytes) / CAPSULE_UNIT,
    iorcsz: CompletionEntry.size / CAPSULE_UNIT,
    icdoff: 0,
    msdbd: 1,
    ofcs: { dcs: true },
    ...(fabrics.discovery ? DISCOVERY : { cntrltype: CONTROLLER_TYPE.io }),
  };
}

/** What is different where there are no namespaces and no I/O queues. */
const DISCOVERY: ControllerInput = {
  cntrltype: CONTROLLER_TYPE.discovery,
  dctype: DIRECT_DISCOVERY,
  oaes: { dlpcn: true },
  sqes: 0,
  cqes: 0,
};

function partsOf<T>(bits: T | number | undefined): Exclude<T, number> | { readonly value: number } {
  return typeof bits === "number" ? { value: bits } : (bits ?? { value: 0 }) as Exclude<T, number>;
}
