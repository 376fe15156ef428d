// The data pointer of a command over NVMe/TCP: one SGL descriptor, of two kinds.

import { SGL_COMMAND_BUFFER, SGL_IN_CAPSULE, SglDescriptor } from "../../../tcp/pdu.ts";
import { SubmissionEntry } from "../../../spec/command.ts";
import { GENERIC } from "../../../spec/status/generic.ts";
import { Refusal } from "../../refusal.ts";

const FLAGS = SubmissionEntry.row("flags").first;
const SGL = SubmissionEntry.row("prp1").first;
const ADDRESS = SGL + SglDescriptor.row("address").first;
const LENGTH = SGL + SglDescriptor.row("length").first;
const IDENTIFIER = SGL + SglDescriptor.row("identifier").first;
/** PSDT 01b: an SGL, and no buffer for metadata [BASE-2.1 §4.1, Fig. 91]. */
const PSDT_SGL = 1;

/** Where a command's data is. */
export interface DataPointer {
  /** Bytes of the host's buffer. */
  readonly length: number;
  /** The data that came in the capsule. */
  readonly inCapsule?: Uint8Array;
  /** Why it makes no sense, if it does not. */
  readonly fault?: Refusal;
}

const NO_SGL: DataPointer = fault(
  0,
  new Refusal(GENERIC.invalidField, { location: FLAGS | 6 << 8 }),
);
const WRONG_TYPE: DataPointer = fault(
  0,
  new Refusal(GENERIC.sglType, { location: IDENTIFIER }),
);
const WRONG_LENGTH = new Refusal(GENERIC.sglDataLength, { location: LENGTH });
const WRONG_OFFSET = new Refusal(GENERIC.sglOffset, { location: ADDRESS });

/**
 * Reads the descriptor of the submission queue entry at `at`; `data` came in its capsule. Data is
 * in the capsule, or travels in PDUs of its own: nothing else is supported [TCP-1.1 §3.3.2].
 */
export function dataPointer(view: DataView, at: number, data: Uint8Array): DataPointer {
  if (view.getUint8(at + FLAGS) >>> 6 !== PSDT_SGL) return NO_SGL;
  const identifier = view.getUint8(at + IDENTIFIER);
  const length = view.getUint32(at + LENGTH, true);
  if (identifier === SGL_COMMAND_BUFFER) {
    return data.length === 0 ? { length } : fault(length, WRONG_LENGTH);
  }
  if (identifier !== SGL_IN_CAPSULE) return WRONG_TYPE;
  const offset = view.getUint32(at + ADDRESS, true);
  if (offset > data.length || view.getUint32(at + ADDRESS + 4, true) !== 0) {
    return fault(length, WRONG_OFFSET);
  }
  if (offset + length !== data.length) return fault(length, WRONG_LENGTH);
  return { length, inCapsule: offset === 0 ? data : data.subarray(offset) };
}

function fault(length: number, refusal: Refusal): DataPointer {
  return { length, fault: refusal };
}
